#pragma once
// The port to Milvus's coordinator. One implementation an API era; the loop and the verbs know only
// this. Every call has a deadline. An answer that is cut, of another shape, or an error inside a
// 200 is a Failure.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "agent/util/asio.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::milvus {

enum class FailureKind {
  transport,  // no answer: refused, reset, hung beyond the deadline, …
  malformed,  // an answer that is not what this API gives
  not_found,  // the coordinator does not know the collection (it was dropped)
  refused,    // the coordinator answered with an error
};
inline constexpr std::array kFailureKinds{FailureKind::transport, FailureKind::malformed,
                                          FailureKind::not_found, FailureKind::refused};
[[nodiscard]] std::string_view name(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::transport;
  std::string message;  // what was asked of whom and what came back, for the log
  bool timed_out = false;
};

template <typename T>
using Result = tl::expected<T, Failure>;

struct QueryNode {
  rules::NodeId id{};
  std::string address;      // host:port (gRPC)
  rules::Bytes memory = 0;  // the machine's or the cgroup's limit; 0: not said
  rules::Bytes memory_used =
      0;                // 2.3: the process's own; 2.2 outside containers: the whole machine's
  std::string version;  // "v2.3.5"
  bool has_error = false;
  std::string error;
};

struct CollectionInfo {
  rules::CollectionId id{};
  std::string name;
  int loaded_percentage = 100;  // of its segments in the query nodes' memory
};

struct ReplicaInfo {
  rules::ReplicaId id{};
  rules::CollectionId collection{};
  std::string resource_group;
  std::vector<rules::NodeId> nodes;  // sorted, without duplicates
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
  std::vector<rules::NodeId> destinations{};  // empty: the coordinator chooses
  std::vector<rules::SegmentId> segments{};   // empty: all sealed segments of the source
};

class Coordinator {
 public:
  virtual ~Coordinator() = default;

  [[nodiscard]] virtual Awaitable<Result<std::vector<QueryNode>>> query_nodes() = 0;
  // The loaded collections, also those still loading; others have no segments in memory and are
  // left out.
  [[nodiscard]] virtual Awaitable<Result<std::vector<CollectionInfo>>> collections() = 0;
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
};

}  // namespace evenkeel::milvus
