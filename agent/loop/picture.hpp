#pragma once
// The picture: the newest observation and its judgement, the ledger, and what moves have taught.
// Observations replace it; rounds plan by it.

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/loop/context.hpp"
#include "agent/loop/journal.hpp"
#include "agent/loop/observer.hpp"
#include "rules/admit.hpp"
#include "rules/foreign.hpp"
#include "rules/inventory.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/undone.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

class Picture {
 public:
  // `context` must outlive it.
  explicit Picture(Context& context);

  // Replaces the last observation and learns from the new one.
  void take(Observation observation);
  // Takes newer samples of the nodes; the distribution stays that of the last observation.
  void take_nodes(Observation observation);
  // Size corrections learned from moves, for the next observation; none if [capacity]
  // correct_row_bytes is off.
  [[nodiscard]] rules::Weights known_weights() const;

  // cluster() and judgement() are null, targets() is empty, before the first observation.
  [[nodiscard]] const std::shared_ptr<const rules::Cluster>& cluster() const { return cluster_; }
  [[nodiscard]] const std::shared_ptr<const rules::Judgement>& judgement() const {
    return judgement_;
  }
  [[nodiscard]] const std::vector<TargetState>& targets() const { return targets_; }
  [[nodiscard]] rules::Ledger& ledger() { return ledger_; }
  [[nodiscard]] const rules::Ledger& ledger() const { return ledger_; }
  // The settings' policy, adapted to how often the memory figures come.
  [[nodiscard]] const rules::Policy& policy() const { return policy_; }
  // Call it after a reload.
  void adapt_policy();

  // These go by the newest observation, as of now. There must be one.
  [[nodiscard]] rules::Judgement judge();
  [[nodiscard]] rules::Plan plan(const rules::Judgement& judged);
  [[nodiscard]] rules::Admission admit(const rules::Cluster& seen, const Decision& decision,
                                       const rules::Policy& within, const rules::Conditions& under);

  // Drains a node, or says in words why not; a node that is drained already gets a new reason.
  [[nodiscard]] std::string drain(const DrainRequest& asked);
  // False: it was not drained.
  bool undrain(rules::NodeId node);

  // What the picture must know again after a restart; the times of the agent alone are missing.
  [[nodiscard]] Memory memory() const;
  // Takes up what an earlier run knew.
  void recall(Memory memory);
  // Takes up what another agent knew when its turn ended. What this one has seen by itself stays.
  void take_over(Memory memory);
  // Moves nothing before Policy::settle has passed. `why`: in words.
  void rest(std::string why);
  // The ends of moves that were unknown for long, oldest first, and not yet forgotten.
  [[nodiscard]] const std::vector<FlightEnd>& ends() const { return ends_; }
  // Forgets the oldest ends.
  void forget_ends(std::size_t count);

  // Moves of somebody else within Policy::settle, oldest first.
  [[nodiscard]] std::vector<rules::ForeignMove> foreign_moves() const {
    return foreign_.since(context_.now() - policy_.settle);
  }

  // The reason, in words, to move nothing yet after the start; nullopt: moves are allowed.
  [[nodiscard]] std::optional<std::string> resting() const;

  // While moves are made, the executor alone, and no observation, concludes how they end.
  void set_moving(bool moving) { moving_ = moving; }
  [[nodiscard]] bool moving() const { return moving_; }
  void move_started(const rules::Move& move);
  void move_ended(const MoveRecord& record);
  // When the newest move ended; the epoch: none has.
  [[nodiscard]] rules::TimePoint last_move() const { return last_move_; }
  // When it was written that the newest was about to be sent, by whichever agent.
  void set_last_sent(rules::TimePoint time) { last_sent_ = time; }
  [[nodiscard]] rules::TimePoint last_sent() const { return last_sent_; }

 private:
  // What is logged of Milvus.
  struct Release {
    std::string version, untested, memory_source;
    bool operator==(const Release&) const = default;
  };

  void follow();
  void judge_anew();
  void adopt_transits();
  void end_unknown_moves();
  // `before`: the observation before the newest; may be null.
  void look_for_foreign_moves(const rules::Cluster* before);
  [[nodiscard]] std::vector<rules::Reversal> look_for_reversals();
  void weigh();
  void log_version();
  void log_problems();

  Context& context_;
  rules::Policy policy_;
  std::shared_ptr<const rules::Cluster> cluster_;
  std::vector<TargetState> targets_;
  std::unique_ptr<rules::Inventory> inventory_;  // of `cluster_`
  std::shared_ptr<const rules::Judgement> judgement_;
  rules::Ledger ledger_;
  rules::Undone undone_;
  rules::ForeignMoves foreign_;
  rules::Weights weights_;
  rules::TimePoint last_move_{}, last_sent_{};
  rules::TimePoint unheard_before_{};  // the answers of moves sent before were another's to hear
  bool moving_ = false;
  bool seen_whole_ = false;           // all was read once since the start
  rules::TimePoint resting_until_{};  // nothing is moved before then …
  std::string resting_why_;           // … for this reason
  std::vector<FlightEnd> ends_;
  std::set<std::string> failures_;  // the newest observation's, to log each once
  std::optional<Release> logged_;
};

}  // namespace evenkeel::loop
