#include "agent/demo/release.hpp"

#include <charconv>

namespace evenkeel::demo {
namespace {

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0) return {};
  text.remove_prefix(static_cast<std::size_t>(after - text.data()));
  return number;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

const char* build_version(Era era) {
  switch (era) {
    case Era::v2_3:
      return "2.3.5";
    case Era::v2_5:
      return "2.5.6";
    case Era::v2_6:
      return "2.6.19";
    case Era::v3_0:
      return "3.0.0";
  }
  return "";
}

std::optional<Release> parse_release(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  const auto major = take_number(version);
  if (!major || !take_dot(version)) return {};
  const auto minor = take_number(version);
  if (!minor) return {};
  if (!take_dot(version)) {
    if (!version.empty()) return {};
    return Release{*major, *minor, 0};
  }
  const auto patch = take_number(version);
  if (!patch) return {};
  return Release{*major, *minor, *patch};
}

}  // namespace evenkeel::demo
