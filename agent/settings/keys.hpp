#pragma once
// The one table of keys, with what settings.hpp does not show: how each gets into Settings. A new
// key is a line in keys.cpp, one in config/evenkeel.toml, and `make settings`.
// Internal to settings.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/settings/value.hpp"

namespace evenkeel::settings {

// What the text of an environment variable is to be read as.
enum class Form { text, scalar, list, table };

struct Entry {
  Key key;
  Form form = Form::text;
  // Checks the value and puts it into the settings, or reports at its place why it cannot.
  std::function<void(Settings&, const Value&, Problems&)> set;
};

[[nodiscard]] const std::vector<Entry>& entries();
[[nodiscard]] const Entry* find_entry(std::string_view section, std::string_view name);
[[nodiscard]] bool is_section(std::string_view name);

}  // namespace evenkeel::settings
