#include "agent/milvus/grpc_coordinator.hpp"

#include <algorithm>

#include "agent/milvus/grpc_channel.hpp"
#include "agent/milvus/grpc_messages.hpp"
#include "agent/milvus/grpc_status.hpp"

namespace evenkeel::milvus {
namespace {

constexpr std::int64_t kCodeResourceGroupNotFound = 300;

// What HTTP says where gRPC says that the login is wrong, or may not do this.
constexpr int kUnauthorized = 401, kForbidden = 403;

Awaitable<Result<void>> not_sent(std::string why) {
  co_return tl::unexpected(
      Failure{.kind = FailureKind::refused, .message = "LoadBalance: not sent" + std::move(why)});
}

template <typename T>
Awaitable<Result<T>> over_http_alone(const char* what) {
  co_return tl::unexpected(
      Failure{.kind = FailureKind::unsupported,
              .message = std::string(what) + " over HTTP alone: set [milvus] metrics_address"});
}

// A server that lacks a call which every Milvus has is none.
Failure no_milvus(Failure failure) {
  failure.kind = FailureKind::malformed;
  failure.message = "this is no proxy of Milvus, or one newer than all that is known here (" +
                    failure.message + ")";
  return failure;
}

}  // namespace

GrpcCoordinator::GrpcCoordinator(http::Url server, CoordinatorOptions options, Coordinator* http)
    : server_(std::move(server)),
      options_(std::move(options)),
      http_(http),
      login_(options_.login, options_.now, options_.warn),
      reader_(options_.read_here),
      channel_(std::make_unique<GrpcChannel>(
          server_, GrpcChannelOptions{.tls = options_.tls, .max_answer = options_.max_answer})) {}

GrpcCoordinator::~GrpcCoordinator() = default;

GrpcCoordinator::Question GrpcCoordinator::question(std::string_view method, std::string message,
                                                    const std::string& database) const {
  return {.method = method,
          .message = std::move(message),
          .database = database,
          .deadline = options_.timeout};
}

http::Url GrpcCoordinator::url_of(std::string_view method) const {
  auto url = server_;
  url.target = std::string(kMilvusService).append(method);
  return url;
}

template <typename T>
Awaitable<Result<T>> GrpcCoordinator::ask(Question question, Parse<T> parse) {
  const auto url = url_of(question.method);
  const std::string asked = std::string(question.method) + " at " +
                            (server_.tls ? "grpcs://" : "grpc://") + server_.authority() + ": ";
  auto authorization = login_.admit(url, asked);
  if (!authorization) co_return tl::unexpected(std::move(authorization.error()));
  // It has a name, since GCC 12 destroys an unnamed one twice in co_await.
  GrpcCall call{.method = url.target,
                .message = std::move(question.message),
                .authorization = std::move(authorization->metadata),
                .database = std::move(question.database),
                .deadline = question.deadline,
                .may_send = std::move(question.may_send)};
  auto answer = co_await channel_->call(std::move(call));
  Result<T> result = tl::unexpected(Failure{});
  const bool denied = !answer && answer.error().code == grpc_code::kPermissionDenied;
  if (answer) {
    result = co_await reader_.read(*std::move(answer), parse);
  } else {
    result = tl::unexpected(failure_of(answer.error()));
  }
  if (result) co_return result;
  auto& failure = result.error();
  failure.message.insert(0, asked);
  if (failure.kind == FailureKind::login) {
    failure.message +=
        denied ? std::string("; grant it to a role of this user") : "; " + login_.advice();
    login_.refused(url, denied ? kForbidden : kUnauthorized, authorization->generation, failure);
  }
  co_return result;
}

template <typename T>
Awaitable<Result<T>> GrpcCoordinator::ask_list(Question question, Parse<T> parse) {
  const std::string method(question.method);
  const auto known = absent_.find(method);
  if (known != absent_.end() && options_.now() < known->second) {
    co_return tl::unexpected(
        Failure{.kind = FailureKind::unsupported,
                .message = method + ": this version of Milvus does not have this call"});
  }
  auto result = co_await ask(std::move(question), parse);
  if (!result && result.error().kind == FailureKind::unsupported) {
    absent_[method] = options_.now() + kAbsentRest;
  }
  co_return result;
}

Awaitable<Result<SystemInfo>> GrpcCoordinator::system_info() {
  auto system = co_await ask(question("GetMetrics", grpc_message::system_info()),
                             grpc_message::read_system_info);
  if (!system) {
    if (system.error().kind == FailureKind::unsupported) system.error() = no_milvus(system.error());
    co_return system;
  }
  if (system->version.empty()) {
    auto version = co_await ask_list(question("GetVersion", {}), grpc_message::read_version);
    if (version) system->version = *std::move(version);
  }
  co_return system;
}

Awaitable<Result<Databases>> GrpcCoordinator::databases() {
  if (!options_.databases.empty()) co_return all_databases(options_.databases);
  auto listed = co_await ask_list(question("ListDatabases", {}), grpc_message::read_databases);
  if (listed || listed.error().kind != FailureKind::unsupported) co_return listed;
  co_return Databases{{"default"}, true};  // databases and their list came together
}

Awaitable<Result<std::vector<CollectionInfo>>> GrpcCoordinator::collections(
    const std::string& database) {
  return collections_of(database);
}

Awaitable<Result<std::vector<CollectionInfo>>> GrpcCoordinator::collections_of(
    std::string database) {
  auto found =
      co_await ask(question("ShowCollections", grpc_message::collections(database), database),
                   grpc_message::read_collections);
  if (found) {
    for (auto& collection : *found) collection.database = database;
  }
  co_return found;
}

Awaitable<Result<std::vector<ReplicaInfo>>> GrpcCoordinator::replicas(
    const CollectionInfo& collection) {
  return ask(question("GetReplicas", grpc_message::replicas(collection), collection.database),
             grpc_message::read_replicas);
}

Awaitable<Result<std::vector<SegmentInfo>>> GrpcCoordinator::segments(
    const CollectionInfo& collection) {
  return ask(
      question("GetQuerySegmentInfo", grpc_message::segments(collection), collection.database),
      grpc_message::read_segments);
}

Awaitable<Result<rules::Bytes>> GrpcCoordinator::row_bytes(const CollectionInfo& collection) {
  return ask(question("DescribeCollection", grpc_message::schema(collection), collection.database),
             grpc_message::read_row_bytes);
}

Awaitable<Result<void>> GrpcCoordinator::load_balance(const LoadBalance& move) {
  auto call = question("LoadBalance", grpc_message::load_balance(move), move.database);
  call.deadline = options_.move_timeout;
  call.may_send = move.may_send;

  if (auto why = why_not_sent(move); !why.empty()) return not_sent(std::move(why));
  return ask(std::move(call), grpc_message::read_status);
}

Awaitable<Result<std::vector<ResourceGroup>>> GrpcCoordinator::resource_groups() {
  const auto names =
      co_await ask_list(question("ListResourceGroups", {}), grpc_message::read_resource_groups);
  if (!names) co_return tl::unexpected(names.error());
  std::vector<ResourceGroup> groups;
  for (const auto& name : *names) {
    auto group =
        co_await ask_list(question("DescribeResourceGroup", grpc_message::resource_group(name)),
                          grpc_message::read_resource_group);
    if (group) {
      groups.push_back(*std::move(group));
    } else if (group.error().code != kCodeResourceGroupNotFound) {  // it may have gone since
      co_return tl::unexpected(std::move(group.error()));
    }
  }
  co_return groups;
}

Awaitable<Result<std::vector<ReplicaRoles>>> GrpcCoordinator::replica_roles() {
  if (http_ != nullptr) return http_->replica_roles();
  return over_http_alone<std::vector<ReplicaRoles>>("replicas name their read-only nodes");
}

Awaitable<Result<std::vector<SegmentSize>>> GrpcCoordinator::segment_sizes() {
  if (http_ != nullptr) return http_->segment_sizes();
  return over_http_alone<std::vector<SegmentSize>>("segments have sizes");
}

Awaitable<Result<std::vector<SegmentChannel>>> GrpcCoordinator::segment_channels() {
  if (http_ != nullptr) return http_->segment_channels();
  return over_http_alone<std::vector<SegmentChannel>>("segments have channels");
}

Awaitable<Result<bool>> GrpcCoordinator::balancer_active() {
  if (http_ != nullptr) return http_->balancer_active();
  return over_http_alone<bool>("Milvus's balancer tells its state");
}

Awaitable<Result<void>> GrpcCoordinator::switch_balancer(const BalancerSwitch& to) {
  if (http_ != nullptr) return http_->switch_balancer(to);
  return over_http_alone<void>("Milvus's balancer is switched");
}

Awaitable<Result<void>> GrpcCoordinator::switch_node(const NodeSwitch& to) {
  if (http_ != nullptr) return http_->switch_node(to);
  return over_http_alone<void>("a node is suspended or resumed");
}

tl::expected<void, std::string> GrpcCoordinator::renew_tls() {
  return channel_->renew_tls();
}

}  // namespace evenkeel::milvus
