#pragma once
// Helpers for text; only ASCII letters have a case here. Internal to settings.

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::settings {

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);  // spaces and tabs
[[nodiscard]] bool all_digits(std::string_view text);        // and at least one
[[nodiscard]] std::string join(const std::vector<std::string>& words, std::string_view separator);

// Makes foreign text fit for a line of a terminal or log: shortened, without control characters.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace evenkeel::settings
