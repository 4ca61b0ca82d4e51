#pragma once
// The agent's knowledge of a Milvus cluster at one moment, as an immutable value.
//
// Ids are Milvus's own and need 64 bits; each kind is its own type, so that a node id cannot stand
// where a segment id is meant. Sizes are bytes, ratios 0–1 (1 = the node's whole capacity), times
// wall-clock milliseconds of a clock that never steps back while the agent runs.

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/arithmetic.hpp"

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

// The health of a node: whether its figures may be acted on, and if not, why not.
enum class NodeHealth {
  up,           // scraped, identified, sample at hand
  unreachable,  // its metrics could not be read: the first sign of a dead node
  ambiguous,    // two targets claim its id, so no figure of it can be believed
  unlisted,     // scraped, but the coordinator does not know it (joining, or already leaving)
  stopping,     // the coordinator says that it is leaving or in error
  invalid,      // its metrics were read and make no sense (no memory figure, NaN, negative)
};

// The role of a node in its cluster.
enum class NodeRole {
  query,      // holds sealed segments and takes part in balancing
  streaming,  // 2.6 and later: holds growing segments; a member of replicas, yet nothing is moved
              // to or from it
  leaving,    // a query node that every replica that names it is leaving: Milvus empties it
  unknown,    // a 2.6 in which query nodes and streaming nodes could not be told apart
};

// The source of a node's capacity figure.
enum class CapacitySource { unknown, configured_node, configured_default, coordinator };

// A query node or streaming node as the coordinator lists it, with its memory.
struct Node {
  NodeId id{};
  std::string address;  // as the coordinator names it, host:port of its gRPC service
  Bytes used = 0;       // resident memory of the query-node process
  Bytes capacity = 0;   // the most it may use; 0: unknown
  CapacitySource capacity_source = CapacitySource::unknown;
  TimePoint sampled_at{};  // when `used` was read; the epoch: never
  NodeHealth health = NodeHealth::unreachable;
  std::string problem;  // the reason where health is not `up`
  NodeRole role = NodeRole::query;
  std::string version = {};  // as it says itself: "v2.3.5"; empty: it does not say
  // It may be a node whose capacity is configured, and smaller, under a new id: no destination.
  bool capacity_doubted = false;
};

// A reading of a node's used memory.
struct Sample {
  TimePoint at{};
  Bytes used = 0;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("at", self.at);
    visit("used", self.used);
  }
};

// The newest samples of each node, oldest first.
using Samples = std::map<NodeId, std::deque<Sample>>;

// A loaded collection.
struct Collection {
  CollectionId id{};
  std::string name;  // displayed: "book", or "shop.book" where there are several databases
  bool complete =
      false;  // its replicas and segments were all read without an error in this observation
  std::string problem;        // the reason where not complete
  double row_bytes = 0;       // bytes per row as learned, computed or assumed; 0: unknown
  double correction = 1;      // factor on it for the segments' bytes: see weights.hpp
  std::string database = {};  // its database and its name there, for requests to Milvus
  std::string own_name = {};
};

// A copy of a collection on a list of nodes, as the coordinator lists it.
struct Replica {
  ReplicaId id{};
  CollectionId collection{};
  std::string resource_group;
  std::vector<NodeId> nodes;  // a segment of this replica may live on these alone
  // Members that take no part: their segments are neither moved nor a contradiction.
  std::vector<NodeId> streaming = {};
  std::vector<NodeId> leaving = {};  // read-only nodes, which Milvus is emptying
  // This many of `nodes` are leaving as well, and Milvus does not say which: nothing of the replica
  // is moved.
  std::int64_t unknown_leaving = 0;
  // Exclusive mode: a segment of a channel stays on the channel's nodes, or the built-in balancer
  // pulls it back. Empty: a segment may go to all of `nodes`.
  std::vector<std::vector<NodeId>> channels = {};
};

// The source of a segment's size, surest first.
enum class SizeSource {
  reported,   // the coordinator or node gave the size of this very segment
  corrected,  // one of the following, corrected by the effect of moves on the nodes' memory
  learned,    // rows × bytes per row learned from the nodes' fresh entity_size ÷ entity_num
  schema,     // rows × bytes per row computed from the collection's schema
  assumed,    // rows × the stated default
};

// The state of a segment as Milvus reports it.
enum class SegmentState { sealed, growing, loading, other };

// The identity of a segment within one replica, whatever nodes have copies of it.
using SegmentKey = std::pair<SegmentId, ReplicaId>;

// A copy of a segment on one node. While a segment moves, two copies of one (segment, replica)
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
  std::uint32_t channel = 0;  // 1, 2, …: its entry of Replica::channels; 0: none
};

// A collection that a node's metrics name and no list of collections does: its database is not
// looked at, or it is gone and the metrics are stale.
struct UnlistedCollection {
  CollectionId id{};
  NodeId node{};
  Bytes bytes = 0;  // a lower bound from the node's metrics; 0: they do not say
};

// A part of a cluster that could not be read.
struct Problem {
  std::string text;  // which part and why, in words
  // The failure behind it, where several problems may have the same, as when Milvus gives no
  // answer: the log tells each failure once while it lasts. Empty: no other problem has it.
  std::string failure = {};

  bool operator==(const Problem&) const = default;
};

// A Milvus cluster, as one observation read it.
struct Cluster {
  TimePoint observed_at{};
  std::vector<Node> nodes;
  std::vector<Collection> collections;
  std::vector<Replica> replicas;
  std::vector<Segment> segments;
  // The coordinator answered everything that was asked of it. False: nothing may be planned on this
  // value.
  bool coordinator_complete = false;
  std::vector<Problem> problems;
  TimePoint begun_at{};      // the time of the observation's first question; the epoch: unknown
  std::string version = {};  // Milvus's: the proxy's, else the newest of the nodes'
  // The reason why this Milvus may be judged but not acted on; empty: it may.
  std::string untested = {};
  std::string memory_source = {};           // "resident" or "milvus": the source of Node::used
  std::string memory_why = {};              // the reason for that source, in words
  std::vector<std::string> databases = {};  // all databases that were looked at
  std::vector<UnlistedCollection> unlisted = {};  // sorted by collection and node
  // Keys of configured capacities that no node matches; sorted.
  std::vector<std::string> capacity_keys_unmatched = {};
};

// The collections that a person may mean by a text: those shown under it or named database.name, or
// else those of that name within their database.
[[nodiscard]] std::vector<const Collection*> named(const Cluster& cluster, std::string_view text);

// The node of this id; null: the coordinator does not list it.
[[nodiscard]] const Node* find_node(const Cluster& cluster, NodeId id);

[[nodiscard]] std::vector<std::string> texts(const std::vector<Problem>& problems);

// The segments that one node holds, summed up.
struct NodeTotals {
  NodeId node{};
  std::int64_t sealed_rows = 0;
  Bytes bytes = 0;  // all segments, growing ones as far as they have a size
};

// One entry for every node of the cluster, sorted by id.
[[nodiscard]] std::vector<NodeTotals> node_totals(const Cluster& cluster);

// The collections that were read without an error.
[[nodiscard]] std::set<CollectionId> complete_collections(const Cluster& cluster);

// Every collection was read without an error, so a segment that is not listed is gone.
[[nodiscard]] bool everything_read(const Cluster& cluster);

// An event before this time is in the observation.
[[nodiscard]] inline TimePoint begun(const Cluster& cluster) {
  return cluster.begun_at == TimePoint{} ? cluster.observed_at : cluster.begun_at;
}

}  // namespace evenkeel::rules
