#pragma once
// A plan in the making: the nodes as they would be after the moves planned so far, the segments
// that may still move, and what was rejected. Internal to rules/planner: plan() makes one, and the
// two urgencies, relieve() and level(), take segments from it.

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

struct DraftNode {
  NodeId id{};
  Bytes capacity = 0;
  // As a destination. What it was expected to use when planning began stays that.
  Room room;
  Bytes now = 0;  // what it is expected to use after the moves planned so far
  bool judged = false;
  bool overloaded = false;
  bool in_flight = false;
  bool draining = false;            // something left it within Policy::settle
  std::optional<Rejection> closed;  // why it is no destination now
  bool memory_stays = false;        // nothing is moved off it
  bool awaited = false;             // nothing is levelled off it

  [[nodiscard]] double ratio() const;
  // May a move be planned from or to it.
  [[nodiscard]] bool available() const { return judged && !in_flight; }
};

// How the nodes of one of the inventory's sets stand to each other.
struct DraftSet {
  bool judged = true;      // all its nodes could be judged
  bool different = false;  // its replicas differ, says the judgement
  // Ratios of its nodes; 0 where not judged. The highest is at most the one and at least the other,
  // the lowest the other way round: they part where the node at that end moves towards the others.
  double highest = 0;
  double highest_at_least = 0;
  double lowest = 0;
  double lowest_at_most = 0;

  [[nodiscard]] bool exact() const {
    return highest == highest_at_least && lowest == lowest_at_most;
  }
  [[nodiscard]] double spread() const { return highest - lowest; }
};

class Draft {
 public:
  // The inventory must outlive the draft, and the policy be usable().
  Draft(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
        const Ledger& ledger, TimePoint now);

  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] const Inventory& inventory() const { return *inventory_; }
  [[nodiscard]] const std::vector<DraftNode>& nodes() const { return nodes_; }
  // With its exact ends. They are measured when asked for: a move changes hundreds of sets, and
  // most are not asked for before the next one changes them again.
  [[nodiscard]] const DraftSet& set(Index set) const;
  [[nodiscard]] bool different(Index set) const { return sets_[set].different; }
  [[nodiscard]] double lowest(Index set) const;
  [[nodiscard]] double lowest_at_least(Index set) const { return sets_[set].lowest; }
  [[nodiscard]] double lowest_at_most(Index set) const { return sets_[set].lowest_at_most; }
  // A node of this ratio would be its highest, or its lowest.
  [[nodiscard]] bool above_all(Index set, double ratio) const;
  [[nodiscard]] bool below_all(Index set, double ratio) const;
  [[nodiscard]] double ratio(Index node) const { return ratios_[node]; }
  [[nodiscard]] const std::vector<Index>& nodes_of(Index set) const {
    return inventory_->sets()[set].nodes;
  }

  // What may still move, and what not, and why.
  [[nodiscard]] const MovableSegments& movable() const { return movable_; }
  [[nodiscard]] Rejections& rejections() { return rejections_; }
  // What of this node may not move at all, in one set or in every set, is rejected.
  void reject_unmovable_on(Index node);
  void reject_unmovable_on(Index node, Index set);

  // How large a further segment the node could load without passing its threshold, if everything
  // planned towards it loaded at once and nothing planned away from it were freed before.
  [[nodiscard]] Bytes room(Index node) const;
  [[nodiscard]] std::size_t moves_left() const;
  [[nodiscard]] Bytes bytes_left() const { return bytes_left_; }
  [[nodiscard]] bool full() const { return moves_left() == 0; }

  // Why a move is more than it seems: see Move.
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
  // The same draft, as if a round could do anything.
  [[nodiscard]] Draft without_budget() const;
  // Plans the first moves of a draft that went on from this one, without exchanges, as far as the
  // budget goes. Where that is all of them, what it rejected and gave up holds here, too. Returns
  // the number of moves.
  std::size_t add_first_moves_of(const Draft& whole);
  // A number that no exchange has yet.
  [[nodiscard]] std::uint32_t next_exchange() const;
  [[nodiscard]] std::size_t moves_planned() const { return planned_.size(); }

  void add_unfixable(const Unfixable& unfixable) { unfixable_.push_back(unfixable); }
  [[nodiscard]] Plan finish() const;

 private:
  struct Planned {
    SegmentRef segment;
    Index to = 0;
    Urgency urgency{};
    Purpose purpose;
  };

  void add_nodes(const Judgement& judgement, const Ledger& ledger, TimePoint now);
  void add_sets(const Judgement& judgement);
  void block(const Ledger& ledger, TimePoint now);
  void set_used(Index node, Bytes bytes);
  void measure(Index set) const;
  void update_bounds(Index node, double before);
  [[nodiscard]] double worst_spread() const;
  [[nodiscard]] double worst_ratio() const;

  const Inventory* inventory_;
  Policy policy_;
  Bytes bytes_left_ = 0;
  Bytes bytes_planned_ = 0;
  std::vector<DraftNode> nodes_;        // beside Inventory::nodes()
  std::vector<double> ratios_;          // theirs, close together: sets are measured often
  mutable std::vector<DraftSet> sets_;  // beside Inventory::sets(); measured when asked for
  MovableSegments movable_;
  Rejections rejections_;
  std::vector<Planned> planned_;
  std::vector<Unfixable> unfixable_;
  double worst_spread_before_ = 0;
  double worst_ratio_before_ = 0;
};

// Completes what was given up with its obstacle and the capacity that would be enough, as the nodes
// are after all moves of the draft.
void diagnose(Unfixable& unfixable, const Draft& draft);

}  // namespace evenkeel::rules
