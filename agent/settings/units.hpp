#pragma once
// Writes sizes and durations as settings.hpp reads them. Internal to settings.

#include <chrono>
#include <string>

#include "rules/cluster.hpp"

namespace evenkeel::settings {

// Both use the largest unit that gives a whole number: "64GiB", "1500B"; "45s", "10m", "0s".
[[nodiscard]] std::string size_text(rules::Bytes size);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace evenkeel::settings
