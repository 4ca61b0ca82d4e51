#include "agent/settings/suggest.hpp"

#include <algorithm>
#include <numeric>

#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::settings {
namespace {

constexpr std::size_t kMostEdits = 3;
constexpr std::size_t kMostCandidates = 3;
constexpr std::size_t kShortestPrefix = 3;

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// A slip is few edits in less than half of the word; else short names would resemble any other.
bool near(std::size_t distance, std::string_view a, std::string_view b) {
  return distance <= kMostEdits && 2 * distance < std::max(a.size(), b.size());
}

std::vector<std::string> fewest_edits(std::string_view word,
                                      const std::vector<std::string>& names) {
  std::vector<std::string> best;
  std::size_t fewest = kMostEdits + 1;
  for (const std::string& name : names) {
    const std::size_t gap = std::max(word.size(), name.size()) - std::min(word.size(), name.size());
    if (gap > kMostEdits) continue;  // a lower bound, which spares work for long words
    const std::size_t distance = edits(word, name);
    if (!near(distance, word, name) || distance > fewest) continue;
    if (distance < fewest) best.clear();
    fewest = distance;
    best.push_back(name);
  }
  return best;
}

std::vector<std::string> by_prefix(std::string_view word, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string_view shorter = word.size() < name.size() ? word : name;
    const std::string_view longer = word.size() < name.size() ? name : word;
    if (shorter.size() >= kShortestPrefix && longer.starts_with(shorter)) found.push_back(name);
  }
  return found;
}

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

std::string snake_case(std::string_view text) {
  std::string result;
  char previous = '_';
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_lower =
        (previous >= 'a' && previous <= 'z') || (previous >= '0' && previous <= '9');
    if (upper && after_lower) result += '_';
    result += c == '-' || c == ' ' || c == '.' ? '_' : c;
    previous = c;
  }
  return lower(result);
}

std::vector<std::string> nearest(std::string_view written, const std::vector<std::string>& names) {
  const std::string word = snake_case(written);
  if (contains(names, word)) return {word};
  std::vector<std::string> found = by_prefix(word, names);
  if (found.empty()) found = fewest_edits(word, names);
  // Among so many none is likely.
  if (found.size() > kMostCandidates) found.clear();
  return found;
}

std::string did_you_mean(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  return "; did you mean '" + join(candidates, "' or '") + "'?";
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
  if (const auto slips = fewest_edits(word, all_names(keys)); !slips.empty()) {
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
