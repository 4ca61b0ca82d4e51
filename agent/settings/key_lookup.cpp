// What others ask of the table of keys, which keys.cpp makes.

#include <algorithm>
#include <utility>

#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"

namespace evenkeel::settings {

const std::vector<Key>& keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> result;
    for (const Entry& entry : entries()) result.push_back(entry.key);
    return result;
  }();
  return all;
}

const Entry* find_entry(std::string_view section, std::string_view name) {
  for (const Entry& entry : entries()) {
    if (entry.key.section == section && entry.key.name == name) return &entry;
  }
  return nullptr;
}

bool is_section(std::string_view name) {
  return std::any_of(entries().begin(), entries().end(),
                     [&](const Entry& entry) { return entry.key.section == name; });
}

std::vector<std::string> changed_keys(const Settings& before, const Settings& after) {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    if (entry.same(before, after)) continue;
    std::string name = heading(entry.key.section);
    if (!is_repeated(entry.key.section)) name += ' ' + entry.key.name;
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace evenkeel::settings
