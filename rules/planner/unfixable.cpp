// The diagnosis of unfixable faults: the obstacle, and the capacity that would be enough.

#include <algorithm>
#include <optional>

#include "rules/arithmetic.hpp"
#include "rules/planner/draft.hpp"

namespace evenkeel::rules {
namespace {

// Bytes that the node lacks to be at the mark, and a little more, so that rounding does not leave
// it above.
Bytes missing_capacity(const DraftNode& node, double mark) {
  constexpr double kRounding = 1 + 1e-9;
  if (!(mark > 0)) return 0;
  const Bytes needed = saturating_add(scaled_up(node.now, kRounding / mark), 1);
  return std::max<Bytes>(0, saturating_subtract(needed, node.capacity));
}

std::optional<SegmentRef> smallest_on(const Draft& draft, Index node) {
  std::optional<SegmentRef> smallest;
  for (const Index set : draft.inventory().sets_of(node)) {
    const auto segment = draft.movable().smallest_from(node, set, 1);
    if (segment && (!smallest || segment->bytes() < smallest->bytes())) smallest = segment;
  }
  return smallest;
}

// Some node that shares a replica with this one may have less capacity than it seems.
bool doubted_beside(const Draft& draft, Index node) {
  for (const Index set : draft.inventory().sets_of(node)) {
    for (const Index member : draft.nodes_of(set)) {
      const auto& closed = draft.nodes()[member].closed;
      if (member != node && closed == Rejection::capacity_doubted) return true;
    }
  }
  return false;
}

void diagnose_overload(Unfixable& unfixable, const Draft& draft, Index index) {
  const DraftNode& node = draft.nodes()[index];
  unfixable.mark = draft.policy().overload_threshold;
  unfixable.own_capacity = missing_capacity(node, unfixable.mark);
  const auto smallest = smallest_on(draft, index);
  unfixable.smallest = smallest ? smallest->bytes() : 0;
  if (unfixable.room_needed > 0) {
    unfixable.obstacle = Obstacle::no_room;
  } else if (!draft.inventory().in_replica(index)) {
    unfixable.obstacle = Obstacle::in_no_replica;
  } else if (node.memory_stays) {
    unfixable.obstacle = Obstacle::memory_stays;
  } else if (!smallest && node.now == node.room.expected) {
    unfixable.obstacle = Obstacle::nothing_movable;
  } else if (smallest && doubted_beside(draft, index)) {
    unfixable.obstacle = Obstacle::capacity_doubted;
  } else {
    unfixable.obstacle = Obstacle::too_little;
  }
}

// Sets are in the order of their first replicas' ids.
std::optional<Index> set_of(const Inventory& inventory, std::optional<ReplicaId> replica) {
  const std::vector<Inventory::NodeSet>& sets = inventory.sets();
  const auto found = std::lower_bound(
      sets.begin(), sets.end(), replica,
      [](const Inventory::NodeSet& set, const auto& wanted) { return set.replica < wanted; });
  if (found == sets.end() || found->replica != replica) return std::nullopt;
  return static_cast<Index>(found - sets.begin());
}

// The obstacle to the smallest segment that may move off the node, inside the set.
Obstacle obstacle_inside(const Draft& draft, Index set, const Unfixable& unfixable) {
  if (unfixable.smallest == 0) return Obstacle::nothing_movable;
  bool fits = false;  // some other node would be below the mark with it
  bool room = false;
  bool doubted = false;
  for (const Index index : draft.nodes_of(set)) {
    const DraftNode& node = draft.nodes()[index];
    if (node.id == unfixable.node || !node.available()) continue;
    const Bytes after = saturating_add(node.now, unfixable.smallest);
    const bool would_fit = ratio_of(after, node.capacity) <= unfixable.mark;
    fits = fits || would_fit;
    room = room || unfixable.smallest <= draft.room(index);
    doubted = doubted || (would_fit && node.closed == Rejection::capacity_doubted);
  }
  if (doubted) return Obstacle::capacity_doubted;
  if (!fits) return Obstacle::too_coarse;
  return room ? Obstacle::too_little : Obstacle::no_room;
}

void diagnose_difference(Unfixable& unfixable, const Draft& draft, Index index) {
  const auto set = set_of(draft.inventory(), unfixable.replica);
  if (!set) return;
  const auto smallest = draft.movable().smallest_from(index, *set, 1);
  unfixable.smallest = smallest ? smallest->bytes() : 0;
  unfixable.mark = draft.set(*set).lowest + draft.policy().max_difference;
  unfixable.obstacle = draft.nodes()[index].memory_stays ? Obstacle::memory_stays
                                                         : obstacle_inside(draft, *set, unfixable);
  unfixable.own_capacity = missing_capacity(draft.nodes()[index], unfixable.mark);
  const std::vector<Index>& members = draft.nodes_of(*set);
  unfixable.further_nodes = std::count_if(members.begin(), members.end(), [&](Index member) {
    return member != index && draft.nodes()[member].ratio() > unfixable.mark;
  });
}

}  // namespace

void diagnose(Unfixable& unfixable, const Draft& draft) {
  const Index index = draft.inventory().node(unfixable.node);
  if (index == kNone) return;
  if (unfixable.urgency == Urgency::overload) {
    diagnose_overload(unfixable, draft, index);
  } else {
    diagnose_difference(unfixable, draft, index);
  }
}

}  // namespace evenkeel::rules
