#pragma once
// The reasons why a segment does not move, which the inventory, the judgement and the planner
// share.

namespace evenkeel::rules {

// The reason why a copy of a segment is set aside and not moved. Those that contradict come first.
enum class Misfit {
  node_unknown,      // its node is gone: neither the node list nor a replica names it
  replica_unknown,   // its replica is not listed, or no replica of its collection names its node
  other_collection,  // its collection is not its replica's
  outside_replica,   // its replica does not name its node
  copies_disagree,   // listed more than once, and not alike
  no_id,             // the id of the segment or of its node is 0
  negative,          // bytes or rows
  larger_than_node,  // more bytes than its node uses
  stranded,          // sealed, on a streaming node
};

// Copies of this kind make their replica (or, where that is not known, all replicas of their
// collection) contradictory, so that it is not levelled until they are gone: a segment is somewhere
// else than the lists agree on. A size that cannot be right is that segment's own trouble, and its
// neighbours can be levelled without it.
[[nodiscard]] bool contradicts(Misfit why);

// The reason why the planner rejected a move.
enum class Rejection {
  destination_overload,   // would pass its threshold, counting flight and loading peak
  destination_unhealthy,  // cannot be judged, so nothing is moved towards it
  no_improvement,         // the spread or the worst ratio would not get better
  cooling_down,           // the segment moved too recently
  resting,                // it failed too often
  in_flight,
  in_transit,  // on two nodes of its replica already
  not_sealed,
  too_small,            // no bytes: moving it changes nothing
  budget,               // the round's budget is spent
  data_incomplete,      // its collection was read in part, or its lists contradict each other
  not_movable_there,    // on a streaming node, or on one that Milvus is emptying
  outside_channel,      // on a node that is not its channel's: the built-in balancer will fetch it
  destination_resting,  // the node refused a segment a moment ago
  capacity_doubted,     // the node may be one that has less, under a new id
  memory_awaited,       // its node was relieved a moment ago, and its memory has not fallen yet
  memory_stays,         // moving segments off its node does not lower the node's memory
  no_other_node,        // its replica has no other node that is not drained
};

}  // namespace evenkeel::rules
