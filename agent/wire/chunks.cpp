#include "agent/wire/chunks.hpp"

#include <algorithm>
#include <charconv>

#include "agent/wire/fields.hpp"

namespace evenkeel::wire {
namespace {

constexpr std::size_t kMaxLine = 4096;
// What an honest line of a size has, which costs nothing of what may stand beside the data.
constexpr std::size_t kFreeOfLine = 16;

// Past blanks.
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
    // After the data of a chunk there is nothing but the line's end.
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

}  // namespace evenkeel::wire
