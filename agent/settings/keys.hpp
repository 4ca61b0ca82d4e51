#pragma once
// The one table of keys, with the way of each into Settings. A new key is a line in keys.cpp, one
// in config/evenkeel.toml, and `make settings`.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/document.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

// The way to read the text of an environment variable.
enum class Form { text, scalar, list, table };

// One key and its reader.
struct Entry {
  Key key;
  Form form = Form::text;
  // Checks the value and puts it into the settings, or reports at its place why it cannot.
  std::function<void(Settings&, const Value&, Problems&)> set;
  // True if both settings have the same value of this key.
  std::function<bool(const Settings&, const Settings&)> same;
};

[[nodiscard]] const std::vector<Entry>& entries();
// The keys of entries(), in the order of config/evenkeel.toml; the table [capacity.node] is the key
// `node` of [capacity].
[[nodiscard]] const std::vector<Key>& keys();
[[nodiscard]] const Entry* find_entry(std::string_view section, std::string_view name);
[[nodiscard]] bool is_section(std::string_view name);

}  // namespace evenkeel::settings
