#pragma once
// Prints mistakes as compilers do.

#include <string>
#include <vector>

#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

// Writes one line a mistake, "where: what", in the order given, and a last one such as "3
// mistakes". Every line ends with a newline; no mistakes give an empty text.
[[nodiscard]] std::string report(const std::vector<Mistake>& mistakes);

}  // namespace evenkeel::settings
