#pragma once
// plan: which segments to move to put right what the judgement found, and what was considered and
// rejected. Pure and deterministic: the order of the cluster's lists does not matter.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

enum class Urgency { overload, difference };

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
  std::optional<SegmentId> makes_room_for;
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
  too_small,        // no bytes: moving it changes nothing
  budget,           // the plan is full
  data_incomplete,  // its collection was read in part, or what was read of it contradicts itself
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

// Something that moving cannot put right, and what would.
struct Unfixable {
  Urgency urgency = Urgency::overload;
  NodeId node{};  // the overloaded or highest node
  std::optional<ReplicaId> replica;
  Bytes excess =
      0;  // bytes over its threshold (overload) or over what levelling needs (difference)
  Bytes room_needed =
      0;  // capacity that would have to be added for a fix, 0 where room is not what is missing
};

struct Plan {
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
