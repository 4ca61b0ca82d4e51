#pragma once
// Figures of the agent's own process, read from /proc: those of Prometheus's standard process
// collectors.

#include <filesystem>
#include <optional>

namespace evenkeel::telemetry {

// The figures; nullopt for one that could not be read.
struct ProcessFigures {
  std::optional<double> cpu_seconds;         // user and system
  std::optional<double> start_time_seconds;  // since the epoch
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_fds;  // includes the one that the count itself needs
  std::optional<double> max_fds;   // the soft limit; nullopt if unlimited
};

// `proc` stands for /proc in tests.
[[nodiscard]] ProcessFigures read_process(const std::filesystem::path& proc = "/proc");

}  // namespace evenkeel::telemetry
