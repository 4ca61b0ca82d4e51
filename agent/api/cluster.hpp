#pragma once
// GET /api/v1/nodes, replicas and segments: the cluster as it was last observed.

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>

#include "agent/api/problem.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// Every `snapshot` here must follow the first observation.
[[nodiscard]] Json nodes_of(const loop::Snapshot& snapshot);
[[nodiscard]] Json replicas_of(const loop::Snapshot& snapshot);

// The sort key of copies: a copy is of one segment and replica on one node.
using SegmentPlace = std::tuple<rules::SegmentId, rules::ReplicaId, rules::NodeId>;

// The segments asked for.
struct SegmentsAsked {
  std::optional<std::string> collection;  // by name
  std::optional<rules::NodeId> node;
  std::size_t limit = 1000;
  std::optional<SegmentPlace> after;
};
inline constexpr std::size_t kMaxSegments = 10'000;

[[nodiscard]] Checked<SegmentsAsked> parse_segments_asked(std::string_view query);
// Refuses a collection or node that is not there. The answer is text to be sent: a tree of so many
// would take ten times the memory.
[[nodiscard]] Checked<web::Response> segments_of(const loop::Snapshot& snapshot,
                                                 const SegmentsAsked& asked);

}  // namespace evenkeel::api
