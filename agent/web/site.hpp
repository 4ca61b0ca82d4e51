#pragma once
// What the agent shows of itself, as a handler: the page, the metrics, its health.

#include <functional>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/telemetry.hpp"
#include "agent/web/request.hpp"

namespace evenkeel::web {

// `snapshot` is called on the server's threads and must be thread-safe; it may return null before
// the first one. `counted` is exported beside it.
[[nodiscard]] Handler site(std::function<loop::SnapshotPtr()> snapshot, telemetry::Counted counted);

// `/-/healthy` is a 503 with the words that `unwell` gives, where it gives any; `rest` answers all
// else. `unwell` is called on the server's threads and must be thread-safe.
[[nodiscard]] Handler with_health(Handler rest, std::function<std::string()> unwell);

}  // namespace evenkeel::web
