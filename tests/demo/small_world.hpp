#pragma once
// A world whose figures are easy to reckon with: rows of 1,000 bytes, no noise, segments of 1 MB
// that load in a second.

#include "agent/demo/world.hpp"

namespace evenkeel::demo {

inline constexpr int kDimOfKilobyteRows = 244;  // 244 × 4 + 24 = 1,000 bytes a row

inline rules::NodeId node(std::int64_t id) {
  return rules::NodeId{id};
}
inline rules::SegmentId segment(std::int64_t id) {
  return rules::SegmentId{id};
}

// Nodes 1–4 of 100 MB, 10 MB of it base. "book" (id 100): one replica on nodes 1–3; segments 1 and
// 2 on node 1, segment 3 on node 2. "film" (id 200): replica 21 on nodes 1 and 2, replica 22 on
// nodes 3 and 4; segment 11 on nodes 1 and 3.
inline World small_world() {
  World world;
  for (std::int64_t id = 1; id <= 4; ++id) {
    world.nodes.push_back({node(id), 100'000'000, 10'000'000, 0});
  }
  world.collections.push_back(
      {rules::CollectionId{100},
       "book",
       kDimOfKilobyteRows,
       {{rules::ReplicaId{12}, {node(1), node(2), node(3)}}},
       {{segment(1), 1'000, node(1)}, {segment(2), 1'000, node(1)}, {segment(3), 1'000, node(2)}}});
  world.collections.push_back(
      {rules::CollectionId{200},
       "film",
       kDimOfKilobyteRows,
       {{rules::ReplicaId{21}, {node(1), node(2)}}, {rules::ReplicaId{22}, {node(3), node(4)}}},
       {{segment(11), 2'000, node(1)}, {segment(11), 2'000, node(3)}}});
  world.noise = 0;
  world.lag = std::chrono::milliseconds{3'000};
  world.move_bytes_per_second = 1e6;
  world.loading_peak = 1.5;
  return world;
}

}  // namespace evenkeel::demo
