#pragma once
// What the agent exports, built fresh at each scrape: how things are from one immutable snapshot,
// so that nothing stale stays, and what has been counted from whoever counts it.

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::telemetry {

using Counted = std::vector<std::shared_ptr<const prometheus::Collectable>>;

// The whole exposition text (format 0.0.4), HELP and TYPE for every family, families sorted by
// name. Before the first snapshot, null: what is known without one.
[[nodiscard]] std::string exposition(const loop::Snapshot* snapshot, const Counted& counted);

inline constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace evenkeel::telemetry
