#pragma once
// What a simulated Milvus cluster consists of at one moment: a value that tests, benchmarks and the
// demo make up.

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

struct World {
  struct Node {
    rules::NodeId id{};
    rules::Bytes capacity = 0;
    rules::Bytes base = 0;    // memory of the process without segments
    std::size_t padding = 0;  // extra bytes of exposition text that say nothing of interest
    // One that holds the log and, by the way, a query node (2.6 and later): member of every replica
    // that it is dealt to, leader of its shards.
    bool streaming = false;
    // Stays a member of its replicas, but takes no segment (/management/querycoord/node/suspend).
    bool suspended = false;
    // Bytes of files that it has mapped: in the resident memory of its /metrics, not in the
    // coordinator's memory_usage.
    rules::Bytes file_backed = 0;
  };
  struct Segment {
    rules::SegmentId id{};
    std::int64_t rows = 0;
    rules::NodeId node{};   // one entry a copy; replicas list the same id again
    bool l0 = false;        // deletes alone: no rows, level 1 where releases list it
    std::string channel{};  // empty: the collection's first
  };
  // Whose nodes alone may hold the segments of a channel, where a balancer keeps channels apart.
  struct Channel {
    std::string name;
    std::vector<rules::NodeId> nodes;
  };
  struct Replica {
    rules::ReplicaId id{};
    // A streaming node that no replica of the collection names is dealt to one of them: to all if
    // there is but one.
    std::vector<rules::NodeId> nodes;
    std::vector<Channel> channels{};
  };
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
  double noise = 0.005;                  // of a node's memory, standard deviation
  std::chrono::milliseconds lag{1500};   // until memory shows a move for good
  double move_bytes_per_second = 400e6;  // how fast a segment loads
  double loading_peak = 1.25;  // what a segment takes at most while it loads, × its bytes
  Era era = Era::v2_3;
  std::string version{};  // instead of the era's own, such as "2.6.5"; empty: that one
  // The login that /api/v1 asks for, where the release asks at all; no user: none.
  std::string user{}, password{};
  // The built-in balancer moves a segment back so long after load_balance moved it; 0: never.
  std::chrono::milliseconds takes_back_after{0};
};

// What the cluster says that it is.
[[nodiscard]] std::string stated_version(const World& world);

// Bytes that one row takes in a node's memory, as Milvus counts them: an int64 key, one float
// vector and 16 bytes of its own (a real 2.3 reports 536 for 128 dimensions).
[[nodiscard]] rules::Bytes row_bytes(int dim);

// Six nodes of three sizes, three collections, badly skewed: one node over 90 % of its capacity,
// two nearly idle. Levelling it takes some 2.5 GiB of moves. From 2.5 on a second database has a
// collection "book", too; from 2.6 on there are two streaming nodes.
[[nodiscard]] World demo_world(std::uint64_t seed = 1, Era era = Era::v2_3);

// The same of a release as people name it: "2.6", or in full "2.6.5". The error says what to say.
[[nodiscard]] tl::expected<World, std::string> demo_world_of(std::string_view version,
                                                             std::uint64_t seed);

}  // namespace evenkeel::demo
