#include "agent/telemetry/process.hpp"

#include <unistd.h>

#include <cmath>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace evenkeel::telemetry {
namespace {

namespace fs = std::filesystem;

// Returns the number that follows `key` in the first line that begins with it.
std::optional<double> number_after(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(key)) continue;
    std::istringstream rest(line.substr(key.size()));
    double number = 0;
    if (rest >> number) return number;
    return std::nullopt;
  }
  return std::nullopt;
}

// Returns the numbers of /proc/<pid>/stat from its 4th field on. The 2nd, the name, may hold blanks
// and parentheses.
std::vector<double> stat_numbers(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  const auto name_end = line.rfind(") ");
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 2));
  char state = 0;
  rest >> state;
  return {std::istream_iterator<double>(rest), std::istream_iterator<double>()};
}

std::optional<double> count_entries(const fs::path& directory) {
  std::error_code error;
  double count = 0;
  auto entry = fs::directory_iterator(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) ++count;
  if (error) return std::nullopt;
  return count;
}

// The time of boot in seconds since the epoch. A service that sees only processes in /proc
// (ProcSubset=pid) computes it from the clocks, once, so that it never wavers.
std::optional<double> boot_time(const fs::path& proc) {
  if (const auto known = number_after(proc / "stat", "btime")) return known;
  static const double by_clocks = [] {
    const auto seconds = [](clockid_t clock) {
      timespec now{};
      clock_gettime(clock, &now);
      return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
    };
    return std::floor(seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME));
  }();
  return by_clocks;
}

}  // namespace

ProcessFigures read_process(const fs::path& proc) {
  // Indices into stat_numbers(): the field's number in proc(5) less 4.
  constexpr std::size_t kUserTicks = 10, kSystemTicks = 11, kStartTicks = 18, kVirtualBytes = 19,
                        kResidentPages = 20;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));

  ProcessFigures figures;
  if (const auto stat = stat_numbers(proc / "self/stat"); stat.size() > kResidentPages) {
    figures.cpu_seconds = (stat[kUserTicks] + stat[kSystemTicks]) / ticks_per_second;
    figures.virtual_bytes = stat[kVirtualBytes];
    figures.resident_bytes = stat[kResidentPages] * page_bytes;
    if (const auto boot = boot_time(proc)) {
      figures.start_time_seconds = *boot + stat[kStartTicks] / ticks_per_second;
    }
  }
  figures.open_fds = count_entries(proc / "self/fd");
  figures.max_fds = number_after(proc / "self/limits", "Max open files");
  return figures;
}

}  // namespace evenkeel::telemetry
