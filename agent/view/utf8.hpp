#pragma once
// Names from outside may be any bytes; what the agent serves is UTF-8.

#include <string>
#include <string_view>

namespace evenkeel::view {

// The text with each byte that is not part of well-formed UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace evenkeel::view
