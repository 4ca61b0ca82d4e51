#include "agent/settings/suggest.hpp"

#include <algorithm>

#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::settings {
namespace {

std::vector<std::string> sections(const Keys& keys) {
  std::vector<std::string> result;
  for (const Key& key : keys) {
    if (result.empty() || result.back() != key.section) result.push_back(key.section);
  }
  return result;
}

std::vector<std::string> headings(std::vector<std::string> sections) {
  for (std::string& section : sections) section = heading(section);
  return sections;
}

std::vector<std::string> names_in(const Keys& keys, std::string_view section) {
  std::vector<std::string> result;
  for (const Key& key : keys) {
    if (key.section == section) result.push_back(key.name);
  }
  return result;
}

std::vector<std::string> sections_with(const Keys& keys, std::string_view name) {
  std::vector<std::string> result;
  for (const Key& key : keys) {
    if (key.name == name) result.push_back(heading(key.section));
  }
  return result;
}

std::vector<std::string> all_names(const Keys& keys) {
  std::vector<std::string> result;
  for (const Key& key : keys) result.push_back(key.name);
  return result;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_repeated(std::string_view section) {
  return section == "windows";
}

std::string heading(std::string_view section) {
  const std::string text = '[' + std::string(section) + ']';
  return is_repeated(section) ? '[' + text + ']' : text;
}

std::string unknown_key(const Keys& keys, std::string_view section, std::string_view name) {
  const std::string message =
      "unknown key '" + printable(name) + "' " +
      (section.empty() ? "outside every section" : "in " + heading(section));
  const std::vector<std::string> here = names_in(keys, section);
  const std::string word = snake_case(name);
  if (contains(here, word)) return message + did_you_mean({word});
  if (const auto there = sections_with(keys, word); !there.empty()) {
    return message + "; '" + word + "' belongs in " + join(there, " or ");
  }
  if (const auto slips = nearest(name, here); !slips.empty()) return message + did_you_mean(slips);
  if (const auto slips = rules::fewest_edits(word, all_names(keys)); !slips.empty()) {
    return message + "; did you mean '" + slips.front() + "' in " +
           join(sections_with(keys, slips.front()), " or ") + "?";
  }
  if (section.empty()) return message + "; every key belongs in a section";
  return message + "; its keys are " + join(here, ", ");
}

std::string unknown_section(const Keys& keys, std::string_view name) {
  const std::string message = "unknown section [" + printable(name) + "]";
  const std::vector<std::string> candidates = headings(nearest(name, sections(keys)));
  if (!candidates.empty()) return message + "; did you mean " + join(candidates, " or ") + "?";
  return message + "; the sections are " + join(headings(sections(keys)), ", ");
}

std::string unknown_variable(const Keys& keys, std::string_view name) {
  const std::string prefix = "EVENKEEL_";
  const std::string word = snake_case(name.substr(std::min(name.size(), prefix.size())));
  std::vector<std::string> all;
  std::vector<std::string> same_key;  // "EVENKEEL_AUTO_BALANCE": its section was left out
  for (const Key& key : keys) {
    all.push_back(key.section + "_" + key.name);
    if (key.name == word) same_key.push_back(all.back());
  }
  std::vector<std::string> candidates = same_key.empty() ? nearest(word, all) : same_key;
  for (std::string& candidate : candidates) candidate = upper(candidate).insert(0, prefix);
  const std::string message = "no key of the configuration goes by this variable";
  if (!candidates.empty()) return message + did_you_mean(candidates);
  return message + "; its name is EVENKEEL_, the section, an underscore and the key, in capitals";
}

}  // namespace evenkeel::settings
