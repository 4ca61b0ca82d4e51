#include "agent/milvus/counted_coordinator.hpp"

#include <optional>
#include <utility>

#include "agent/util/exception_words.hpp"

namespace evenkeel::milvus {

CountedCoordinator::CountedCoordinator(Coordinator& other, Counted counted)
    : other_(other), counted_(std::move(counted)) {}

template <typename T>
Awaitable<Result<T>> CountedCoordinator::count(Awaitable<Result<T>> call) {
  std::optional<Result<T>> ended;
  std::string words;
  try {
    ended.emplace(co_await std::move(call));
  } catch (...) {
    words = words_of_current_exception();
  }
  if (!ended) {
    // What was sent, if anything, may yet have its effect.
    Failure failure{.kind = FailureKind::transport, .message = "ended by an exception: " + words};
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) counted_(&failure);
    co_return tl::unexpected(std::move(failure));
  }
  Result<T> result = *std::move(ended);
  // A list that this version does not have is no failure of the coordinator.
  const bool failed = !result && result.error().kind != FailureKind::unsupported;
  counted_(failed ? &result.error() : nullptr);
  co_return result;
}

Awaitable<Result<SystemInfo>> CountedCoordinator::system_info() {
  return count(other_.system_info());
}

Awaitable<Result<Databases>> CountedCoordinator::databases() {
  return count(other_.databases());
}

Awaitable<Result<std::vector<CollectionInfo>>> CountedCoordinator::collections(
    const std::string& database) {
  return count(other_.collections(database));
}

Awaitable<Result<std::vector<ReplicaInfo>>> CountedCoordinator::replicas(
    const CollectionInfo& collection) {
  return count(other_.replicas(collection));
}

Awaitable<Result<std::vector<SegmentInfo>>> CountedCoordinator::segments(
    const CollectionInfo& collection) {
  return count(other_.segments(collection));
}

Awaitable<Result<rules::Bytes>> CountedCoordinator::row_bytes(const CollectionInfo& collection) {
  return count(other_.row_bytes(collection));
}

Awaitable<Result<void>> CountedCoordinator::load_balance(const LoadBalance& request) {
  return count(other_.load_balance(request));
}

Awaitable<Result<std::vector<ReplicaRoles>>> CountedCoordinator::replica_roles() {
  return count(other_.replica_roles());
}

Awaitable<Result<std::vector<ResourceGroup>>> CountedCoordinator::resource_groups() {
  return count(other_.resource_groups());
}

Awaitable<Result<std::vector<SegmentSize>>> CountedCoordinator::segment_sizes() {
  return count(other_.segment_sizes());
}

Awaitable<Result<std::vector<SegmentChannel>>> CountedCoordinator::segment_channels() {
  return count(other_.segment_channels());
}

Awaitable<Result<bool>> CountedCoordinator::balancer_active() {
  return count(other_.balancer_active());
}

}  // namespace evenkeel::milvus
