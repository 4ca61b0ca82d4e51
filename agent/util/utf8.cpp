#include "agent/util/utf8.hpp"

#include <algorithm>
#include <array>

namespace evenkeel {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Returns whether the byte goes on with a character that began before it.
bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

bool is_del_or_c1(char32_t point) {
  return point >= 0x7f && point < 0xa0;
}

}  // namespace

std::optional<Character> first_character(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
  char32_t point = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text[i])) return std::nullopt;
    point = (point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLowest{0, 0, 0x80, 0x800, 0x10000};  // by bytes
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < kLowest[bytes] || surrogate || point > 0x10ffff) return std::nullopt;
  return Character{point, bytes};
}

std::string valid_utf8(std::string_view text) {
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), ascii)) return std::string(text);

  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    valid += character ? text.substr(0, bytes) : kReplacement;
    text.remove_prefix(bytes);
  }
  return valid;
}

std::size_t count_characters(std::string_view utf8) {
  return utf8.size() - static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), continues));
}

std::string_view cut_utf8(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && continues(text[end])) --end;
  return text.substr(0, end);
}

std::string printable(std::string_view text, std::string_view keep) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    // Some terminals read bytes, and those that belong to no character may be C1 to them.
    const char32_t point = character ? character->point : static_cast<unsigned char>(text.front());
    const bool kept = keep.find(text.front()) != std::string_view::npos;
    const bool control = point < 0x20 || is_del_or_c1(point);
    shown += control && !kept ? "?" : text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return shown;
}

void append_json_escape(std::string& out, char32_t point) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[(point >> shift) & 0xfU];
}

std::string printable_json(std::string_view json) {
  std::string shown;
  shown.reserve(json.size());
  while (!json.empty()) {
    const auto character = first_character(json);
    const std::size_t bytes = character ? character->bytes : 1;
    if (character && is_del_or_c1(character->point)) {
      append_json_escape(shown, character->point);
    } else {
      shown += json.substr(0, bytes);
    }
    json.remove_prefix(bytes);
  }
  return shown;
}

}  // namespace evenkeel
