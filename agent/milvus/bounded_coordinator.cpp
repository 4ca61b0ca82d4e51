#include "agent/milvus/bounded_coordinator.hpp"

#include <utility>

#include "agent/util/format.hpp"

namespace evenkeel::milvus {

BoundedCoordinator::BoundedCoordinator(Coordinator& other, std::function<rules::TimePoint()> now)
    : other_(other), now_(std::move(now)) {}

void BoundedCoordinator::begin(rules::Duration longest) {
  last_ = now_() + longest;
  longest_ = longest;
  timeouts_ = 0;
}

std::string BoundedCoordinator::given_up() const {
  if (timeouts_ >= kMostTimeouts) {
    return "the coordinator left " + std::to_string(timeouts_) +
           " questions in a row without an answer, and was asked no more; see [milvus] timeout and "
           "the coordinator's own log";
  }
  if (last_ == rules::TimePoint{} || now_() <= last_) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest_).count();
  return "the coordinator took more than " + std::to_string(seconds) +
         " s for what was asked so far (twelve times [milvus] timeout), and was asked no more";
}

template <typename T, typename Ask>
Awaitable<Result<T>> BoundedCoordinator::ask(Ask question) {
  if (const auto why = given_up(); !why.empty()) {
    co_return tl::unexpected(
        Failure{.kind = FailureKind::transport, .message = "not asked: " + why, .not_asked = true});
  }
  auto result = co_await question();
  timeouts_ = !result && result.error().timed_out ? timeouts_ + 1 : 0;
  co_return result;
}

Awaitable<Result<SystemInfo>> BoundedCoordinator::system_info() {
  return ask<SystemInfo>([this] { return other_.system_info(); });
}

Awaitable<Result<Databases>> BoundedCoordinator::databases() {
  return ask<Databases>([this] { return other_.databases(); });
}

Awaitable<Result<std::vector<CollectionInfo>>> BoundedCoordinator::collections(
    const std::string& database) {
  return ask<std::vector<CollectionInfo>>(
      [this, database] { return other_.collections(database); });
}

Awaitable<Result<std::vector<ReplicaInfo>>> BoundedCoordinator::replicas(
    const CollectionInfo& collection) {
  return ask<std::vector<ReplicaInfo>>([this, collection] { return other_.replicas(collection); });
}

Awaitable<Result<std::vector<SegmentInfo>>> BoundedCoordinator::segments(
    const CollectionInfo& collection) {
  return ask<std::vector<SegmentInfo>>([this, collection] { return other_.segments(collection); });
}

Awaitable<Result<rules::Bytes>> BoundedCoordinator::row_bytes(const CollectionInfo& collection) {
  return ask<rules::Bytes>([this, collection] { return other_.row_bytes(collection); });
}

Awaitable<Result<void>> BoundedCoordinator::load_balance(const LoadBalance& request) {
  return other_.load_balance(request);
}

Awaitable<Result<std::vector<ReplicaRoles>>> BoundedCoordinator::replica_roles() {
  return ask<std::vector<ReplicaRoles>>([this] { return other_.replica_roles(); });
}

Awaitable<Result<std::vector<ResourceGroup>>> BoundedCoordinator::resource_groups() {
  return ask<std::vector<ResourceGroup>>([this] { return other_.resource_groups(); });
}

Awaitable<Result<std::vector<SegmentSize>>> BoundedCoordinator::segment_sizes() {
  return ask<std::vector<SegmentSize>>([this] { return other_.segment_sizes(); });
}

Awaitable<Result<std::vector<SegmentChannel>>> BoundedCoordinator::segment_channels() {
  return ask<std::vector<SegmentChannel>>([this] { return other_.segment_channels(); });
}

Awaitable<Result<bool>> BoundedCoordinator::balancer_active() {
  return ask<bool>([this] { return other_.balancer_active(); });
}

}  // namespace evenkeel::milvus
