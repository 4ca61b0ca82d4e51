#include "agent/milvus/version.hpp"

#include <charconv>
#include <utility>

namespace evenkeel::milvus {
namespace {

constexpr std::size_t kLongestShown = 40;

// Makes a text of the server fit to be shown.
std::string shown(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, kLongestShown)) result += c > ' ' && c < '\x7f' ? c : '?';
  return "'" + result + (text.size() > kLongestShown ? "…'" : "'");
}

bool at_least(std::string_view version, const Version& least) {
  const auto parsed = parse_version(version);
  return !parsed || *parsed >= least;
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  Version version;
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  int read = 0;
  for (int* const part : parts) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (error != std::errc{} || *part < 0 || *part > 9999) return std::nullopt;
    ++read;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with('.')) break;
    if (read == 3) return std::nullopt;
    text.remove_prefix(1);
  }
  const bool ends_well = text.empty() || text.front() == '-' || text.front() == '+';
  return read >= 2 && ends_well ? std::optional(version) : std::nullopt;
}

Knowledge knowledge_of(std::string_view text) {
  const auto version = parse_version(text);
  if (!version) return Knowledge::unreadable;
  if (*version < kOldest) return Knowledge::older;
  const std::pair line(version->major, version->minor);
  if (line > std::pair(kNewestMajor, kNewestMinor)) return Knowledge::newer;
  if (line > std::pair(2, 6) && line < std::pair(3, 0)) return Knowledge::newer;
  const bool live = line == std::pair(2, 2) || line == std::pair(2, 3) || line == std::pair(2, 6);
  return live ? Knowledge::live : Knowledge::source;
}

std::string_view name(Knowledge knowledge) {
  switch (knowledge) {
    case Knowledge::live:
      return "live";
    case Knowledge::source:
      return "source";
    case Knowledge::newer:
      return "newer";
    case Knowledge::older:
      return "older";
    case Knowledge::unreadable:
      return "unreadable";
  }
  return "unreadable";
}

std::string why_untested(std::string_view version) {
  const std::string until =
      "; it is judged and planned for only, until [milvus] "
      "allow_untested_version = true";
  switch (knowledge_of(version)) {
    case Knowledge::live:
    case Knowledge::source:
      return "";
    case Knowledge::newer:
      return "Milvus " + shown(version) +
             " is newer than all that is known here (2.1 to 2.6, 3.0)" + until;
    case Knowledge::older:
      return "Milvus " + shown(version) + " is older than all that is known here (2.1)" + until;
    case Knowledge::unreadable:
      return (version.empty() ? std::string("Milvus does not say which version it is")
                              : "Milvus says that its version is " + shown(version) +
                                    ", which is none that is known here") +
             until;
  }
  return "";
}

bool may_have_lists(std::string_view version) {
  return at_least(version, {2, 5, 0});
}

bool may_have_streaming_nodes(std::string_view version) {
  return at_least(version, {2, 6, 0});
}

bool names_streaming_nodes(std::string_view version) {
  const auto parsed = parse_version(version);
  return parsed && *parsed >= Version{2, 6, 14};
}

bool groups_tell_streaming_nodes(std::string_view version) {
  const auto parsed = parse_version(version);
  return parsed && *parsed >= Version{2, 6, 1};
}

bool entity_size_is_partial(std::string_view version) {
  return at_least(version, {2, 4, 0});
}

bool maps_vectors(std::string_view version) {
  const auto parsed = parse_version(version);
  return parsed && *parsed >= Version{2, 6, 0};
}

}  // namespace evenkeel::milvus
