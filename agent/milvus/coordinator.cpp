#include "agent/milvus/coordinator.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel::milvus {

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::transport:
      return "transport";
    case FailureKind::malformed:
      return "malformed";
    case FailureKind::not_found:
      return "not_found";
    case FailureKind::not_loaded:
      return "not_loaded";
    case FailureKind::login:
      return "login";
    case FailureKind::unsupported:
      return "unsupported";
    case FailureKind::refused:
      return "refused";
  }
  return "malformed";
}

Databases all_databases(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return {std::move(names), true};
}

std::string why_not_sent(const LoadBalance& request) {
  const auto& to = request.destinations;
  if (std::find(to.begin(), to.end(), request.source) != to.end()) {
    return ", since a node cannot move segments to itself";
  }
  if (request.segments.empty()) return ": an empty list means every segment, L0 too";
  return {};
}

namespace {

template <typename T>
Awaitable<Result<T>> lacks(std::string what) {
  co_return tl::unexpected(
      Failure{.kind = FailureKind::unsupported, .message = "this Milvus has no " + what});
}

template <typename T>
Awaitable<Result<T>> unsupported(const char* list) {
  return lacks<T>(std::string("list of ") + list);
}

}  // namespace

Awaitable<Result<std::vector<ReplicaRoles>>> Coordinator::replica_roles() {
  return unsupported<std::vector<ReplicaRoles>>("replicas with their read-only nodes");
}

Awaitable<Result<std::vector<ResourceGroup>>> Coordinator::resource_groups() {
  return unsupported<std::vector<ResourceGroup>>("resource groups");
}

Awaitable<Result<std::vector<SegmentSize>>> Coordinator::segment_sizes() {
  return unsupported<std::vector<SegmentSize>>("the sizes of segments");
}

Awaitable<Result<std::vector<SegmentChannel>>> Coordinator::segment_channels() {
  return unsupported<std::vector<SegmentChannel>>("the channels of segments");
}

Awaitable<Result<bool>> Coordinator::balancer_active() {
  return unsupported<bool>("the state of its balancer");
}

Awaitable<Result<void>> Coordinator::switch_balancer(const BalancerSwitch& /*request*/) {
  return lacks<void>("switch for its balancer");
}

Awaitable<Result<void>> Coordinator::switch_node(const NodeSwitch& /*request*/) {
  return lacks<void>("switch for a node");
}

}  // namespace evenkeel::milvus
