#pragma once
// Mistakes as compilers print them.

#include <string>
#include <vector>

#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

// One line a mistake, "where: what", in the order given, and a last line with their number, such as
// "3 mistakes". Every line ends with a newline; no mistakes give an empty text.
[[nodiscard]] std::string report(const std::vector<Mistake>& mistakes);

}  // namespace evenkeel::settings
