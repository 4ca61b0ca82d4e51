#pragma once
// What is answered to which request, apart from HTTP itself: a function of the path and the
// snapshot.

#include <atomic>
#include <string>
#include <string_view>

#include "agent/http/server_messages.hpp"
#include "agent/loop/decision.hpp"
#include "agent/telemetry/telemetry.hpp"

namespace evenkeel::web {

struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  http::SharedText body{};
  std::string cache_control = "no-store";
  std::string security_policy = "default-src 'none'; frame-ancestors 'none'";
  http::Headers headers = {};  // more than the ones above; the server adds those of HTTP itself
};

// Ready from the first complete observation on, for good: a coordinator that fails later is the
// agent's daily bread, no reason to take its page away.
class Readiness {
 public:
  // In words why not; empty where ready. Thread-safe.
  [[nodiscard]] std::string not_ready(const loop::Snapshot* snapshot);

 private:
  std::atomic<bool> was_ready_ = false;
};

// To a GET or HEAD. `snapshot` is null before the first one.
[[nodiscard]] Answer answer(std::string_view path, const loop::Snapshot* snapshot,
                            Readiness& readiness, const telemetry::Counted& counted);

}  // namespace evenkeel::web
