#include "agent/telemetry/telemetry.hpp"

#include <evenkeel_version.hpp>
#include <optional>
#include <utility>

#include "agent/telemetry/metrics.hpp"
#include "agent/telemetry/process.hpp"

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

std::string with_own_metrics(ExpositionText out) {
  add_build_info(out);
  add_process_metrics(out, read_process());
  return std::move(out).text();
}

}  // namespace

std::string exposition(const loop::Snapshot& snapshot) {
  ExpositionText out;
  add_cluster_metrics(out, snapshot);
  add_agent_metrics(out, snapshot);
  return with_own_metrics(std::move(out));
}

std::string exposition() {
  return with_own_metrics({});
}

}  // namespace evenkeel::telemetry
