#pragma once
// Decisions and snapshots: immutable values that web and telemetry read.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/loop/builtin_balancer.hpp"
#include "agent/loop/maintenance.hpp"
#include "agent/loop/request.hpp"
#include "agent/loop/turn.hpp"
#include "rules/admit.hpp"
#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::loop {

enum class Trigger {
  interval,
  manual,  // a person asked
  alert,   // an alert asked
};

inline constexpr std::array kTriggers{Trigger::interval, Trigger::manual, Trigger::alert};

// The outcome of a round; each round has exactly one.
enum class Outcome {
  balanced,      // judged, nothing wrong
  gathering,     // something looks wrong, the evidence is not complete yet
  moved,         // every call sent succeeded
  failed,        // a move failed or its end is unknown
  held,          // there was a plan, and the gates let nothing through
  cannot_fix,    // something is wrong that moving cannot put right
  cannot_judge,  // the cluster could not be read well enough
};
inline constexpr std::array kOutcomes{Outcome::balanced,    Outcome::gathering, Outcome::moved,
                                      Outcome::failed,      Outcome::held,      Outcome::cannot_fix,
                                      Outcome::cannot_judge};
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] std::string_view name(Trigger trigger);

enum class MoveResult {
  succeeded,  // the distribution shows it on the destination alone
  failed,     // it stayed on the source
  unknown,    // not seen to end before the agent had to stop waiting
  gone,       // the segment no longer exists (compacted, released, dropped)
};
[[nodiscard]] std::string_view name(MoveResult result);

// A move that was sent, and how it ended.
struct MoveRecord {
  rules::Move move;
  MoveResult result = MoveResult::unknown;
  std::string detail;  // the coordinator's answer, if it explains the result
  rules::TimePoint started{}, finished{};
};

// The record of one round.
struct Decision {
  std::uint64_t id = 0;  // 1, 2, … since the journal began, or without one since the start
  Trigger trigger = Trigger::interval;
  rules::TimePoint at{};
  Outcome outcome = Outcome::cannot_judge;
  std::string words;        // one sentence
  std::string why_nothing;  // one sentence, why nothing was planned; empty: something was
  // What it was judged by: a verdict for each node and replica, so only a round under way and the
  // newest decision of a snapshot have it. The rest is what remains of it.
  std::shared_ptr<const rules::Judgement> judgement;
  std::shared_ptr<const rules::Cluster> seen;  // what was judged; only a round under way has it
  bool coordinator_complete = false;
  double worst_spread = 0;  // ratio, between two nodes of a replica
  rules::Plan plan;
  rules::Admission admission;
  std::vector<MoveRecord> moves;
  double seconds = 0;  // the whole round
  // The requests that the round answers; all empty for a scheduled round.
  std::vector<Alert> alerts;
  std::vector<std::uint64_t> requests;  // their ticket numbers
  std::string requested_by;
  std::string focus;  // in words, the part it was limited to; empty: the whole cluster

  void judge_by(rules::Judgement judged);
};

// The stages of a round. Observing and judging also happen between rounds.
enum class Stage { observe, judge, plan, admit, act };
inline constexpr std::array kStages{Stage::observe, Stage::judge, Stage::plan, Stage::admit,
                                    Stage::act};
[[nodiscard]] std::string_view name(Stage stage);

// The last round that an alert caused.
struct AlertDecision {
  Alert alert;
  rules::TimePoint at{};
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("alert", self.alert);
    visit("at", self.at);
  }
};

// A metrics target after its last scrape.
struct TargetState {
  std::string target;
  bool up = false;
  double seconds = 0;   // duration of the last scrape
  std::string problem;  // in words, if not up
};

// How far the moves of the round under way have come.
struct Progress {
  rules::TimePoint since{};     // when the first was about to be sent
  std::size_t moves = 0;        // all that are to be made
  std::size_t moves_ended = 0;  // well or not
  rules::Bytes bytes = 0;       // of all
  rules::Bytes bytes_ended = 0;
};

class MemoryLines;

// A picture of all that the agent knows, published after each observation and each step of a round.
struct Snapshot {
  std::uint64_t version = 0;  // 1, 2, … since the agent started
  rules::TimePoint at{};
  rules::TimePoint started{};
  rules::Policy policy;
  bool auto_balance = true, dry_run = false;
  double balance_interval_seconds = 60;
  std::size_t per_segment = 0;                        // most segments that get series of their own
  std::shared_ptr<const rules::Cluster> cluster;      // null before the first observation
  std::shared_ptr<const rules::Judgement> judgement;  // of `cluster`; null if that is
  // A copy of the ledger, to plan with.
  std::shared_ptr<const rules::Ledger> ledger;
  std::vector<TargetState> targets;
  std::vector<std::shared_ptr<const Decision>> decisions;  // newest first, at most 100
  std::size_t moves_in_flight = 0;
  std::optional<Progress> progress;                 // while a round makes moves
  std::shared_ptr<const MemoryLines> memory_lines;  // null before the first observation
  std::string milvus_name;                          // what people call it; empty: nothing
  std::string milvus_address;                       // as the settings have it
  rules::TimePoint last_move{};                // when the newest move ended; the epoch: none has
  std::optional<rules::TimePoint> next_round;  // none while a round is under way
  rules::TimePoint last_reload{};
  bool last_reload_ok = true;
  bool coordinator_up = false;
  std::optional<Pause> pause;                  // the pause in force
  Maintenance maintenance;                     // at `at`
  std::vector<AlertDecision> alert_decisions;  // newest first, at most 20
  std::string untested;  // in words, why nothing is moved on this Milvus; empty: moves are allowed
  std::string journal_trouble;       // in words, why the journal cannot be written; empty: it can
  BuiltinBalancer builtin_balancer;  // Milvus's own, as it was when this was published
  Turn turn;                         // to act, where several agents watch this cluster

  // True if the agent carries out its plans.
  [[nodiscard]] bool acting() const {
    return auto_balance && !dry_run && !pause && untested.empty() && journal_trouble.empty() &&
           turn.ours() && !maintenance.stops_everything();
  }
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Sets the outcome by the decision's judgement, plan, admission and moves, and its sentences for an
// operator, without full stops. `refusal`: why a call was not sent after all.
void conclude(Decision& decision, const rules::Cluster& cluster, const rules::Policy& policy,
              const std::string& refusal);

}  // namespace evenkeel::loop
