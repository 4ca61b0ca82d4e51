#pragma once
// Reads TOML into values with places; nothing else uses toml++. Internal to settings.

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/settings/value.hpp"

namespace evenkeel::settings {

// Returns the root table, or the first syntax error at its line and column.
[[nodiscard]] tl::expected<Value::Table, Problem> read_document(std::string_view text,
                                                                const std::string& file_name);

}  // namespace evenkeel::settings
