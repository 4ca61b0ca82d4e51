#pragma once
// The ports of the loop, and the state that its parts share.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/loop/clock.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/loop/journal.hpp"
#include "agent/loop/pulse.hpp"
#include "agent/loop/turns.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/race.hpp"

namespace evenkeel::loop {

class BalancerHold;

// The ports through which the loop touches the world.
struct Parts {
  milvus::Coordinator& coordinator;
  scrape::Scraper& scraper;
  Clock& clock;
  Journal* journal = nullptr;    // null: the agent forgets everything at its end
  BalancerHold* hold = nullptr;  // by etcd; null: Milvus's own balancer is not held off by that
  Turns* turns = nullptr;        // null: no other agent acts on this cluster
};

// State shared by the parts of the loop. Only the loop's thread uses it.
struct Context {
  Context(const asio::any_io_executor& executor, Parts the_parts, settings::Settings the_settings,
          bool is_dry_run)
      : parts(the_parts),
        settings(std::move(the_settings)),
        dry_run(is_dry_run),
        stopping(executor),
        resigned(executor),
        started(parts.clock.now()) {}

  Parts parts;
  settings::Settings settings;  // a reload replaces them
  bool dry_run;
  Event stopping;
  Event resigned;  // its turn is given up, or as good as
  rules::TimePoint started;
  // Holds Milvus's own balancer off if `holds`, and ends what an earlier run has left; set by the
  // agent.
  BalancerHold* hold = nullptr;
  bool holds = false;
  std::optional<Progress> progress;  // while a round makes moves
  bool holding = false;              // the hold is tended: an agent that ends has not let go yet
  // An exporter on another thread may hold them longer than the agent lives.
  std::shared_ptr<Instruments> instruments = std::make_shared<Instruments>();
  Pulse pulse;
  std::string journal_trouble;    // in words, why the journal cannot be written; empty: it can
  std::function<void()> publish;  // publishes a snapshot; set by the agent

  // It is this agent's turn, or no other takes turns with it.
  [[nodiscard]] bool may_act() const {
    return parts.turns == nullptr || parts.turns->state().ours();
  }
  [[nodiscard]] rules::TimePoint now() const { return parts.clock.now(); }
  // Returns after `duration`, or when the agent must stop.
  [[nodiscard]] Awaitable<void> pause(rules::Duration duration) {
    co_await race(parts.clock.sleep(duration), stopping.wait());
  }
};

}  // namespace evenkeel::loop
