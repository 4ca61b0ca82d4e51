#include "agent/milvus/http_coordinator.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/milvus/answers.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel::milvus {

namespace {

using nlohmann::json;

constexpr std::size_t kLargestAnswer = 16u << 20;
constexpr std::size_t kLargestSegmentList = 64u << 20;  // 170 bytes a segment: 400,000 of them

// A name that came from a command line may be no UTF-8; the server then does not find it.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Failure transport_failure(const http::Error& error) {
  Failure failure{.kind = FailureKind::transport,
                  .message = error.message,
                  .timed_out = error.kind == http::ErrorKind::timeout};
  if (error.kind == http::ErrorKind::connect) {
    failure.message += " (is Milvus up, and is this a proxy's HTTP port, 9091 by default?)";
  }
  return failure;
}

// What an answer other than 200 means. Milvus gives a status with its 400.
Failure status_failure(const http::Response& response) {
  if (response.status == 404) {
    return {.kind = FailureKind::malformed,
            .message = "HTTP 404: is this the HTTP port of a Milvus proxy (2.1 to 2.3)?"};
  }
  const auto status = parse_status(response.body);
  const bool milvus_says = !status && status.error().kind != FailureKind::malformed;
  const std::string words = milvus_says ? status.error().message : beginning_of(response.body);
  return {
      .kind = milvus_says || response.status >= 500 ? FailureKind::refused : FailureKind::malformed,
      .message = "HTTP " + std::to_string(response.status) + ": " + words};
}

// Sends, and reads the answer with `parse`.
template <typename T>
Awaitable<Result<T>> ask(http::Client& client, http::Request request,
                         Result<T> (*parse)(std::string_view)) {
  const std::string asked = request.method + " " + request.url.str() + ": ";
  auto response = co_await client.send(std::move(request));
  if (!response) co_return tl::unexpected(transport_failure(response.error()));
  auto result =
      response->status == 200 ? parse(response->body) : tl::unexpected(status_failure(*response));
  if (!result) result.error().message = asked + result.error().message;
  co_return result;
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

HttpCoordinator::HttpCoordinator(http::Client& client, http::Url base,
                                 HttpCoordinatorOptions options)
    : client_(client), base_(std::move(base)), options_(options) {
  while (base_.target.ends_with('/')) base_.target.pop_back();
}

http::Request HttpCoordinator::request(std::string method, std::string_view path,
                                       std::string body) const {
  http::Request request;
  request.method = std::move(method);
  request.url = base_;
  request.url.target.append("/api/v1/").append(path);
  request.body = std::move(body);
  request.content_type = "application/json";
  request.accept = "application/json";
  request.deadline = options_.timeout;
  request.max_body = kLargestAnswer;
  return request;
}

Awaitable<Result<SystemInfo>> HttpCoordinator::system_info() {
  const json body{{"request", R"({"metric_type":"system_info"})"}};
  return ask(client_, request("GET", "metrics", text_of(body)), parse_system_info);
}

Awaitable<Result<Databases>> HttpCoordinator::databases() {
  co_return Databases{{"default"}, false};
}

Awaitable<Result<std::vector<CollectionInfo>>> HttpCoordinator::collections(
    const std::string& database) {
  const json body{{"type", 1}, {"db_name", database}};  // type 1: those in memory
  return ask(client_, request("GET", "collections", text_of(body)), parse_collections);
}

Awaitable<Result<std::vector<ReplicaInfo>>> HttpCoordinator::replicas(
    const CollectionInfo& collection) {
  // By id: 2.2 takes nothing else.
  const json body{{"collectionID", static_cast<std::int64_t>(collection.id)},
                  {"with_shard_nodes", true}};
  return ask(client_, request("GET", "replicas", text_of(body)), parse_replicas);
}

Awaitable<Result<std::vector<SegmentInfo>>> HttpCoordinator::segments(
    const CollectionInfo& collection) {
  const json body{{"collectionName", collection.name}};
  auto get = request("GET", "query-segment-info", text_of(body));
  get.max_body = kLargestSegmentList;
  return ask(client_, std::move(get), parse_segments);
}

Awaitable<Result<rules::Bytes>> HttpCoordinator::row_bytes(const CollectionInfo& collection) {
  const json body{{"collection_name", collection.name}};
  return ask(client_, request("GET", "collection", text_of(body)), parse_row_bytes);
}

Awaitable<Result<void>> HttpCoordinator::load_balance(const LoadBalance& move) {
  json body{{"collectionName", move.collection},
            {"src_nodeID", static_cast<std::int64_t>(move.source)}};
  if (!move.destinations.empty()) body["dst_nodeIDs"] = numbers(move.destinations);
  if (!move.segments.empty()) body["sealed_segmentIDs"] = numbers(move.segments);
  auto post = request("POST", "load-balance", text_of(body));
  post.deadline = options_.move_timeout;

  const auto& to = move.destinations;
  if (std::find(to.begin(), to.end(), move.source) != to.end()) {
    return refuse({.kind = FailureKind::refused,
                   .message = "POST " + post.url.str() +
                              ": not sent, since a node cannot move segments to itself"});
  }
  return ask(client_, std::move(post), parse_status);
}

}  // namespace evenkeel::milvus
