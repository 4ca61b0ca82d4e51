#pragma once
// What the agent knows of a Milvus cluster at one moment: an immutable value.
//
// Ids are Milvus's own and need 64 bits; each kind is its own type, so that a node id cannot stand
// where a segment id is meant. Sizes are bytes, ratios 0–1 (1 = the node's whole capacity), times
// wall-clock milliseconds of a clock that never steps back while the agent runs.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evenkeel::rules {

enum class NodeId : std::int64_t {};
enum class CollectionId : std::int64_t {};
enum class PartitionId : std::int64_t {};
enum class ReplicaId : std::int64_t {};
enum class SegmentId : std::int64_t {};

// Returns the first of `all` with this id, or null. It looks at one after the other.
template <typename Range, typename Id>
[[nodiscard]] auto find_by_id(Range& all, Id id) -> decltype(&*all.begin()) {
  for (auto& each : all) {
    if (each.id == id) return &each;
  }
  return nullptr;
}

using Bytes = std::int64_t;
using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;

// May this node's figures be acted on, and if not, why not.
enum class NodeHealth {
  up,           // scraped, identified, sample at hand
  unreachable,  // its metrics could not be read: the first sign of a dead node
  ambiguous,    // two targets claim its id, so no figure of it can be believed
  unlisted,     // scraped, but the coordinator does not know it (joining, or already leaving)
  stopping,     // the coordinator says that it is leaving or in error
  invalid,      // its metrics were read and make no sense (no memory figure, NaN, negative)
};

// What a node is for.
enum class NodeRole {
  query,      // holds sealed segments and takes part in balancing
  streaming,  // 2.6 and later: holds growing segments; a member of replicas, yet nothing is moved
              // to or from it
  leaving,    // a query node that every replica that names it is leaving: Milvus empties it
  unknown,    // a 2.6 in which query nodes and streaming nodes could not be told apart
};

// Where a node's capacity figure came from.
enum class CapacitySource { unknown, configured_node, configured_default, coordinator };

struct Node {
  NodeId id{};
  std::string address;  // as the coordinator names it, host:port of its gRPC service
  Bytes used = 0;       // resident memory of the query-node process
  Bytes capacity = 0;   // what it may use at most; 0: unknown
  CapacitySource capacity_source = CapacitySource::unknown;
  TimePoint sampled_at{};  // when `used` was read; the epoch: never
  NodeHealth health = NodeHealth::unreachable;
  std::string problem;  // in words, where health is not `up`
  NodeRole role = NodeRole::query;
  std::string version = {};  // as it says itself: "v2.3.5"; empty: it does not say
  // It may be a node whose capacity is configured, and smaller, under a new id: no destination.
  bool capacity_doubted = false;
};

// What a node used at one moment.
struct Sample {
  TimePoint at{};
  Bytes used = 0;
};

// The newest samples of each node, oldest first.
using Samples = std::map<NodeId, std::deque<Sample>>;

struct Collection {
  CollectionId id{};
  std::string name;  // as shown: "book", or "shop.book" where there are several databases
  bool complete =
      false;  // its replicas and segments were all read without an error in this observation
  std::string problem;    // in words, where not complete
  double row_bytes = 0;   // bytes per row as learned, computed or assumed; 0: unknown
  double correction = 1;  // by which that was multiplied for the segments' bytes (see weights.hpp)
  std::string database = {};  // and its name there, as Milvus is asked for it
  std::string own_name = {};
};

struct Replica {
  ReplicaId id{};
  CollectionId collection{};
  std::string resource_group;
  std::vector<NodeId> nodes;  // a segment of this replica may live on these alone
  // Members that take no part: what is on them is neither moved nor a contradiction.
  std::vector<NodeId> streaming = {};  // streaming nodes
  std::vector<NodeId> leaving = {};    // read-only ones, which Milvus is emptying
  // So many of `nodes` are leaving, too, and Milvus does not say which: nothing of it is moved.
  std::int64_t unknown_leaving = 0;
  // Exclusive mode: segments of a channel stay on its nodes, or the built-in balancer pulls them
  // back. Empty: they may go to all of `nodes`.
  std::vector<std::vector<NodeId>> channels = {};
};

// How sure a segment's size is, best first.
enum class SizeSource {
  reported,   // the coordinator or node gave the size of this very segment
  corrected,  // one of the following, corrected by what moves did to the nodes' memory
  learned,    // rows × bytes per row learned from the nodes' fresh entity_size ÷ entity_num
  schema,     // rows × bytes per row computed from the collection's schema
  assumed,    // rows × the stated default
};

enum class SegmentState { sealed, growing, loading, other };

// A segment of one replica, whatever nodes have copies of it.
using SegmentKey = std::pair<SegmentId, ReplicaId>;

// One copy of a segment on one node. While a segment moves, two copies of one (segment, replica)
// exist.
struct Segment {
  SegmentId id{};
  CollectionId collection{};
  PartitionId partition{};
  ReplicaId replica{};
  NodeId node{};
  std::int64_t rows = 0;
  Bytes bytes = 0;
  SizeSource size_source = SizeSource::assumed;
  SegmentState state = SegmentState::other;
  Bytes stated = 0;           // before any correction; 0: the same as `bytes`
  std::uint32_t channel = 0;  // 1, 2, …: that entry of Replica::channels; 0: none
};

// A collection that a node's metrics name and no list of collections does: it is of a database that
// is not looked at, or it is gone and the metrics are stale.
struct UnlistedCollection {
  CollectionId id{};
  NodeId node{};
  Bytes bytes = 0;  // what the node's metrics say of it, at least; 0: they do not say
};

struct Cluster {
  TimePoint observed_at{};
  std::vector<Node> nodes;
  std::vector<Collection> collections;
  std::vector<Replica> replicas;
  std::vector<Segment> segments;
  // The coordinator answered everything that was asked of it. False: nothing may be planned on this
  // value.
  bool coordinator_complete = false;
  std::vector<std::string> problems;  // in words: what could not be read, and from where
  TimePoint
      begun_at{};  // when the first question of this observation was asked; the epoch: unknown
  std::string version = {};  // of Milvus: the proxy's, else the newest of the nodes'
  // Why this Milvus may be judged but not acted on, in words; empty: it may.
  std::string untested = {};
  std::string memory_source = {};           // "resident" or "milvus": where Node::used comes from
  std::string memory_why = {};              // and why, in words
  std::vector<std::string> databases = {};  // that were looked at
  std::vector<UnlistedCollection> unlisted = {};  // sorted by collection and node
  // What capacities are configured for, and no node is; sorted.
  std::vector<std::string> capacity_keys_unmatched = {};
};

// The collections that a person may mean: by the name as shown, or by database.name, or by the name
// within its database, which several may have.
[[nodiscard]] std::vector<const Collection*> named(const Cluster& cluster, std::string_view text);

// Null: the coordinator lists no such node.
[[nodiscard]] const Node* find_node(const Cluster& cluster, NodeId id);

// The segments that one node holds, summed up.
struct NodeTotals {
  NodeId node{};
  std::int64_t sealed_rows = 0;
  Bytes bytes = 0;  // of every segment, growing ones as far as they have a size
};

// One entry for every node of the cluster, sorted by id.
[[nodiscard]] std::vector<NodeTotals> node_totals(const Cluster& cluster);

// Every collection was read without an error, so a segment that is not listed is gone.
[[nodiscard]] bool everything_read(const Cluster& cluster);

// What ended before then is in the picture.
[[nodiscard]] inline TimePoint begun(const Cluster& cluster) {
  return cluster.begun_at == TimePoint{} ? cluster.observed_at : cluster.begun_at;
}

}  // namespace evenkeel::rules
