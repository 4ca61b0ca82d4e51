#pragma once
// A plan: the moves, the rejected moves, and the faults that no move puts right.
// rules/planner/planner.hpp makes one.

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/rejection.hpp"

namespace evenkeel::rules {

// The purpose of a move, most urgent first.
enum class Urgency {
  overload,
  drain,  // a person wants the source to be empty
  difference,
  asked,  // a person's own transfer: no plan has these
};

// True if such a move is worth nothing once somebody takes it back. Relief of an overloaded node
// has helped until then, and a person may ask for what he likes.
[[nodiscard]] constexpr bool is_vain_if_undone(Urgency urgency) {
  return urgency == Urgency::difference || urgency == Urgency::drain;
}

// A segment to move from one node to another of its replica.
struct Move {
  SegmentId segment{};
  CollectionId collection{};
  ReplicaId replica{};
  NodeId from{};
  NodeId to{};
  std::int64_t rows = 0;
  Bytes bytes = 0;
  Urgency urgency = Urgency::difference;
  bool ahead = false;  // overload: the source is not overloaded yet
  // The two nodes' expected ratios before and after this move, in the order of the plan.
  double from_before = 0, from_after = 0;
  double to_before = 0, to_after = 0;
  // Moves of the same number other than 0 are an exchange: all of them are made or none.
  std::uint32_t exchange = 0;
  // The segment of an overloaded node that can follow once this one has left and made room.
  std::optional<SegmentId> makes_room_for = std::nullopt;
};

// A possible move that the planner rejected, or several alike.
struct RejectedMove {
  std::optional<SegmentId> segment;  // none: every segment of the node
  ReplicaId replica{};
  NodeId from{};
  std::optional<NodeId> to;  // none: every destination
  Rejection why = Rejection::no_improvement;
  double to_after = 0;     // the destination's ratio, where it is the reason
  std::int64_t count = 1;  // alike ones that this one stands for
};

// The main obstacle to putting something right by moves.
enum class Obstacle {
  no_room,          // segments that would help pass every other node's threshold while they load
  too_coarse,       // with the smallest segment that may move, every other node would be too high
  too_little,       // all segments that may move are not enough, or another replica would suffer
  nothing_movable,  // no segment may move at all now
  in_no_replica,    // no replica names the node
  memory_stays,     // its memory does not fall when segments leave, so nothing more is moved off it
  capacity_doubted,  // the other nodes of the replica may have less than they seem to
};

// A fault that moving cannot put right, and the capacity that would.
struct Unfixable {
  Urgency urgency = Urgency::overload;
  NodeId node{};  // overloaded, or the highest of its replica
  std::optional<ReplicaId> replica;
  Bytes excess =
      // Bytes over the node's threshold (overload) or over the allowed difference.
      0;
  Bytes room_needed =
      // Capacity to add for a fix; 0: room is not the obstacle.
      0;
  Obstacle obstacle = Obstacle::too_little;
  Bytes smallest = 0;  // the smallest of its movable segments; 0: none
  // `mark`: the ratio at which nothing would be wrong any more: the threshold (overload), or the
  // lowest node's ratio plus the allowed difference. `own_capacity`: what the node needs more to be
  // at the mark after the plan's moves; 0: none would do. `further_nodes`: other nodes of the
  // replica above the mark, which need theirs, too.
  double mark = 0;
  Bytes own_capacity = 0;
  std::int64_t further_nodes = 0;
};

// The reason why a plan has no moves.
enum class WhyNothing {
  planned,                 // there are moves
  nothing_wrong,           // all was judged, and nothing is wrong
  coordinator_incomplete,  // the coordinator did not answer everything that was asked
  policy_unusable,         // the policy's figures are no numbers or contradict each other
  waiting_for_evidence,    // something looks wrong, not yet in enough samples
  waiting_for_health,      // not everything could be judged: see Plan::waits_for_…
  budget,                  // the round's budget allows no move
  nothing_helps,           // see Plan::rejected and Plan::unfixable
  outside_focus,           // no move concerns the focus: see focus.hpp
};

// The moves of a round, or why there are none.
struct Plan {
  WhyNothing why_nothing = WhyNothing::planned;
  // The first node or replica that could not be judged, where levelling waits for it. Neither: a
  // collection.
  std::optional<NodeId> waits_for_node;
  std::optional<ReplicaId> waits_for_replica;
  std::vector<Move> moves;             // in the order they should run
  std::vector<RejectedMove> rejected;  // at most kMaxRejected, alike ones folded
  std::vector<Unfixable> unfixable;
  double worst_spread_before = 0, worst_spread_after = 0;
  double worst_ratio_before = 0, worst_ratio_after = 0;

  [[nodiscard]] Bytes bytes() const;
};

inline constexpr std::size_t kMaxRejected = 200;

// The replicas that are being levelled after a round: those that it planned moves for, until they
// are inside the stop mark or nothing more can be done. Where the evidence was not complete or
// something more urgent came first, those of `before` stay.
[[nodiscard]] std::set<ReplicaId> still_levelled(std::set<ReplicaId> before,
                                                 const Judgement& judgement, const Plan& plan);

}  // namespace evenkeel::rules
