#pragma once
// The agent's metrics, built anew at each scrape: gauges from one immutable snapshot, so that
// nothing stale stays, and counters from the objects that count.

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/exposition_text.hpp"

namespace evenkeel::telemetry {

using Counted = std::vector<std::shared_ptr<const prometheus::Collectable>>;

// The whole exposition text, with HELP and TYPE for every family, sorted by name. A null snapshot
// gives what is known without one.
[[nodiscard]] std::string exposition(const loop::Snapshot* snapshot, const Counted& counted,
                                     Format format = Format::text);

[[nodiscard]] constexpr const char* content_type(Format format) {
  return format == Format::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace evenkeel::telemetry
