#pragma once
// Metrics of a snapshot, in two halves.

#include <array>
#include <chrono>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/exposition_text.hpp"
#include "agent/util/time.hpp"

namespace evenkeel::telemetry {

// Adds metrics of nodes, of what each holds of each collection, and of replicas.
void add_cluster_metrics(ExpositionText& out, const loop::Snapshot& snapshot);
// Adds metrics of settings, moves under way, the newest decision, scrapes, the coordinator, reloads
// and alerts, as they are now. loop::Instruments has the counters.
void add_agent_metrics(ExpositionText& out, const loop::Snapshot& snapshot);

// The urgencies of problems: what a person asks for is none.
inline constexpr std::array kUrgencies{rules::Urgency::overload, rules::Urgency::difference};

// Adds a family of one sample without labels.
void add_gauge(ExpositionText& out, std::string name, std::string help, double value);

// Seconds since the epoch, by the wall clock.
[[nodiscard]] inline double seconds_since_epoch(rules::TimePoint at) {
  return std::chrono::duration<double>(wall_time(at).time_since_epoch()).count();
}

}  // namespace evenkeel::telemetry
