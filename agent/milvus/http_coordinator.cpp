#include "agent/milvus/http_coordinator.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/milvus/answers.hpp"
#include "agent/milvus/http_status.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::milvus {

namespace {

using nlohmann::json;

// A name from a command line may not be UTF-8; the server then does not find it.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The failure of a list that this version lacks.
Failure no_such_list() {
  return {.kind = FailureKind::unsupported,
          .message = "HTTP 404: this version of Milvus does not have this list"};
}

Awaitable<Result<void>> refuse(Failure failure) {
  co_return tl::unexpected(std::move(failure));
}

std::vector<std::int64_t> numbers(const auto& ids) {
  std::vector<std::int64_t> values;
  values.reserve(ids.size());
  for (const auto id : ids) values.push_back(static_cast<std::int64_t>(id));
  return values;
}

}  // namespace

HttpCoordinator::HttpCoordinator(http::Client& client, http::Url base, CoordinatorOptions options)
    : client_(client),
      base_(std::move(base)),
      options_(std::move(options)),
      login_(options_.login, options_.now, options_.warn),
      reader_(options_.read_here) {
  while (base_.target.ends_with('/')) base_.target.pop_back();
}

http::Request HttpCoordinator::request(std::string method, std::string_view path,
                                       std::string body) const {
  http::Request request;
  request.method = std::move(method);
  request.url = base_;
  request.url.target.append(path);
  request.body = std::move(body);
  if (!request.body.empty()) request.content_type = "application/json";
  request.accept = "application/json";
  request.deadline = options_.timeout;
  request.max_body = options_.max_answer;
  return request;
}

template <typename T>
Awaitable<Result<T>> HttpCoordinator::ask(http::Request request, Parse<T> parse) {
  const auto url = request.url;
  const std::string asked = request.method + " " + url.str() + ": ";
  auto authorization = login_.admit(url, asked);
  if (!authorization) co_return tl::unexpected(std::move(authorization.error()));
  request.authorization = std::move(authorization->header);
  auto response = co_await client_.send(std::move(request));
  if (!response) co_return tl::unexpected(failure_of(response.error(), url));
  Result<T> result = tl::unexpected(Failure{});
  if (response->status == 200) {
    result = co_await reader_.read(std::move(response->body), parse);
  } else {
    result = tl::unexpected(failure_of(*response, url));
  }
  if (result) co_return result;
  auto& failure = result.error();
  failure.message.insert(0, asked);
  if (failure.kind == FailureKind::login) {
    failure.message += "; " + login_.advice();
    if (response->status == 403) failure.message += ", since it may not do this";
    login_.refused(url, response->status, authorization->generation, failure);
  }
  if (response->status == 404) absent_[url.str()] = options_.now() + kAbsentRest;
  co_return result;
}

template <typename T>
Awaitable<Result<T>> HttpCoordinator::ask_list(http::Request request, Parse<T> parse) {
  const auto url = request.url.str();
  const std::string asked = request.method + " " + url + ": ";
  const auto is_absent = [this, &url] {
    const auto found = absent_.find(url);
    return found != absent_.end() && options_.now() < found->second;
  };
  if (!is_absent()) {
    auto result = co_await ask(std::move(request), parse);
    if (result || !is_absent()) co_return result;
  }
  auto failure = no_such_list();
  failure.message.insert(0, asked);
  co_return tl::unexpected(std::move(failure));
}

Awaitable<Result<SystemInfo>> HttpCoordinator::system_info() {
  const json body{{"request", R"({"metric_type":"system_info"})"}};
  return ask(request("GET", "/api/v1/metrics", text_of(body)), parse_system_info);
}

Awaitable<Result<Databases>> HttpCoordinator::databases() {
  if (!options_.databases.empty()) co_return all_databases(options_.databases);
  auto listed = co_await ask_list(request("GET", "/api/v1/_db/list", {}), parse_databases);
  if (listed || listed.error().kind != FailureKind::unsupported) co_return listed;
  if (!options_.rest) co_return Databases{{"default"}, false};
  auto post = request("POST", {}, "{}");
  post.url = *options_.rest;
  post.url.target = "/v2/vectordb/databases/list";
  co_return co_await ask_list(std::move(post), parse_rest_databases);
}

Awaitable<Result<std::vector<CollectionInfo>>> HttpCoordinator::collections(
    const std::string& database) {
  return collections_of(database);
}

Awaitable<Result<std::vector<CollectionInfo>>> HttpCoordinator::collections_of(
    std::string database) {
  const json body{{"type", 1}, {"db_name", database}};  // type 1: those in memory
  auto found =
      co_await ask(request("GET", "/api/v1/collections", text_of(body)), parse_collections);
  if (found) {
    for (auto& collection : *found) collection.database = database;
  }
  co_return found;
}

Awaitable<Result<std::vector<ReplicaInfo>>> HttpCoordinator::replicas(
    const CollectionInfo& collection) {
  // 2.2 takes nothing but the id.
  const json body{{"collectionID", static_cast<std::int64_t>(collection.id)},
                  {"db_name", collection.database},
                  {"with_shard_nodes", true}};
  return ask(request("GET", "/api/v1/replicas", text_of(body)), parse_replicas);
}

Awaitable<Result<std::vector<SegmentInfo>>> HttpCoordinator::segments(
    const CollectionInfo& collection) {
  // This route alone calls the database dbName, and ignores db_name.
  const json body{{"collectionName", collection.name}, {"dbName", collection.database}};
  return ask(request("GET", "/api/v1/query-segment-info", text_of(body)), parse_segments);
}

Awaitable<Result<rules::Bytes>> HttpCoordinator::row_bytes(const CollectionInfo& collection) {
  const json body{{"collection_name", collection.name}, {"db_name", collection.database}};
  return ask(request("GET", "/api/v1/collection", text_of(body)), parse_row_bytes);
}

Awaitable<Result<void>> HttpCoordinator::load_balance(const LoadBalance& move) {
  json body{{"collectionName", move.collection},
            {"db_name", move.database},
            {"src_nodeID", static_cast<std::int64_t>(move.source)},
            {"sealed_segmentIDs", numbers(move.segments)}};
  if (!move.destinations.empty()) body["dst_nodeIDs"] = numbers(move.destinations);
  auto post = request("POST", "/api/v1/load-balance", text_of(body));
  post.deadline = options_.move_timeout;
  post.may_send = move.may_send;

  if (const auto why = why_not_sent(move); !why.empty()) {
    return refuse(
        {.kind = FailureKind::refused, .message = "POST " + post.url.str() + ": not sent" + why});
  }
  return ask(std::move(post), parse_status);
}

Awaitable<Result<std::vector<ReplicaRoles>>> HttpCoordinator::replica_roles() {
  return ask_list(request("GET", "/api/v1/_qc/replica", {}), parse_replica_roles);
}

Awaitable<Result<std::vector<ResourceGroup>>> HttpCoordinator::resource_groups() {
  return ask_list(request("GET", "/api/v1/_qc/resource_group", {}), parse_resource_groups);
}

Awaitable<Result<std::vector<SegmentSize>>> HttpCoordinator::segment_sizes() {
  return ask_list(request("GET", "/api/v1/_qn/segments", {}), parse_segment_sizes);
}

Awaitable<Result<std::vector<SegmentChannel>>> HttpCoordinator::segment_channels() {
  return ask_list(request("GET", "/api/v1/_qc/segments?in=qc", {}), parse_segment_channels);
}

Awaitable<Result<bool>> HttpCoordinator::balancer_active() {
  return ask_list(request("GET", "/management/querycoord/balance/status", {}),
                  parse_balancer_active);
}

Awaitable<Result<void>> HttpCoordinator::switch_balancer(const BalancerSwitch& to) {
  const std::string path = "/management/querycoord/balance/";
  auto post = request("POST", path + (to.on ? "resume" : "suspend"), {});
  post.may_send = to.may_send;
  return ask(std::move(post), parse_management);
}

Awaitable<Result<void>> HttpCoordinator::switch_node(const NodeSwitch& to) {
  const std::string path = "/management/querycoord/node/";
  auto post =
      request("POST", path + (to.on ? "resume" : "suspend"), "node_id=" + to_string(to.node));
  post.content_type = "application/x-www-form-urlencoded";
  return ask_list(std::move(post), parse_management);
}

}  // namespace evenkeel::milvus
