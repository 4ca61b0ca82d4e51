#pragma once
// Rounds: judge, plan, admit, act, verify, record. A person's load_balance is planned otherwise,
// but admitted, sent and recorded alike.

#include <functional>
#include <optional>
#include <string>

#include "agent/loop/bookkeeper.hpp"
#include "agent/loop/chronicle.hpp"
#include "agent/loop/context.hpp"
#include "agent/loop/executor.hpp"
#include "agent/loop/guard.hpp"
#include "agent/loop/holding.hpp"
#include "agent/loop/inbox.hpp"
#include "agent/loop/observations.hpp"
#include "agent/loop/pauses.hpp"
#include "agent/loop/picture.hpp"
#include "agent/loop/turning.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

// The parts of the loop that a round uses. All must outlive it.
struct RoundParts {
  Context& context;
  Observations& observations;
  Picture& picture;
  const Pauses& pauses;
  Chronicle& chronicle;
  Bookkeeper& bookkeeper;
  Holding& holding;
  const Turning& turning;
};

class Rounds {
 public:
  using Planned = std::function<void(const rules::Cluster&, const rules::Ledger&, const Decision&)>;

  Rounds(RoundParts parts, milvus::Coordinator& coordinator);

  [[nodiscard]] Awaitable<void> round(Trigger trigger, AskedRound asked);
  [[nodiscard]] Awaitable<void> transfer(AskedTransfer asked);

  // See Agent::on_plan and Agent::on_move.
  void on_plan(Planned callback) { planned_ = std::move(callback); }
  void on_move(std::function<void(const MoveRecord&)> callback) { moved_ = std::move(callback); }

 private:
  [[nodiscard]] Decision begin(Trigger trigger, rules::TimePoint at);
  [[nodiscard]] rules::Conditions conditions() const;
  // Holds the built-in balancer off if the plan's moves may be made under these conditions.
  [[nodiscard]] Awaitable<rules::Conditions> hold_for(const rules::Plan& plan,
                                                      rules::Conditions conditions) const;
  [[nodiscard]] Awaitable<void> finish(Decision decision, std::string remark);
  [[nodiscard]] Awaitable<void> act(Decision& decision, std::string& refusal);
  [[nodiscard]] Awaitable<void> record(Decision decision);
  [[nodiscard]] std::optional<std::string> held_by_now(const rules::Call& call) const;
  [[nodiscard]] std::string why_not_now() const;
  [[nodiscard]] Awaitable<std::optional<std::string>> look(const Decision& so_far,
                                                           rules::Call call) const;
  void call_starts(const rules::Call& call);
  void move_ends(const MoveRecord& record);

  RoundParts parts_;
  Guard guard_;
  Executor executor_;
  Planned planned_;
  std::function<void(const MoveRecord&)> moved_;
};

}  // namespace evenkeel::loop
