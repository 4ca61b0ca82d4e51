#include "rules/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "rules/explain.hpp"

namespace evenkeel::rules {
namespace {

constexpr std::size_t kMostEdits = 3;
constexpr std::size_t kMostCandidates = 3;
constexpr std::size_t kShortestPrefix = 3;
constexpr std::size_t kMostListed = 10;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The number of single characters to change, insert, delete, or exchange with the next one.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // the row before `above`
  std::vector<std::size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  std::vector<std::size_t> row = above;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above.back();
}

// A slip is few edits in less than half of the word; else short names would resemble any other.
bool near(std::size_t distance, std::string_view a, std::string_view b) {
  return distance <= kMostEdits && 2 * distance < std::max(a.size(), b.size());
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

}  // namespace

std::string snake_case(std::string_view text) {
  std::string result;
  char previous = '_';
  for (const char c : text) {
    if (is_upper(c) && is_lower_or_digit(previous)) result += '_';
    if (is_upper(c)) {
      result += static_cast<char>(c - 'A' + 'a');
    } else {
      result += c == '-' || c == ' ' || c == '.' ? '_' : c;
    }
    previous = c;
  }
  return result;
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

std::vector<std::string> nearest(std::string_view written, const std::vector<std::string>& names) {
  const std::string word = snake_case(written);
  if (std::find(names.begin(), names.end(), word) != names.end()) return {word};
  std::vector<std::string> found = by_prefix(word, names);
  if (found.empty()) found = fewest_edits(word, names);
  // Among so many none is likely.
  if (found.size() > kMostCandidates) found.clear();
  return found;
}

std::string did_you_mean(const std::vector<std::string>& candidates) {
  std::string text;
  for (const std::string& each : candidates) text += (text.empty() ? "'" : " or '") + each + "'";
  return text.empty() ? text : "; did you mean " + text + "?";
}

std::string first_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostListed);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text.empty() ? "none" : text;
}

std::string instead_of(std::string_view written, const std::vector<std::string>& names,
                       const std::string& there_are) {
  const auto candidates = nearest(written, names);
  if (!candidates.empty()) return did_you_mean(candidates);
  return "; " + there_are + " " + first_of(names);
}

std::string instead_of_node(const Cluster& cluster, NodeId id) {
  std::vector<std::string> ids;
  ids.reserve(cluster.nodes.size());
  for (const Node& node : cluster.nodes) ids.push_back(number(node.id));
  return instead_of(number(id), ids, "the query nodes are");
}

std::string instead_of_collection(const Cluster& cluster, std::string_view name) {
  std::vector<std::string> names;
  names.reserve(cluster.collections.size());
  for (const Collection& collection : cluster.collections) names.push_back(collection.name);
  return instead_of(name, names, "loaded are");
}

}  // namespace evenkeel::rules
