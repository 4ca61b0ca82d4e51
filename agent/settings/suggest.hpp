#pragma once
// Suggestions for names that do not exist. Internal to settings.

#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

// Returns the `names` that `written` may be meant for: the same but for case and separators, else
// those that it begins or that begin it, else those with the fewest edits (at most 3). More than
// three give none.
[[nodiscard]] std::vector<std::string> nearest(std::string_view written,
                                               const std::vector<std::string>& names);

// Turns "autoBalance", "auto-balance" and "AUTO_BALANCE" into "auto_balance".
[[nodiscard]] std::string snake_case(std::string_view text);

// Returns "; did you mean 'a' or 'b'?", or nothing without a candidate.
[[nodiscard]] std::string did_you_mean(const std::vector<std::string>& candidates);

// True for a section that may stand in the file more than once, as [[name]]. Its entries set the
// newest element of a list.
[[nodiscard]] bool is_repeated(std::string_view section);
// The line that begins the section in the file: "[balance]", "[[windows]]".
[[nodiscard]] std::string heading(std::string_view section);

using Keys = std::vector<Key>;

// These say that `keys` have no such name. An empty section is the top level of the file.
[[nodiscard]] std::string unknown_key(const Keys& keys, std::string_view section,
                                      std::string_view name);
[[nodiscard]] std::string unknown_section(const Keys& keys, std::string_view name);
[[nodiscard]] std::string unknown_variable(const Keys& keys, std::string_view name);

}  // namespace evenkeel::settings
