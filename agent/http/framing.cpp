#include "agent/http/framing.hpp"
#include "agent/util/format.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace evenkeel::http {
namespace {

using Kind = Framing::Kind;

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, length);
  return error == std::errc{} && stopped == end ? std::optional(length) : std::nullopt;
}

// The one length, even if it is repeated; nullopt if lengths differ or one is no number.
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
  // "chunked" must come last, once, and without parameters.
  if (last == codings.end() || *last != "chunked") return Kind::faulty;
  const auto is_chunked = [](const std::string& coding) {
    return coding.starts_with("chunked") && (coding.size() == 7 || !is_token_character(coding[7]));
  };
  if (std::any_of(codings.begin(), last, is_chunked)) return Kind::faulty;
  return codings.size() == 1 ? Kind::chunked : Kind::unknown;
}

// Goes by the fields alone; until_close if they say nothing.
Framing framing_of(const Fields& fields, Version version) {
  if (fields.count("Transfer-Encoding") > 0) {
    // In HTTP/1.0, or beside a length, a proxy in between may have ignored the coding (smuggling).
    const bool alone = fields.count("Content-Length") == 0 && version.at_least_1_1();
    return {alone ? coding_of(fields) : Kind::faulty};
  }
  if (fields.count("Content-Length") == 0) return {Kind::until_close};
  const auto length = length_of(fields);
  if (!length) return {Kind::faulty};
  return *length > 0 ? Framing{Kind::length, *length} : Framing{Kind::none};
}

constexpr std::size_t kMaxLine = 4096;
// Bytes of a size line that do not count against `beside`: an honest line has no more.
constexpr std::size_t kFreeOfLine = 16;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool take_token(std::string_view& text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size > 0;
}

bool take_quoted(std::string_view& text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

// *( ";" name [ "=" value ] ), with blanks anywhere but at the end.
bool are_extensions(std::string_view text) {
  while (!text.empty()) {
    skip_blanks(text);
    if (!text.starts_with(';')) return false;
    text.remove_prefix(1);
    skip_blanks(text);
    if (!take_token(text)) return false;
    auto value = text;
    skip_blanks(value);
    if (!value.starts_with('=')) continue;
    value.remove_prefix(1);
    skip_blanks(value);
    if (!(value.starts_with('"') ? take_quoted(value) : take_token(value))) return false;
    text = value;
  }
  return true;
}

}  // namespace

Framing framing_of_request(const Fields& fields, Version version) {
  const auto framing = framing_of(fields, version);
  return framing.kind == Kind::until_close ? Framing{Kind::none} : framing;
}

Framing framing_of_response(const Fields& fields, const StatusLine& line, bool to_head) {
  if (to_head || line.status < 200 || line.status == 204 || line.status == 304) return {Kind::none};
  return framing_of(fields, line.version);
}

bool keeps_alive(const Fields& fields, Version version) {
  if (fields.lists("Connection", "close")) return false;
  return version.at_least_1_1() || fields.lists("Connection", "keep-alive");
}

ChunkReader::Progress ChunkReader::take(std::string_view& input, const Sink& sink) {
  auto progress = Progress::more;
  while (!input.empty() && progress == Progress::more) {
    if (part_ != Part::data) {
      progress = take_line(input);
      continue;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(of_data_, input.size()));
    if (!sink(input.substr(0, size))) return Progress::stopped;
    input.remove_prefix(size);
    of_data_ -= size;
    if (of_data_ == 0) part_ = Part::data_end;
  }
  return progress;
}

ChunkReader::Progress ChunkReader::take_line(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    const bool after_return = line_.ends_with('\r');
    if (after_return != (c == '\n')) return Progress::malformed;
    if (is_control(c) && c != '\r' && c != '\n') return Progress::malformed;
    // Only the line's end may follow the data of a chunk.
    if (part_ == Part::data_end && c != '\r' && c != '\n') return Progress::malformed;
    input.remove_prefix(1);
    if (c == '\n') {
      line_.pop_back();
      const auto progress = use_line();
      line_.clear();
      return progress;
    }
    line_ += c;
    if (line_.size() > kMaxLine) return Progress::malformed;
  }
  return Progress::more;
}

ChunkReader::Progress ChunkReader::use_line() {
  switch (part_) {
    case Part::size:
      return begin_chunk();
    case Part::data_end:
      part_ = Part::size;
      return Progress::more;
    case Part::trailer:
      if (line_.empty()) return Progress::done;
      return parse_field(line_) && spend(line_.size()) ? Progress::more : Progress::malformed;
    case Part::data:
      break;
  }
  return Progress::malformed;
}

ChunkReader::Progress ChunkReader::begin_chunk() {
  const auto* const end = line_.data() + line_.size();
  const auto [stopped, error] = std::from_chars(line_.data(), end, of_data_, 16);
  if (error != std::errc{}) return Progress::malformed;
  const auto rest =
      std::string_view(line_).substr(static_cast<std::size_t>(stopped - line_.data()));
  const bool good =
      are_extensions(rest) && spend(line_.size() - std::min(line_.size(), kFreeOfLine));
  if (!good) return Progress::malformed;
  if (of_data_ > left_) return Progress::too_large;
  left_ -= of_data_;
  part_ = of_data_ > 0 ? Part::data : Part::trailer;
  return Progress::more;
}

bool ChunkReader::spend(std::size_t bytes) {
  if (bytes > beside_) return false;
  beside_ -= bytes;
  return true;
}

}  // namespace evenkeel::http
