#include "agent/http/head.hpp"
#include "agent/util/format.hpp"

#include <algorithm>

namespace evenkeel::http {
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

char lower_of(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower_of(x) == lower_of(y); });
}

// True for the characters of a URI, and for those that clients send unescaped. Not for '#': it
// begins the fragment, which no server is sent.
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
  // Some servers leave out the blank before an empty reason.
  const bool good = line.size() >= 4 && line[0] == ' ' && line[1] >= '1' && is_decimal(line[1]) &&
                    is_decimal(line[2]) && is_decimal(line[3]) &&
                    (line.size() == 4 || line[4] == ' ');
  if (!good) return std::nullopt;
  return StatusLine{*version, (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0')};
}

void Fields::go_on(std::string_view more) {
  auto& value = all_.back().value;
  if (!value.empty() && !more.empty()) value += ' ';
  value += more;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(all_.begin(), all_.end(),
                    [name](const Field& field) { return same_name(field.name, name); }));
}

std::string_view Fields::value(std::string_view name) const {
  const auto found = std::find_if(
      all_.begin(), all_.end(), [name](const Field& field) { return same_name(field.name, name); });
  return found == all_.end() ? std::string_view{} : found->value;
}

std::vector<std::string_view> Fields::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& field : all_) {
    if (same_name(field.name, name)) found.emplace_back(field.value);
  }
  return found;
}

std::vector<std::string> Fields::list(std::string_view name) const {
  std::vector<std::string> members;
  for (auto rest : values(name)) {
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      const auto member = trim(rest.substr(0, end));
      if (!member.empty()) members.push_back(lower(member));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return members;
}

bool Fields::lists(std::string_view name, std::string_view member) const {
  const auto members = list(name);
  return std::find(members.begin(), members.end(), member) != members.end();
}

std::optional<Field> parse_field(std::string_view line) {
  const auto colon = line.find(':');
  // Also refuses a blank before the colon, which some take for a part of the name.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  return Field{std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))};
}

bool is_token_character(char c) {
  const bool alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

HeadReader::Progress HeadReader::take(std::string& input) {
  std::size_t begin = 0;  // where the line begins
  auto progress = Progress::more;
  for (auto at = scanned_; at < input.size() && progress == Progress::more; ++at) {
    // The limit is checked byte by byte, so that it does not matter how many came at once.
    if (size_ + (at + 1 - begin) > limit_) {
      return first_line_.empty() ? Progress::first_line_too_long : Progress::too_long;
    }
    const char c = input[at];
    const bool after_return = at > begin && input[at - 1] == '\r';
    if (after_return != (c == '\n')) return Progress::malformed;
    if (is_control(c) && c != '\r' && c != '\n') return Progress::malformed;
    if (c != '\n') continue;
    size_ += at + 1 - begin;
    progress = take_line(std::string_view(input).substr(begin, at - 1 - begin));
    begin = at + 1;
  }
  input.erase(0, begin);
  scanned_ = input.size();
  return progress;
}

HeadReader::Progress HeadReader::take_line(std::string_view line) {
  if (!first_line_.empty()) return line.empty() ? Progress::done : take_field(line);
  if (line.empty()) {
    // Some clients send one CR LF too many after the body of the previous request.
    if (message_ == Message::response || std::exchange(skipped_, true)) return Progress::malformed;
    return Progress::more;
  }
  first_line_ = line;
  return Progress::more;
}

HeadReader::Progress HeadReader::take_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    // A folded line must be understood from servers, but refused from clients (RFC 9112, 5.2).
    if (message_ == Message::request || fields_.empty()) return Progress::malformed;
    fields_.go_on(trim(line));
    return Progress::more;
  }
  auto field = parse_field(line);
  if (!field) return Progress::malformed;
  fields_.add(*std::move(field));
  return Progress::more;
}

}  // namespace evenkeel::http
