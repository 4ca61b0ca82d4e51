#include "agent/milvus/wrapped_coordinator.hpp"

#include <utility>

#include "agent/util/asio.hpp"

namespace evenkeel::milvus {

// An exception in a call becomes its failure (transport).
template <typename T, typename Call>
Awaitable<Result<T>> WrappedCoordinator::pass(Call call) {
  if (auto refused = refuse()) co_return tl::unexpected(*std::move(refused));
  std::optional<Result<T>> result;
  std::string words;
  try {
    result.emplace(co_await call());
  } catch (...) {
    words = words_of_current_exception();
  }
  if (!result) {
    // The request may have been sent, and may yet have its effect.
    result.emplace(tl::unexpected(
        Failure{.kind = FailureKind::transport, .message = "ended by an exception: " + words}));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return *std::move(result);
  }
  ended(*result ? nullptr : &result->error());
  co_return *std::move(result);
}

Awaitable<Result<SystemInfo>> WrappedCoordinator::system_info() {
  return pass<SystemInfo>([this] { return other_.system_info(); });
}

Awaitable<Result<Databases>> WrappedCoordinator::databases() {
  return pass<Databases>([this] { return other_.databases(); });
}

Awaitable<Result<std::vector<CollectionInfo>>> WrappedCoordinator::collections(
    const std::string& database) {
  return pass<std::vector<CollectionInfo>>(
      [this, database] { return other_.collections(database); });
}

Awaitable<Result<std::vector<ReplicaInfo>>> WrappedCoordinator::replicas(
    const CollectionInfo& collection) {
  return pass<std::vector<ReplicaInfo>>([this, collection] { return other_.replicas(collection); });
}

Awaitable<Result<std::vector<SegmentInfo>>> WrappedCoordinator::segments(
    const CollectionInfo& collection) {
  return pass<std::vector<SegmentInfo>>([this, collection] { return other_.segments(collection); });
}

Awaitable<Result<rules::Bytes>> WrappedCoordinator::row_bytes(const CollectionInfo& collection) {
  return pass<rules::Bytes>([this, collection] { return other_.row_bytes(collection); });
}

Awaitable<Result<void>> WrappedCoordinator::load_balance(const LoadBalance& request) {
  return pass<void>([this, request] { return other_.load_balance(request); });
}

Awaitable<Result<std::vector<ReplicaRoles>>> WrappedCoordinator::replica_roles() {
  return pass<std::vector<ReplicaRoles>>([this] { return other_.replica_roles(); });
}

Awaitable<Result<std::vector<ResourceGroup>>> WrappedCoordinator::resource_groups() {
  return pass<std::vector<ResourceGroup>>([this] { return other_.resource_groups(); });
}

Awaitable<Result<std::vector<SegmentSize>>> WrappedCoordinator::segment_sizes() {
  return pass<std::vector<SegmentSize>>([this] { return other_.segment_sizes(); });
}

Awaitable<Result<std::vector<SegmentChannel>>> WrappedCoordinator::segment_channels() {
  return pass<std::vector<SegmentChannel>>([this] { return other_.segment_channels(); });
}

Awaitable<Result<bool>> WrappedCoordinator::balancer_active() {
  return pass<bool>([this] { return other_.balancer_active(); });
}

Awaitable<Result<void>> WrappedCoordinator::switch_balancer(const BalancerSwitch& request) {
  return pass<void>([this, request] { return other_.switch_balancer(request); });
}

Awaitable<Result<void>> WrappedCoordinator::switch_node(const NodeSwitch& request) {
  return pass<void>([this, request] { return other_.switch_node(request); });
}

CountedCoordinator::CountedCoordinator(Coordinator& other, Counted counted)
    : WrappedCoordinator(other), counted_(std::move(counted)) {}

void CountedCoordinator::ended(const Failure* failure) {
  // A list that this version lacks is no failure of the coordinator.
  const bool failed = failure != nullptr && failure->kind != FailureKind::unsupported;
  counted_(failed ? failure : nullptr);
}

BoundedCoordinator::BoundedCoordinator(Coordinator& other, std::function<rules::TimePoint()> now)
    : WrappedCoordinator(other), now_(std::move(now)) {}

void BoundedCoordinator::begin(rules::Duration longest) {
  last_ = now_() + longest;
  longest_ = longest;
  timeouts_ = 0;
}

std::string BoundedCoordinator::given_up() const {
  if (timeouts_ >= kMostTimeouts) {
    return "the proxy left " + std::to_string(timeouts_) +
           " questions in a row without an answer, and was asked no more; see [milvus] timeout and "
           "the proxy's own log";
  }
  if (last_ == rules::TimePoint{} || now_() <= last_) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest_).count();
  return "the proxy took more than " + std::to_string(seconds) +
         " s for what was asked so far (twelve times [milvus] timeout), and was asked no more";
}

std::optional<Failure> BoundedCoordinator::refuse() {
  const auto why = given_up();
  if (why.empty()) return std::nullopt;
  return Failure{.kind = FailureKind::transport, .message = "not asked: " + why, .not_asked = true};
}

void BoundedCoordinator::ended(const Failure* failure) {
  timeouts_ = failure != nullptr && failure->timed_out ? timeouts_ + 1 : 0;
}

Awaitable<Result<void>> BoundedCoordinator::load_balance(const LoadBalance& request) {
  return other().load_balance(request);
}

}  // namespace evenkeel::milvus
