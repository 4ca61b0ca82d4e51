#pragma once
// What a simulated Milvus cluster consists of at one moment: a value that tests, benchmarks and the
// demo make up.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::demo {

struct World {
  struct Node {
    rules::NodeId id{};
    rules::Bytes capacity = 0;
    rules::Bytes base = 0;    // memory of the process without segments
    std::size_t padding = 0;  // extra bytes of exposition text that say nothing of interest
  };
  struct Segment {
    rules::SegmentId id{};
    std::int64_t rows = 0;
    rules::NodeId node{};  // one entry a copy; replicas list the same id again
  };
  struct Replica {
    rules::ReplicaId id{};
    std::vector<rules::NodeId> nodes;
  };
  struct Collection {
    rules::CollectionId id{};
    std::string name;
    int dim = 128;  // of its one float vector
    std::vector<Replica> replicas;
    std::vector<Segment> segments;
  };
  std::vector<Node> nodes;
  std::vector<Collection> collections;
  std::uint64_t seed = 1;
  double noise = 0.005;                  // of a node's memory, standard deviation
  std::chrono::milliseconds lag{1500};   // until memory shows a move for good
  double move_bytes_per_second = 400e6;  // how fast a segment loads
  double loading_peak = 1.25;  // what a segment takes at most while it loads, × its bytes
};

// Bytes that one row takes in a node's memory, as Milvus counts them: an int64 key, one float
// vector and 16 bytes of its own (a real 2.3 reports 536 for 128 dimensions).
[[nodiscard]] rules::Bytes row_bytes(int dim);

// Six nodes of three sizes, three collections, badly skewed: one node over 90 % of its capacity,
// two nearly idle. Levelling it takes some 2.5 GiB of moves.
[[nodiscard]] World demo_world(std::uint64_t seed = 1);

}  // namespace evenkeel::demo
