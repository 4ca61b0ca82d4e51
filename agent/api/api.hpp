#pragma once
// The HTTP API, everything below /api/v1/, apart from HTTP itself. openapi.json describes it for
// whoever calls it.

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "agent/api/plan.hpp"
#include "agent/loop/decision.hpp"
#include "agent/web/request.hpp"

namespace evenkeel::api {

inline constexpr std::string_view kPrefix = "/api/v1/";

class Api {
 public:
  // `snapshot` is called on the server's threads and must be thread-safe; it may return null before
  // the first one.
  explicit Api(std::function<loop::SnapshotPtr()> snapshot);

  // To any request below kPrefix. Thread-safe; never throws but for want of memory.
  [[nodiscard]] web::Answer answer(const web::Request& request);

 private:
  [[nodiscard]] web::Answer plan(const loop::SnapshotPtr& snapshot);

  std::function<loop::SnapshotPtr()> snapshot_;
  Plans plans_;
};

// Requests below kPrefix go to the API, all others to `rest`. Shares in `api`.
[[nodiscard]] web::Handler handler(std::shared_ptr<Api> api, web::Handler rest);

// What there is, for the test that holds openapi.json against it.
struct Endpoint {
  std::string_view method;
  std::string_view path;  // below kPrefix
};
[[nodiscard]] std::span<const Endpoint> endpoints();

}  // namespace evenkeel::api
