#pragma once
// A plan in the making: the nodes as they would be after the moves planned so far, the segments
// that may still move, and the rejected moves. Internal to rules/planner: plan() makes one, and
// relief, levelling and the search add moves to it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/inventory.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/planner/movable_segments.hpp"
#include "rules/planner/rejections.hpp"
#include "rules/policy.hpp"
#include "rules/room.hpp"

namespace evenkeel::rules {

// A node as it would be after the moves planned so far.
struct DraftNode {
  NodeId id{};
  Bytes capacity = 0;
  // The node as a destination; its expected bytes stay those from before the plan.
  Room room;
  Bytes now = 0;  // expected bytes after the moves planned so far
  bool judged = false;
  bool overloaded = false;  // or will be
  Bytes to_grow = 0;        // where it only will be: by so many bytes more than now
  bool in_flight = false;
  bool draining = false;            // a segment left it within Policy::settle
  std::optional<Rejection> closed;  // the reason why it is no destination now
  bool memory_stays = false;        // nothing is moved off it
  bool awaited = false;             // nothing is levelled off it
  bool drained = false;             // it is emptied, and in no set

  [[nodiscard]] double ratio() const;
  // A move may be planned from or to it.
  [[nodiscard]] bool available() const { return judged && !in_flight; }
};

// The extremes of one of the inventory's sets.
struct DraftSet {
  bool judged = true;      // all its nodes could be judged
  bool different = false;  // its replicas differ by the judgement
  // Ratios; 0 where not judged. highest_at_least ≤ true highest ≤ highest, and lowest ≤ true lowest
  // ≤ lowest_at_most; they part where the node at that end moves towards the others.
  double highest = 0;
  double highest_at_least = 0;
  double lowest = 0;
  double lowest_at_most = 0;

  [[nodiscard]] bool exact() const {
    return highest == highest_at_least && lowest == lowest_at_most;
  }
  [[nodiscard]] double spread() const { return highest - lowest; }
};

// The planned moves of a round, and the cluster as it would be after them.
class Draft {
 public:
  // The inventory must outlive the draft, and the policy be usable().
  Draft(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
        const Ledger& ledger, TimePoint now);

  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] const Inventory& inventory() const { return *inventory_; }
  [[nodiscard]] const std::vector<DraftNode>& nodes() const { return nodes_; }
  // The set with its exact ends, which are measured on demand: a move changes hundreds of sets, and
  // most are not asked for before the next one changes them again.
  [[nodiscard]] const DraftSet& set(Index set) const;
  [[nodiscard]] bool different(Index set) const { return sets_[set].different; }
  [[nodiscard]] double lowest(Index set) const;
  [[nodiscard]] double lowest_at_least(Index set) const { return sets_[set].lowest; }
  [[nodiscard]] double lowest_at_most(Index set) const { return sets_[set].lowest_at_most; }
  // A node of this ratio would be the set's highest, or its lowest.
  [[nodiscard]] bool above_all(Index set, double ratio) const;
  [[nodiscard]] bool below_all(Index set, double ratio) const;
  [[nodiscard]] double ratio(Index node) const { return ratios_[node]; }
  // The set's nodes but for drained ones: they are no destination, and of no difference.
  [[nodiscard]] const std::vector<Index>& nodes_of(Index set) const {
    return undrained_.empty() ? inventory_->sets()[set].nodes : undrained_[set];
  }

  [[nodiscard]] const MovableSegments& movable() const { return movable_; }
  [[nodiscard]] Rejections& rejections() { return rejections_; }
  // A rejection of the segment, without a destination.
  [[nodiscard]] RejectedMove rejected_move(const SegmentRef& segment, Rejection why) const;
  // Rejects the segments of the node that may not move at all, in every set or in one.
  void reject_unmovable_on(Index node);
  void reject_unmovable_on(Index node, Index set);

  // The largest further segment that the node could load without passing its threshold, if
  // everything planned towards it loaded at once and nothing planned away from it were freed
  // before. In bytes.
  [[nodiscard]] Bytes room(Index node) const;
  [[nodiscard]] std::size_t moves_left() const;
  [[nodiscard]] Bytes bytes_left() const { return bytes_left_; }
  [[nodiscard]] bool full() const { return moves_left() == 0; }

  // The benefit of a move that lies in other moves: see Move.
  struct Purpose {
    std::uint32_t exchange = 0;
    std::optional<SegmentId> makes_room_for;
  };
  // Plans a move. There must be room for it, and budget.
  void add_move(const SegmentRef& segment, Index to, Urgency urgency, const Purpose& purpose);
  void add_move(const SegmentRef& segment, Index to, Urgency urgency) {
    add_move(segment, to, urgency, Purpose());
  }
  [[nodiscard]] Bytes bytes_planned() const { return bytes_planned_; }
  // The same draft with an unlimited budget.
  [[nodiscard]] Draft without_budget() const;
  // Plans the first moves of a draft that went on from this one, without exchanges, as far as the
  // budget goes. If it takes all of them, it adopts that draft's rejections and unfixable faults,
  // too. Returns the number of moves.
  std::size_t add_first_moves_of(const Draft& whole);
  // No exchange may be planned: one was left half done.
  [[nodiscard]] bool exchanges_rest() const { return exchanges_rest_; }
  // A number that no exchange has yet.
  [[nodiscard]] std::uint32_t next_exchange() const;
  [[nodiscard]] std::size_t moves_planned() const { return planned_.size(); }

  void add_unfixable(const Unfixable& unfixable) { unfixable_.push_back(unfixable); }
  [[nodiscard]] Plan finish() const;

 private:
  // A move that was planned, in the planner's terms.
  struct Planned {
    SegmentRef segment;
    Index to = 0;
    Urgency urgency{};
    Purpose purpose;
  };

  void add_nodes(const Judgement& judgement, const Ledger& ledger, TimePoint now);
  void leave_out_drained();
  void add_sets(const Judgement& judgement);
  void block(const Ledger& ledger, TimePoint now);
  void set_used(Index node, Bytes bytes);
  void measure(Index set) const;
  void remeasure(Index set) const;
  void update_bounds(Index node, double before);
  [[nodiscard]] double worst_spread() const;
  [[nodiscard]] double worst_ratio() const;

  const Inventory* inventory_;
  Policy policy_;
  Bytes bytes_left_ = 0;
  Bytes bytes_planned_ = 0;
  std::vector<DraftNode> nodes_;        // as Inventory::nodes()
  std::vector<double> ratios_;          // copies of theirs, close together: sets are measured often
  mutable std::vector<DraftSet> sets_;  // as Inventory::sets(); measured on demand
  std::vector<std::vector<Index>> undrained_;  // nodes by set; empty: no node is drained
  MovableSegments movable_;
  Rejections rejections_;
  bool exchanges_rest_ = false;
  std::vector<Planned> planned_;
  std::vector<Unfixable> unfixable_;
  double worst_spread_before_ = 0;
  double worst_ratio_before_ = 0;
};

// Completes a fault that was given up: its obstacle, and the capacity that would be enough after
// all moves of the draft.
void diagnose(Unfixable& unfixable, const Draft& draft);

}  // namespace evenkeel::rules
