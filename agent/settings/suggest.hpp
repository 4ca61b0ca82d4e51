#pragma once
// Suggestions for names that do not exist. Internal to settings.

#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/settings.hpp"
#include "rules/nearest.hpp"

namespace evenkeel::settings {

using rules::did_you_mean;
using rules::nearest;
using rules::snake_case;

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
