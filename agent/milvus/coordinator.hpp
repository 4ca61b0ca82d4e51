#pragma once
// The port to Milvus's proxy and the query coordinator behind it: the loop and the verbs know only
// this, and each API era implements it. Every call has a deadline. An answer that is cut, of
// another shape, or with an error inside a 200 is a Failure.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/util/asio.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::milvus {

enum class FailureKind {
  transport,    // no answer: refused, reset, hung beyond the deadline, …
  malformed,    // an answer that is not what this API gives
  not_found,    // the coordinator does not know the collection or database (it was dropped)
  not_loaded,   // the collection is not loaded, or no longer whole (it was released)
  login,        // the login is missing, wrong, or may not do this
  unsupported,  // this version of Milvus does not have that list
  refused,      // the coordinator answered with another error
};
inline constexpr std::array kFailureKinds{FailureKind::transport, FailureKind::malformed,
                                          FailureKind::not_found, FailureKind::not_loaded,
                                          FailureKind::login,     FailureKind::unsupported,
                                          FailureKind::refused};
[[nodiscard]] std::string_view name(FailureKind kind);

// The failure of a call.
struct Failure {
  FailureKind kind = FailureKind::transport;
  std::string message;  // the request, the server and what came back, for the log
  bool timed_out = false;
  std::int64_t code = 0;   // Milvus's own (merr): 100, 901, …; 0: it gave none
  bool not_asked = false;  // nothing was sent, since this look has given the coordinator up
};

// The codes of Milvus (merr) that decide something here.
inline constexpr std::int64_t kCodeCollectionNotFound = 100, kCodeCollectionNotLoaded = 101,
                              kCodeCollectionNotFullyLoaded = 103, kCodeSegmentNotFound = 600,
                              kCodeDatabaseNotFound = 800, kCodeNodeNotFound = 901,
                              kCodeNodeStateUnexpected = 906, kCodeNotAuthenticated = 1800;

template <typename T>
using Result = tl::expected<T, Failure>;

// A query node or streaming node.
struct QueryNode {
  rules::NodeId id{};
  std::string address;           // host:port (gRPC)
  rules::Bytes memory = 0;       // the machine's or the cgroup's limit; 0: not said
  rules::Bytes memory_used = 0;  // 2.3: the process's; 2.2 outside containers: the machine's
  std::string version;           // "v2.3.5", "2.6.19"; empty: not said
  bool has_error = false;
  std::string error;
  bool streaming = false;  // system_info calls it a streaming node (2.6.14 and later)
};

// The cluster as system_info describes it.
struct SystemInfo {
  std::vector<QueryNode> nodes;  // query nodes and streaming nodes, sorted by id
  std::string version;           // the proxy's, or else the query coordinator's; empty: not said
};

// The databases of the cluster.
struct Databases {
  std::vector<std::string> names;  // sorted; never empty
  // False: this version has no readable list of them, so there may be others.
  bool all = true;
};

// Returns these, none of which is missing.
[[nodiscard]] Databases all_databases(std::vector<std::string> names);

// A collection that is loaded or still loading.
struct CollectionInfo {
  rules::CollectionId id{};
  std::string name;
  int loaded_percentage = 100;  // percent of its segments in the query nodes' memory
  std::string database = "default";
};

// A replica and its nodes.
struct ReplicaInfo {
  rules::ReplicaId id{};
  rules::CollectionId collection{};
  std::string resource_group;
  std::vector<rules::NodeId> nodes;  // sorted, without duplicates
  // The leaders of its shards, which from 2.6 on are streaming nodes. Sorted, without duplicates.
  std::vector<rules::NodeId> leaders{};
  std::int64_t outbound = 0;  // how many of `nodes` are of another resource group and leave
};

// A channel and the nodes that its segments live on, if the replica is in exclusive mode.
struct ChannelNodes {
  std::string channel;
  std::vector<rules::NodeId> nodes;  // sorted, without duplicates
};

// A replica as the console lists it (2.5 and later), which says more than ReplicaInfo.
struct ReplicaRoles {
  rules::ReplicaId id{};
  rules::CollectionId collection{};
  std::vector<rules::NodeId> nodes;      // all members; sorted, without duplicates
  std::vector<rules::NodeId> read_only;  // members that leave it; sorted, without duplicates
  std::vector<ChannelNodes> channels;    // empty: not in exclusive mode
};

// A resource group and its nodes.
struct ResourceGroup {
  std::string name;
  std::vector<rules::NodeId> nodes;  // plain query nodes (from 2.6.1 on); sorted
};

// One copy of a segment, as its query node describes it (2.5 and later).
struct SegmentSize {
  rules::SegmentId segment{};
  rules::CollectionId collection{};
  rules::NodeId node{};
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;  // its columns and the indexes that are loaded
  bool sealed = false;
};

// A segment and its channel.
struct SegmentChannel {
  rules::SegmentId segment{};
  std::string channel;
};

// A segment and its holders.
struct SegmentInfo {
  rules::SegmentId id{};
  rules::CollectionId collection{};
  rules::PartitionId partition{};
  std::int64_t rows = 0;
  rules::Bytes memory_size = 0;  // 0: not said (2.2 and 2.3 never do)
  rules::SegmentState state = rules::SegmentState::other;
  std::vector<rules::NodeId> nodes;  // holders in all replicas; sorted, without duplicates
};

// A request to move segments.
struct LoadBalance {
  std::string collection;
  rules::NodeId source{};
  std::vector<rules::NodeId> destinations{};
  std::vector<rules::SegmentId> segments{};  // never empty: Milvus takes that for all
  std::string database = "default";
  // If set, it is asked just before the request is written; false: nothing is sent.
  std::function<bool()> may_send{};
};

// Why such a request must never be sent, as the end of a sentence: from a node to itself, for which
// Milvus scatters the segments, or without segments, which it takes for all. Empty: it may be.
[[nodiscard]] std::string why_not_sent(const LoadBalance& request);

// A request to suspend the built-in balancer, or to let it go on.
struct BalancerSwitch {
  bool on = true;  // false: suspend it
  // If set, it is asked just before the request is written; false: nothing is sent.
  std::function<bool()> may_send{};
};

// A request to suspend a query node (Milvus gives it nothing and takes all off it), or to resume
// it.
struct NodeSwitch {
  rules::NodeId node{};
  bool on = true;  // false: suspend it
};

// A list that a version lacks is not asked for again for this long.
inline constexpr std::chrono::minutes kAbsentRest{5};

// The calls to Milvus's coordinator.
class Coordinator {
 public:
  virtual ~Coordinator() = default;

  [[nodiscard]] virtual Awaitable<Result<SystemInfo>> system_info() = 0;
  [[nodiscard]] virtual Awaitable<Result<Databases>> databases() = 0;
  // Returns one database's loaded or loading collections; others have no segments in memory.
  [[nodiscard]] virtual Awaitable<Result<std::vector<CollectionInfo>>> collections(
      const std::string& database) = 0;
  [[nodiscard]] virtual Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) = 0;
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) = 0;
  // Returns the bytes of a row's raw fields by the schema, at stated averages where they vary.
  [[nodiscard]] virtual Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) = 0;
  // The result is only what the coordinator answered; the distribution tells what happened.
  [[nodiscard]] virtual Awaitable<Result<void>> load_balance(const LoadBalance& request) = 0;

  // These lists of 2.5 and later are of the whole cluster; a version without one: `unsupported`.
  [[nodiscard]] virtual Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles();
  [[nodiscard]] virtual Awaitable<Result<std::vector<ResourceGroup>>> resource_groups();
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentSize>>> segment_sizes();
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentChannel>>> segment_channels();
  // Returns false only if the coordinator says that the built-in balancer is suspended: the answer
  // leaves out what its configuration says.
  [[nodiscard]] virtual Awaitable<Result<bool>> balancer_active();
  // Suspends the built-in balancer or lets it go on, until the coordinator restarts, which forgets
  // it. The result is only what the coordinator answered; balancer_active() tells what happened.
  [[nodiscard]] virtual Awaitable<Result<void>> switch_balancer(const BalancerSwitch& request);
  // Suspends or resumes a node (2.4 and later), until the coordinator restarts, which forgets it.
  [[nodiscard]] virtual Awaitable<Result<void>> switch_node(const NodeSwitch& request);
};

}  // namespace evenkeel::milvus
