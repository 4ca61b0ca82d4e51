#include "agent/telemetry/telemetry.hpp"

#include <algorithm>
#include <evenkeel_version.hpp>
#include <optional>
#include <utility>

#include "agent/telemetry/metrics.hpp"
#include "agent/telemetry/process.hpp"
#include "agent/util/log.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::telemetry {
namespace {

void add_build_info(ExpositionText& out) {
  auto build = gauges("evenkeel_build_info", "Which program this is; always 1.");
  add(build, 1,
      {label("version", kVersion), label("revision", kRevision), label("compiler", kCompiler)});
  out.add(build);
}

void add_process_metrics(ExpositionText& out, const ProcessFigures& process) {
  const auto add_known = [&](prometheus::MetricFamily family, std::optional<double> value) {
    if (!value) return;
    add(family, *value);
    out.add(family);
  };
  add_known(counters("process_cpu_seconds_total", "Processor time spent, user and system."),
            process.cpu_seconds);
  add_known(gauges("process_start_time_seconds", "When the process began, since the epoch."),
            process.start_time_seconds);
  add_known(gauges("process_resident_memory_bytes", "Resident memory of the process."),
            process.resident_bytes);
  add_known(gauges("process_virtual_memory_bytes", "Virtual memory of the process."),
            process.virtual_bytes);
  add_known(gauges("process_open_fds", "Open file descriptors."), process.open_fds);
  add_known(gauges("process_max_fds", "Most file descriptors that may be open."), process.max_fds);
}

// Sorts and cleans the series: a registry keeps them in no order, and takes labels of any bytes.
void add_counted(ExpositionText& out, const prometheus::Collectable& counted) {
  for (auto& family : counted.Collect()) {
    for (auto& metric : family.metric) {
      for (auto& [name, value] : metric.label) value = valid_utf8(value);
    }
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
    out.add(family);
  }
}

void add_log_metrics(ExpositionText& out) {
  auto lines = counters("evenkeel_log_dropped_total",
                        "Lines of the log that its reader did not take in time.");
  add(lines, static_cast<double>(log::dropped()));
  out.add(lines);
}

}  // namespace

std::string exposition(const loop::Snapshot* snapshot, const Counted& counted, Format format) {
  ExpositionText out(format);
  if (snapshot != nullptr) {
    add_cluster_metrics(out, *snapshot);
    add_agent_metrics(out, *snapshot);
  }
  for (const auto& each : counted) add_counted(out, *each);
  add_log_metrics(out);
  add_build_info(out);
  add_process_metrics(out, read_process());
  return std::move(out).text();
}

}  // namespace evenkeel::telemetry
