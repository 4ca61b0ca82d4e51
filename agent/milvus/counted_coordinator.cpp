#include "agent/milvus/counted_coordinator.hpp"

#include <utility>

namespace evenkeel::milvus {

CountedCoordinator::CountedCoordinator(Coordinator& other, Counted counted)
    : other_(other), counted_(std::move(counted)) {}

template <typename T>
Awaitable<Result<T>> CountedCoordinator::count(Awaitable<Result<T>> call) {
  Result<T> result = co_await std::move(call);
  counted_(result ? nullptr : &result.error());
  co_return result;
}

Awaitable<Result<std::vector<QueryNode>>> CountedCoordinator::query_nodes() {
  return count(other_.query_nodes());
}

Awaitable<Result<std::vector<CollectionInfo>>> CountedCoordinator::collections() {
  return count(other_.collections());
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

}  // namespace evenkeel::milvus
