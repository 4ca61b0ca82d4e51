#include "agent/api/api.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "embedded/openapi.hpp"

namespace evenkeel::api {
namespace {

constexpr std::array kEndpoints{
    Endpoint{"GET", "status"},        Endpoint{"GET", "nodes"},
    Endpoint{"GET", "replicas"},      Endpoint{"GET", "segments"},
    Endpoint{"GET", "memory"},        Endpoint{"GET", "plan"},
    Endpoint{"GET", "decisions"},     Endpoint{"GET", "history"},
    Endpoint{"GET", "openapi.json"},  Endpoint{"POST", "rebalance"},
    Endpoint{"POST", "load-balance"}, Endpoint{"POST", "pause"},
    Endpoint{"POST", "resume"},       Endpoint{"POST", "drain"},
    Endpoint{"POST", "undrain"},      Endpoint{"POST", "alerts"},
};

std::string all_endpoints() {
  std::string list;
  for (const auto& endpoint : kEndpoints) {
    list += (list.empty() ? "" : ", ") + std::string(endpoint.path);
  }
  return list;
}

const Endpoint* find(std::string_view path) {
  if (!path.starts_with(kPrefix)) return nullptr;
  path.remove_prefix(kPrefix.size());
  const auto* const found = std::find_if(kEndpoints.begin(), kEndpoints.end(),
                                         [&](const Endpoint& each) { return each.path == path; });
  return found == kEndpoints.end() ? nullptr : found;
}

std::string_view methods_of(const Endpoint& endpoint) {
  return endpoint.method == "GET" ? web::kReads : endpoint.method;
}

// Refuses a wrong path or method; none: both are right.
std::optional<web::Response> refuse(const web::Request& request) {
  const auto* const endpoint = find(request.path);
  if (endpoint == nullptr) {
    return response_of(Problem{
        404, "not_found",
        "there is no such endpoint; there are " + all_endpoints() + ", see openapi.json", ""});
  }
  if (request.method == endpoint->method) return std::nullopt;
  const std::string allowed(methods_of(*endpoint));
  web::Response response =
      response_of(Problem{405, "method_not_allowed", "use " + allowed + " for this endpoint", ""});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

web::Response openapi(std::string_view query) {
  if (const auto none = Query::parse(query, {}); !none) return response_of(none.error());
  web::Response response;
  response.content_type = "application/json";
  response.body = std::string(embedded::kOpenApi);
  return response;
}

}  // namespace

std::span<const Endpoint> endpoints() {
  return kEndpoints;
}

std::string_view methods(std::string_view path) {
  if (!path.starts_with(kPrefix)) return web::kReads;
  const auto* const endpoint = find(path);
  return endpoint == nullptr ? "" : methods_of(*endpoint);
}

web::Handler handler(std::shared_ptr<Api> api, web::Handler rest) {
  return [api = std::move(api), rest = std::move(rest)](const web::Request& request) {
    return request.path.starts_with(kPrefix) ? api->respond(request) : rest(request);
  };
}

rules::TimePoint ApiOptions::system_time() {
  return std::chrono::time_point_cast<rules::Duration>(std::chrono::system_clock::now());
}

Api::Api(loop::Control& control, ApiOptions options)
    : control_(control), options_(std::move(options)) {}

web::Response Api::plan(const loop::SnapshotPtr& snapshot) {
  if (const auto made = plans_.of(snapshot)) return *made;
  return response_of(Problem{503, "busy", "the plan is still being made; ask again", ""});
}

web::Response Api::list(std::string_view path, std::string_view query,
                        const loop::Snapshot& snapshot) {
  if (path == "segments") return segments(snapshot, query);
  if (path == "decisions") return decisions(snapshot, query);
  if (path == "memory") return memory(snapshot, query);
  return path == "nodes" ? nodes(snapshot, query) : replicas(snapshot, query);
}

web::Response Api::read(std::string_view path, std::string_view query,
                        const loop::SnapshotPtr& snapshot) {
  if (path == "plan" || path == "status") {
    if (const auto none = Query::parse(query, {}); !none) return response_of(none.error());
    // The status is not cached, since `read_only` may change within a snapshot.
    if (path == "status") return response_of(status_of(*snapshot, options_.read_only()));
    return plan(snapshot);
  }
  if (path == "history") return history(options_.history, query);
  return responses_.of(snapshot, std::string(path) + '?' + std::string(query),
                       [&] { return list(path, query, *snapshot); });
}

web::Response Api::act(std::string_view path, const web::Request& request,
                       const loop::Snapshot& snapshot) {
  if (path == "alerts") return alerts_.respond(control_, snapshot, request, options_.now());
  if (!snapshot.turn.ours()) return response_of(not_acting(snapshot.turn));
  if (path == "rebalance") return rebalance(control_, snapshot, request);
  if (path == "load-balance") return load_balance(control_, snapshot, request);
  if (path == "drain") return drain(control_, snapshot, request);
  if (path == "undrain") return undrain(control_, snapshot, request);
  return path == "pause" ? pause(control_, request) : resume(control_, request);
}

web::Response Api::respond(const web::Request& request) {
  if (auto refused = refuse(request)) return *std::move(refused);
  const auto path = request.path.substr(kPrefix.size());
  if (path == "openapi.json") return openapi(request.query);
  const auto snapshot = control_.snapshot();
  if (!snapshot || !snapshot->cluster || !snapshot->ledger) {
    return response_of(problem_of(loop::Denial::not_ready));
  }
  if (request.method == "GET") return read(path, request.query, snapshot);
  return act(path, request, *snapshot);
}

}  // namespace evenkeel::api
