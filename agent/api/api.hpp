#pragma once
// The HTTP API below /api/v1/, apart from HTTP itself. openapi.json describes it for clients.

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "agent/api/alerts.hpp"
#include "agent/api/history.hpp"
#include "agent/api/plan.hpp"
#include "agent/api/response_cache.hpp"
#include "agent/loop/control.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

inline constexpr std::string_view kPrefix = web::kApiPath;

// The server's state and clock, as the API sees them.
struct ApiOptions {
  // True if the server takes no request for a change; only the status says so. Thread-safe.
  std::function<bool()> read_only = [] { return false; };
  std::function<rules::TimePoint()> now = system_time;
  HistoryReader history = {};

  [[nodiscard]] static rules::TimePoint system_time();
};

// Answers the API's requests.
class Api {
 public:
  // `control` must outlive the API.
  explicit Api(loop::Control& control, ApiOptions options = {});

  // Answers any request below kPrefix. Thread-safe; throws only for want of memory.
  [[nodiscard]] web::Response respond(const web::Request& request);

 private:
  [[nodiscard]] web::Response plan(const loop::SnapshotPtr& snapshot);

  [[nodiscard]] static web::Response list(std::string_view path, std::string_view query,
                                          const loop::Snapshot& snapshot);
  [[nodiscard]] web::Response read(std::string_view path, std::string_view query,
                                   const loop::SnapshotPtr& snapshot);
  [[nodiscard]] web::Response act(std::string_view path, const web::Request& request,
                                  const loop::Snapshot& snapshot);

  loop::Control& control_;
  ApiOptions options_;
  Plans plans_;
  ResponseCache responses_;
  Alerts alerts_;
};

// Requests below kPrefix go to the API, all others to `rest`. The handler shares `api`.
[[nodiscard]] web::Handler handler(std::shared_ptr<Api> api, web::Handler rest);

// Returns the methods for `path`: an endpoint's, none for others below kPrefix, else reads.
[[nodiscard]] std::string_view methods(std::string_view path);

// One endpoint; a test compares openapi.json with the list of them.
struct Endpoint {
  std::string_view method;
  std::string_view path;  // below kPrefix
};
[[nodiscard]] std::span<const Endpoint> endpoints();

}  // namespace evenkeel::api
