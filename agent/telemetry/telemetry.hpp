#pragma once
// What the agent exports, built fresh from one immutable snapshot at each scrape: nothing stale
// stays.

#include <string>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/web_figures.hpp"

namespace evenkeel::telemetry {

// The whole exposition text (format 0.0.4), HELP and TYPE for every family, families sorted by
// name. Before the first snapshot, null: what is known without one.
[[nodiscard]] std::string exposition(const loop::Snapshot* snapshot, const WebFigures& web);
[[nodiscard]] std::string exposition(const loop::Snapshot& snapshot);

inline constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace evenkeel::telemetry
