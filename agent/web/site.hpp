#pragma once
// What the agent shows of itself, as a handler: the page, the metrics, its health.

#include <functional>

#include "agent/loop/decision.hpp"
#include "agent/web/request.hpp"

namespace evenkeel::web {

// `snapshot` is called on the server's threads and must be thread-safe; it may return null before
// the first one.
[[nodiscard]] Handler site(std::function<loop::SnapshotPtr()> snapshot);

}  // namespace evenkeel::web
