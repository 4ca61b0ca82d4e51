#pragma once
// plan: which segments to move to put right what the judgement found, and what was considered and
// rejected. Pure and deterministic: the order of the cluster's lists does not matter.
//
// The problem. Nodes have a capacity each, and use memory that their segments explain only in part:
// the rest (growing segments, caches, the process) cannot be moved, comes and goes, and has to find
// room. A segment may go to the nodes of its own replica alone; replicas on the same nodes, or on
// nodes that overlap, share that room. Segments differ in size by orders of magnitude and cannot be
// divided. A destination needs room for the copy, and for what loading takes beyond it
// (Policy::loading_peak), before the source frees its own; the source's memory falls late or never,
// so what leaves a node gives nobody room in the same plan. Moves may be under way already.
//
// What is wanted, in this order: no node over its threshold; the spread of every replica that
// differs inside the stop mark, and of no other beyond its limit; the fewest bytes moved; the
// fewest calls. That is subset sum and bin packing at once, so a plan is made in two ways:
// - quickly, for any size: relieve takes from each overloaded node, level from the highest node of
//   the worst set, what is just enough, to where the ratio ends lowest. For levelling, enough is
//   what lies outside the band of ratios for which a fluid would have to move least (fluid.hpp): a
//   lower bound for every plan. n log n in the number of segments, for sorting them
//   (inventory.hpp).
// - thoroughly, where a part of the cluster is small and its segments coarse: a search (search.hpp)
//   sets swaps, chains and other subsets against the quick plan, and the better one is taken. It is
//   bounded by Policy::effort, in steps, since a clock would make the same input give two plans:
//   the best found when it is used up is the plan.
// Where an overloaded node's segments find no room, room is made (Move::makes_room_for): a
// neighbour passes segments on in this plan, and the overloaded node follows in a later one.
//
// What every plan keeps: a destination stays below its threshold even if all that is planned
// towards it loads at once and nothing that leaves it is freed; nobody ends higher than the worst
// of its replica was; the potential Σ use² ÷ capacity falls with every move, or with every exchange
// (moves that help only together, Move::exchange), or with what room was made for; nothing moves
// that has moved within its rest, has failed too often, or is listed contradictorily; urgencies are
// not mixed.
//
// It ends: the quick way takes a segment in each pass and each segment once; the search is bounded
// by Policy::effort and by the number of moves in a plan.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

enum class Urgency {
  overload,
  difference,
  asked,  // a person's own transfer: no plan has these
};

struct Move {
  SegmentId segment{};
  CollectionId collection{};
  ReplicaId replica{};
  NodeId from{};
  NodeId to{};
  std::int64_t rows = 0;
  Bytes bytes = 0;
  Urgency urgency = Urgency::difference;
  // What the two nodes' ratios are expected to be before and after this move (after the moves
  // before it).
  double from_before = 0, from_after = 0;
  double to_before = 0, to_after = 0;
  // Moves of the same number, if it is not 0, help only together: all of them are made or none.
  std::uint32_t exchange = 0;
  // The segment of an overloaded node that can follow once this one has left: it then finds the
  // room that it lacks now.
  std::optional<SegmentId> makes_room_for = std::nullopt;
};

enum class Rejection {
  destination_overload,   // would pass its threshold, counting flight and loading peak
  destination_unhealthy,  // cannot be judged, so nothing is moved towards it
  no_improvement,         // the spread or the worst ratio would not get better
  cooling_down,           // the segment moved too recently
  resting,                // it failed too often
  in_flight,
  in_transit,  // on two nodes of its replica already
  not_sealed,
  too_small,          // no bytes: moving it changes nothing
  budget,             // the plan is full
  data_incomplete,    // its collection was read in part, or what was read of it contradicts itself
  not_movable_there,  // on a streaming node, or on one that Milvus is emptying
  outside_channel,    // on a node that is not its channel's: the built-in balancer will fetch it
  destination_resting,  // that node refused segments a moment ago
  capacity_doubted,     // that node may be one that has less, under a new id
  memory_awaited,       // its node was relieved a moment ago, and its memory has not fallen yet
  memory_stays,         // moving segments off its node does not lower the node's memory
};

struct Candidate {
  std::optional<SegmentId> segment;  // none: every segment of the node
  ReplicaId replica{};
  NodeId from{};
  std::optional<NodeId> to;  // none: every destination
  Rejection why = Rejection::no_improvement;
  double to_after = 0;     // where the destination would have ended, where that is why
  std::int64_t count = 1;  // how many alike this line stands for
};

// What keeps moves from putting something right.
enum class Obstacle {
  no_room,          // segments that would help pass every other node's threshold while they load
  too_coarse,       // with the smallest segment that may move, every other node would be too high
  too_little,       // all segments that may move are not enough, or another replica would suffer
  nothing_movable,  // none may move at all now
  in_no_replica,    // no replica names the node
  memory_stays,     // its memory does not fall when segments leave, so nothing more is moved off it
  capacity_doubted,  // the other nodes of the replica may have less than they seem to
};

// Something that moving cannot put right, and what would.
struct Unfixable {
  Urgency urgency = Urgency::overload;
  NodeId node{};  // the overloaded or highest node
  std::optional<ReplicaId> replica;
  Bytes excess =
      0;  // bytes over its threshold (overload) or over what levelling needs (difference)
  Bytes room_needed =
      0;  // capacity that would have to be added for a fix, 0 where room is not what is missing
  Obstacle obstacle = Obstacle::too_little;
  Bytes smallest = 0;  // of its segments that may move; 0: none
  // The ratio at which nothing would be wrong any more: the threshold (overload), or what is above
  // the lowest node by the difference that is allowed. How much more capacity the node itself would
  // need to be there after the plan's moves, 0: none would do; and how many further nodes of the
  // replica are above it and need theirs, too.
  double mark = 0;
  Bytes own_capacity = 0;
  std::int64_t further_nodes = 0;
};

// Why no move is planned.
enum class WhyNothing {
  planned,                 // there are moves
  nothing_wrong,           // all was judged, and nothing is wrong
  coordinator_incomplete,  // it did not answer everything that was asked
  policy_unusable,         // its figures are no numbers or contradict each other
  waiting_for_evidence,    // something looks wrong, not yet in enough samples
  waiting_for_health,      // not everything could be judged: see Plan::waits_for_…
  budget,                  // of a round: it allows no move
  nothing_helps,           // see Plan::rejected and Plan::unfixable
  outside_focus,           // none of its moves concerns what was asked for: see focus.hpp
};

struct Plan {
  WhyNothing why_nothing = WhyNothing::planned;
  // The first that could not be judged, where that is waited for. Neither: a collection.
  std::optional<NodeId> waits_for_node;
  std::optional<ReplicaId> waits_for_replica;
  std::vector<Move> moves;          // in the order they should run
  std::vector<Candidate> rejected;  // at most kMaxRejected, alike ones folded
  std::vector<Unfixable> unfixable;
  double worst_spread_before = 0, worst_spread_after = 0;
  double worst_ratio_before = 0, worst_ratio_after = 0;

  [[nodiscard]] Bytes bytes() const;
};

inline constexpr std::size_t kMaxRejected = 200;

[[nodiscard]] Plan plan(const Inventory& inventory, const Judgement& judgement,
                        const Policy& policy, const Ledger& ledger, TimePoint now);
[[nodiscard]] Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
                        const Ledger& ledger, TimePoint now);

}  // namespace evenkeel::rules
