#pragma once
// The port to Milvus's coordinator. One implementation an API era; the loop and the verbs know only
// this. Every call has a deadline. An answer that is cut, of another shape, or an error inside a
// 200 is a Failure.

#include <array>
#include <cstdint>
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

struct Failure {
  FailureKind kind = FailureKind::transport;
  std::string message;  // what was asked of whom and what came back, for the log
  bool timed_out = false;
  std::int64_t code = 0;   // Milvus's own (merr): 100, 901, …; 0: it gave none
  bool not_asked = false;  // nothing was sent, since this look has given the coordinator up
};

// Milvus's own codes (merr) that decide something here.
inline constexpr std::int64_t kCodeCollectionNotFound = 100, kCodeCollectionNotLoaded = 101,
                              kCodeCollectionNotFullyLoaded = 103, kCodeSegmentNotFound = 600,
                              kCodeDatabaseNotFound = 800, kCodeNodeNotFound = 901,
                              kCodeNodeStateUnexpected = 906, kCodeNotAuthenticated = 1800;

template <typename T>
using Result = tl::expected<T, Failure>;

struct QueryNode {
  rules::NodeId id{};
  std::string address;      // host:port (gRPC)
  rules::Bytes memory = 0;  // the machine's or the cgroup's limit; 0: not said
  rules::Bytes memory_used =
      0;                // 2.3: the process's own; 2.2 outside containers: the whole machine's
  std::string version;  // "v2.3.5", "2.6.19"; empty: not said
  bool has_error = false;
  std::string error;
  bool streaming = false;  // system_info calls it a streaming node (2.6.14 and later)
};

// What system_info says of the cluster.
struct SystemInfo {
  std::vector<QueryNode> nodes;  // query nodes and streaming nodes, sorted by id
  std::string version;           // of the proxy, or else of the query coordinator; empty: not said
};

// The databases of the cluster.
struct Databases {
  std::vector<std::string> names;  // sorted; never empty
  // False: this version has no list of them that could be read, so there may be others.
  bool all = true;
};

struct CollectionInfo {
  rules::CollectionId id{};
  std::string name;
  int loaded_percentage = 100;  // of its segments in the query nodes' memory
  std::string database = "default";
};

struct ReplicaInfo {
  rules::ReplicaId id{};
  rules::CollectionId collection{};
  std::string resource_group;
  std::vector<rules::NodeId> nodes;  // sorted, without duplicates
  // The leaders of its shards: from 2.6 on these are streaming nodes. Sorted, without duplicates.
  std::vector<rules::NodeId> leaders{};
  std::int64_t outbound = 0;  // of `nodes`, how many are of another resource group and leave it
};

// One of the nodes that a channel's segments live on, where its replica is in exclusive mode.
struct ChannelNodes {
  std::string channel;
  std::vector<rules::NodeId> nodes;  // sorted, without duplicates
};

// What the console's list of replicas (2.5 and later) says beyond ReplicaInfo.
struct ReplicaRoles {
  rules::ReplicaId id{};
  rules::CollectionId collection{};
  std::vector<rules::NodeId> nodes;      // all members; sorted, without duplicates
  std::vector<rules::NodeId> read_only;  // those that it is leaving; sorted, without duplicates
  std::vector<ChannelNodes> channels;    // empty: not in exclusive mode
};

struct ResourceGroup {
  std::string name;
  std::vector<rules::NodeId> nodes;  // plain query nodes (from 2.6.1 on); sorted
};

// What a query node itself says of one copy of a segment (2.5 and later).
struct SegmentSize {
  rules::SegmentId segment{};
  rules::CollectionId collection{};
  rules::NodeId node{};
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;  // of its columns and of the indexes that it has loaded
  bool sealed = false;
};

struct SegmentChannel {
  rules::SegmentId segment{};
  std::string channel;
};

struct SegmentInfo {
  rules::SegmentId id{};
  rules::CollectionId collection{};
  rules::PartitionId partition{};
  std::int64_t rows = 0;
  rules::Bytes memory_size = 0;  // 0: not said (2.2 and 2.3 never do)
  rules::SegmentState state = rules::SegmentState::other;
  std::vector<rules::NodeId>
      nodes;  // every node that holds it, all replicas mixed; sorted, without duplicates
};

struct LoadBalance {
  std::string collection;
  rules::NodeId source{};
  std::vector<rules::NodeId> destinations{};
  std::vector<rules::SegmentId> segments{};  // never empty: Milvus would take that for all
  std::string database = "default";
};

class Coordinator {
 public:
  virtual ~Coordinator() = default;

  [[nodiscard]] virtual Awaitable<Result<SystemInfo>> system_info() = 0;
  [[nodiscard]] virtual Awaitable<Result<Databases>> databases() = 0;
  // The loaded collections of one database, also those still loading; others have no segments in
  // memory and are left out.
  [[nodiscard]] virtual Awaitable<Result<std::vector<CollectionInfo>>> collections(
      const std::string& database) = 0;
  [[nodiscard]] virtual Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) = 0;
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) = 0;
  // Bytes of one row's raw fields by the collection's schema; variable-length fields count with
  // stated averages.
  [[nodiscard]] virtual Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) = 0;
  // Success or failure only says what the coordinator answered: read the distribution to know what
  // happened.
  [[nodiscard]] virtual Awaitable<Result<void>> load_balance(const LoadBalance& request) = 0;

  // Lists of Milvus 2.5 and later, each over the whole cluster; where a version has none, the
  // failure is `unsupported`.
  [[nodiscard]] virtual Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles();
  [[nodiscard]] virtual Awaitable<Result<std::vector<ResourceGroup>>> resource_groups();
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentSize>>> segment_sizes();
  [[nodiscard]] virtual Awaitable<Result<std::vector<SegmentChannel>>> segment_channels();
  // Whether the built-in balancer may move segments. False only where the coordinator says that it
  // is suspended: what its configuration says is not in that answer.
  [[nodiscard]] virtual Awaitable<Result<bool>> balancer_active();
};

}  // namespace evenkeel::milvus
