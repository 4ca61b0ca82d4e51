#pragma once
// Handler of what the agent shows of itself: the page, the metrics, its health.

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/telemetry.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::web {

// The readiness of the agent. Once ready, always ready: a coordinator outage is normal operation
// and must not take the agent out of service.
class Readiness {
 public:
  // The reason, in words, why it is not ready; empty: it is. Thread-safe.
  [[nodiscard]] std::string not_ready(const loop::Snapshot* snapshot);

 private:
  std::atomic<bool> was_ready_ = false;
};

// Answers a GET or HEAD. `snapshot` is null before the first one.
[[nodiscard]] Response respond(std::string_view path, const loop::Snapshot* snapshot,
                               Readiness& readiness, const telemetry::Counted& counted,
                               telemetry::Format format = telemetry::Format::text);

// `snapshot` is called on the server's threads and must be thread-safe; it may return null before
// the first one. `counted` is exported beside it.
[[nodiscard]] Handler site(std::function<loop::SnapshotPtr()> snapshot, telemetry::Counted counted);

// Answers `/-/healthy` by 503 with the words of `unwell`, if it gives any; `rest` answers all else.
// `unwell` is called on the server's threads and must be thread-safe.
[[nodiscard]] Handler with_health(Handler rest, std::function<std::string()> unwell);

// Answers a POST to kReloadPath by `reload`; `rest` answers all else. `reload` is called on the
// server's threads and must be thread-safe.
[[nodiscard]] Handler with_reload(Handler rest, std::function<Response()> reload);

}  // namespace evenkeel::web
