#pragma once
// A plan: the segments to move, what was considered and rejected, and what no move puts right.
// rules/planner/planner.hpp makes one.

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/rejection.hpp"

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

struct RejectedMove {
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
  std::vector<Move> moves;             // in the order they should run
  std::vector<RejectedMove> rejected;  // at most kMaxRejected, alike ones folded
  std::vector<Unfixable> unfixable;
  double worst_spread_before = 0, worst_spread_after = 0;
  double worst_ratio_before = 0, worst_ratio_after = 0;

  [[nodiscard]] Bytes bytes() const;
};

inline constexpr std::size_t kMaxRejected = 200;

// The replicas that are being levelled after a round: those for which it planned moves, until they
// are inside the stop mark or nothing more can be done for them. Where the evidence was not
// complete or something more urgent came first, those that `before` names stay.
[[nodiscard]] std::set<ReplicaId> still_levelled(std::set<ReplicaId> before,
                                                 const Judgement& judgement, const Plan& plan);

}  // namespace evenkeel::rules
