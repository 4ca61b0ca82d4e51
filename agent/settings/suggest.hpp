#pragma once
// What somebody probably meant: the words for names that nothing is called. Internal to settings.

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::settings {

// Those of `names` that `written` may be meant for, at most three: the same but for case and
// separators, else those that it begins or that begin it, else those with the fewest edits (at most
// 3) between.
[[nodiscard]] std::vector<std::string> nearest(std::string_view written,
                                               const std::vector<std::string>& names);

// "autoBalance", "auto-balance", "AUTO_BALANCE": "auto_balance".
[[nodiscard]] std::string snake_case(std::string_view text);

// "; did you mean 'a' or 'b'?", or nothing where there is no candidate.
[[nodiscard]] std::string did_you_mean(const std::vector<std::string>& candidates);

// The whole message for what keys() does not know. An empty section is the top level of the file.
[[nodiscard]] std::string unknown_key(std::string_view section, std::string_view name);
[[nodiscard]] std::string unknown_section(std::string_view name);
[[nodiscard]] std::string unknown_variable(std::string_view name);

}  // namespace evenkeel::settings
