#include "agent/wire/framing.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace evenkeel::wire {
namespace {

using Kind = Framing::Kind;

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, length);
  return error == std::errc{} && stopped == end ? std::optional(length) : std::nullopt;
}

// One length, however often it stands there: none where they differ or one is no number.
std::optional<std::uint64_t> length_of(const Fields& fields) {
  std::optional<std::uint64_t> length;
  for (auto rest : fields.values("Content-Length")) {
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      more = comma != std::string_view::npos;
      const auto each = parse_length(trim(rest.substr(0, comma)));
      if (!each || (length && *length != *each)) return std::nullopt;
      length = each;
      rest.remove_prefix(more ? comma + 1 : rest.size());
    }
  }
  return length;
}

Kind coding_of(const Fields& fields) {
  const auto codings = fields.list("Transfer-Encoding");
  const auto last = codings.empty() ? codings.end() : codings.end() - 1;
  // Chunked comes last, and once; it takes no parameters.
  if (last == codings.end() || *last != "chunked") return Kind::faulty;
  const auto is_chunked = [](const std::string& coding) {
    return coding.starts_with("chunked") && (coding.size() == 7 || !is_token_character(coding[7]));
  };
  if (std::any_of(codings.begin(), last, is_chunked)) return Kind::faulty;
  return codings.size() == 1 ? Kind::chunked : Kind::unknown;
}

// By the fields alone; until_close where they say nothing.
Framing framing_of(const Fields& fields, Version version) {
  if (fields.count("Transfer-Encoding") > 0) {
    // With HTTP/1.0, and beside a length, there may be somebody in between who has not read it.
    const bool alone = fields.count("Content-Length") == 0 && version.at_least_1_1();
    return {alone ? coding_of(fields) : Kind::faulty};
  }
  if (fields.count("Content-Length") == 0) return {Kind::until_close};
  const auto length = length_of(fields);
  if (!length) return {Kind::faulty};
  return *length > 0 ? Framing{Kind::length, *length} : Framing{Kind::none};
}

}  // namespace

Framing framing_of_request(const Fields& fields, Version version) {
  const auto framing = framing_of(fields, version);
  return framing.kind == Kind::until_close ? Framing{Kind::none} : framing;
}

Framing framing_of_answer(const Fields& fields, const StatusLine& line, bool to_head) {
  if (to_head || line.status < 200 || line.status == 204 || line.status == 304) return {Kind::none};
  return framing_of(fields, line.version);
}

bool keeps_alive(const Fields& fields, Version version) {
  if (fields.lists("Connection", "close")) return false;
  return version.at_least_1_1() || fields.lists("Connection", "keep-alive");
}

}  // namespace evenkeel::wire
