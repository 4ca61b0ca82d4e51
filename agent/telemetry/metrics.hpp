#pragma once
// The two halves of what a snapshot exports.

#include <array>
#include <chrono>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/telemetry/exposition_text.hpp"
#include "agent/util/time.hpp"

namespace evenkeel::telemetry {

// Nodes, what each holds of each collection, replicas.
void add_cluster_metrics(ExpositionText& out, const loop::Snapshot& snapshot);
// Knobs, moves under way, the newest decision, scrapes, the coordinator, reloads, alerts: how they
// are now. What has been counted of them is in loop::Instruments.
void add_agent_metrics(ExpositionText& out, const loop::Snapshot& snapshot);

// What may be wrong.
inline constexpr std::array kUrgencies{rules::Urgency::overload, rules::Urgency::difference};

// A family of one sample without labels.
void add_gauge(ExpositionText& out, std::string name, std::string help, double value);

// By the wall clock.
[[nodiscard]] inline double seconds_since_epoch(rules::TimePoint at) {
  return std::chrono::duration<double>(wall_time(at).time_since_epoch()).count();
}

}  // namespace evenkeel::telemetry
