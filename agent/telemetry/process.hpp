#pragma once
// The agent's own process, read from /proc: the standard figures of Prometheus's process
// collectors.

#include <filesystem>
#include <optional>

namespace evenkeel::telemetry {

// A figure that could not be read is none.
struct ProcessFigures {
  std::optional<double> cpu_seconds;         // user and system
  std::optional<double> start_time_seconds;  // since the epoch
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_fds;  // the one that the count itself needs included
  std::optional<double> max_fds;   // the soft limit; none where it is unlimited
};

// `proc` stands for /proc in tests.
[[nodiscard]] ProcessFigures read_process(const std::filesystem::path& proc = "/proc");

}  // namespace evenkeel::telemetry
