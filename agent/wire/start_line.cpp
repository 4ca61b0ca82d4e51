#include "agent/wire/start_line.hpp"

#include <algorithm>

#include "agent/wire/fields.hpp"

namespace evenkeel::wire {
namespace {

constexpr std::size_t kVersionSize = 8;  // "HTTP/1.1"

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Version> parse_version(std::string_view text) {
  const bool good = text.size() == kVersionSize && text.starts_with("HTTP/") &&
                    is_decimal(text[5]) && text[6] == '.' && is_decimal(text[7]);
  return good ? std::optional(Version{text[5] - '0', text[7] - '0'}) : std::nullopt;
}

// The characters of a URI, and those that clients send in one as they are. '#' begins what no
// server is told.
bool is_target_character(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

}  // namespace

std::optional<RequestLine> parse_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  const auto version = parse_version(line.substr(last + 1));
  const RequestLine parts{line.substr(0, first), line.substr(first + 1, last - first - 1),
                          version.value_or(Version{})};
  const bool good_target =
      !parts.target.empty() &&
      std::all_of(parts.target.begin(), parts.target.end(), is_target_character);
  return version && good_target && is_token(parts.method) ? std::optional(parts) : std::nullopt;
}

std::optional<StatusLine> parse_status_line(std::string_view line) {
  const auto version = parse_version(line.substr(0, kVersionSize));
  if (!version || version->major != 1) return std::nullopt;
  line.remove_prefix(kVersionSize);
  // Some leave out the blank before a reason that is empty.
  const bool good = line.size() >= 4 && line[0] == ' ' && line[1] >= '1' && is_decimal(line[1]) &&
                    is_decimal(line[2]) && is_decimal(line[3]) &&
                    (line.size() == 4 || line[4] == ' ');
  if (!good) return std::nullopt;
  return StatusLine{*version, (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0')};
}

}  // namespace evenkeel::wire
