#pragma once
// The parts of a simulated Milvus cluster at one moment, made up by tests, benchmarks and the demo.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/demo/release.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::demo {

// The database of requests that name none.
inline constexpr const char* kDefaultDatabase = "default";

// A simulated cluster and its behaviour.
struct World {
  // A query node or streaming node.
  struct Node {
    rules::NodeId id{};
    rules::Bytes capacity = 0;
    rules::Bytes base = 0;    // memory of the process without segments
    std::size_t padding = 0;  // extra bytes of exposition text that say nothing of interest
    // A streaming node (2.6 and later) holds the log and is a query node, too: a member of every
    // replica that it is dealt to, leader of its shards.
    bool streaming = false;
    // A suspended node takes no segment, but stays a member (/management/querycoord/node/suspend).
    bool suspended = false;
    // Bytes of mapped files: in the resident memory of /metrics, not in the coordinator's
    // memory_usage.
    rules::Bytes file_backed = 0;
  };
  // One copy of a segment.
  struct Segment {
    rules::SegmentId id{};
    std::int64_t rows = 0;
    rules::NodeId node{};   // one entry a copy; replicas list the same id again
    bool l0 = false;        // deletes alone: no rows, level 1 where releases list it
    std::string channel{};  // empty: the collection's first
  };
  // A channel whose segments only these nodes may hold, if a balancer keeps channels apart.
  struct Channel {
    std::string name;
    std::vector<rules::NodeId> nodes;
  };
  // A replica and its members.
  struct Replica {
    rules::ReplicaId id{};
    // If no replica of the collection names a streaming node, they are dealt out to all.
    std::vector<rules::NodeId> nodes;
    std::vector<Channel> channels{};
  };
  // A collection, its replicas and its segments.
  struct Collection {
    rules::CollectionId id{};
    std::string name;
    int dim = 128;                  // of its one float vector
    std::vector<Replica> replicas;  // none: released
    std::vector<Segment> segments;
    std::string database{kDefaultDatabase};
    bool indexed = false;  // its vectors are in an index, which entity_size leaves out since 2.4
  };
  std::vector<Node> nodes;
  std::vector<Collection> collections;
  std::uint64_t seed = 1;
  double noise = 0.005;                  // standard deviation of a node's memory, as a ratio
  std::chrono::milliseconds lag{1500};   // until memory shows a move for good
  double move_bytes_per_second = 400e6;  // how fast a segment loads
  double loading_peak = 1.25;            // the peak of a segment while it loads, × its bytes
  Era era = Era::v2_3;
  std::string version{};  // instead of the era's own, such as "2.6.5"; empty: that one
  // The login that /api/v1 asks for, if the release asks at all; no user: none.
  std::string user{}, password{};
  // What that login may not do over gRPC: "LoadBalance", "DescribeCollection", … HTTP lets it.
  std::vector<std::string> denied{};
  // The built-in balancer moves a segment back so long after load_balance moved it; 0: never.
  std::chrono::milliseconds takes_back_after{0};
};

// Returns the version that the cluster states.
[[nodiscard]] std::string stated_version(const World& world);

// Returns the bytes of one row in a node's memory, as Milvus counts them: an int64 key, one float
// vector and 16 bytes of its own (a real 2.3 reports 536 for 128 dimensions).
[[nodiscard]] rules::Bytes row_bytes(int dim);

// Makes six nodes of three sizes, three collections, badly skewed: one node over 90 % of its
// capacity, two nearly idle. Levelling it takes some 2.5 GiB of moves. From 2.5 on a second
// database has a collection "book", too; from 2.6 on there are two streaming nodes.
[[nodiscard]] World demo_world(std::uint64_t seed = 1, Era era = Era::v2_3);

// Makes the same of a release as people name it: "2.6", "2.6.5". The error says what to say.
[[nodiscard]] tl::expected<World, std::string> demo_world_of(std::string_view version,
                                                             std::uint64_t seed);

}  // namespace evenkeel::demo
