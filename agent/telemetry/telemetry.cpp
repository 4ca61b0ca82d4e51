#include "agent/telemetry/telemetry.hpp"

#include <evenkeel_version.hpp>
#include <optional>
#include <utility>

#include "agent/telemetry/metrics.hpp"
#include "agent/telemetry/process.hpp"
#include "agent/util/log.hpp"

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

void add_web_metrics(ExpositionText& out, const WebFigures& web) {
  auto requests = counters("evenkeel_web_requests_total", "Requests that were answered.");
  for (const auto& [status, count] : web.requests) {
    add(requests, static_cast<double>(count), {label("code", std::to_string(status))});
  }
  out.add(requests);
  add_gauge(out, "evenkeel_web_connections", "Open connections of clients.",
            static_cast<double>(web.connections));
  auto refused = counters("evenkeel_web_refused_total",
                          "Requests and connections that the server refused by itself.");
  for (const auto& [reason, count] : web.refused) {
    add(refused, static_cast<double>(count), {label("reason", reason)});
  }
  out.add(refused);
}

void add_log_metrics(ExpositionText& out) {
  auto lines = counters("evenkeel_log_dropped_total",
                        "Lines of the log that its reader did not take in time.");
  add(lines, static_cast<double>(log::dropped()));
  out.add(lines);
}

}  // namespace

std::string exposition(const loop::Snapshot* snapshot, const WebFigures& web) {
  ExpositionText out;
  if (snapshot != nullptr) {
    add_cluster_metrics(out, *snapshot);
    add_agent_metrics(out, *snapshot);
  }
  add_web_metrics(out, web);
  add_log_metrics(out);
  add_build_info(out);
  add_process_metrics(out, read_process());
  return std::move(out).text();
}

std::string exposition(const loop::Snapshot& snapshot) {
  return exposition(&snapshot, {});
}

}  // namespace evenkeel::telemetry
