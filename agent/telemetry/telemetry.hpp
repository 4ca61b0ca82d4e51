#pragma once
// What the agent exports, built fresh from one immutable snapshot at each scrape: nothing stale
// stays.

#include <string>

#include "agent/loop/decision.hpp"

namespace evenkeel::telemetry {

// The whole exposition text (format 0.0.4), HELP and TYPE for every family, families sorted by
// name.
[[nodiscard]] std::string exposition(const loop::Snapshot& snapshot);
// Before the first snapshot: what is known without one, the build and the process.
[[nodiscard]] std::string exposition();

inline constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace evenkeel::telemetry
