#include "agent/cli/waiting.hpp"

#include <iostream>
#include <utility>

namespace evenkeel::cli {

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
