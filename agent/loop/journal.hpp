#pragma once
// The port to what outlives the agent's process: its memory, and the record of its decisions.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/loop/decision.hpp"
#include "agent/loop/reconcile.hpp"
#include "agent/util/asio.hpp"
#include "rules/foreign.hpp"
#include "rules/ledger.hpp"
#include "rules/undone.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

// Whether Milvus's own balancer is suspended by an agent, which Milvus keeps when the agent dies:
// whoever finds the note has it go on. It is written before the call.
struct SuspensionNote {
  bool suspended = false;
  rules::TimePoint changed{};  // when `suspended` became so; the epoch: it never was otherwise

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("suspended", self.suspended);
    visit("changed", self.changed);
  }
};

// What an agent must know again after a restart.
struct Memory {
  rules::TimePoint at{};  // when it was so
  rules::Ledger ledger;
  rules::Undone undone;
  rules::ForeignMoves foreign;
  rules::Weights weights;
  rules::TimePoint last_move{};      // when the newest move ended
  rules::TimePoint last_sent{};      // when it was written that the newest was about to be sent
  rules::TimePoint resting_until{};  // nothing is moved before then …
  std::string resting_why;           // … for this reason
  std::uint64_t last_decision = 0;   // its number
  std::optional<Pause> pause;
  std::vector<AlertDecision> alert_decisions;  // newest first
  SuspensionNote suspension;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("at", self.at);
    visit("ledger", self.ledger);
    visit("undone", self.undone);
    visit("foreign", self.foreign);
    visit("weights", self.weights);
    visit("last_move", self.last_move);
    visit("last_sent", self.last_sent);
    visit("resting_until", self.resting_until);
    visit("resting_why", self.resting_why);
    visit("last_decision", self.last_decision);
    visit("pause", self.pause);
    visit("alert_decisions", self.alert_decisions);
    visit("suspension", self.suspension);
  }
};

// What an earlier run has left.
struct Recalled {
  std::optional<Memory> memory;
  // In words, why the agent may have forgotten moves that it made; empty: it has forgotten none.
  std::string forgotten;
};

// What is written in one transaction.
struct JournalEntry {
  Memory memory;
  std::shared_ptr<const Decision> decision;  // null: none; a later one of its number replaces it
  std::shared_ptr<const rules::Cluster> cluster;  // that the decision is about
  bool under_way = false;                         // the decision's calls have not all ended
  rules::Policy policy;                           // that the decision was made by
  std::vector<FlightEnd> ends;  // of moves whose end was unknown when their round ended
};

class Journal {
 public:
  virtual ~Journal() = default;

  // False: what is written does not outlive the process.
  [[nodiscard]] virtual bool keeps() const { return true; }
  // Called once, before the first write().
  [[nodiscard]] virtual Recalled recall() = 0;
  // Returns once the entry will outlive a power cut, within a few seconds. An error says what
  // failed, where, and what to do. After an error the next write() tries everything anew.
  [[nodiscard]] virtual Awaitable<tl::expected<void, std::string>> write(JournalEntry entry) = 0;
};

}  // namespace evenkeel::loop
