#include "agent/cli/waiting.hpp"

#include <iostream>
#include <utility>

#include "agent/settings/units.hpp"

namespace evenkeel::cli {

std::optional<std::chrono::milliseconds> timeout_in(const std::string& text) {
  const auto timeout = settings::parse_duration(text);
  if (timeout) return *timeout;
  std::cerr << "evenkeel: --timeout: " << timeout.error() << '\n';
  return std::nullopt;
}

std::string duration_of(std::chrono::steady_clock::duration time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
  return seconds < 60
             ? std::to_string(seconds) + " s"
             : std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

void PassingTrouble::show(const std::string& words) {
  if (words != std::exchange(words_, words) && !words.empty()) {
    std::cerr << "evenkeel: " << words << "; trying on" << std::endl;
  }
}

}  // namespace evenkeel::cli
