#pragma once
// UTF-8: names from outside may be any bytes. A character here is a Unicode code point.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace evenkeel {

struct Character {
  char32_t point = 0;
  std::size_t bytes = 1;  // that encode it
};

// Decodes the character that the text begins with; none if the text is empty or begins with bytes
// that are not well-formed UTF-8 (overlong forms, surrogates and points above U+10FFFF are not).
[[nodiscard]] std::optional<Character> first_character(std::string_view text);

// Returns the text with each byte that is not part of well-formed UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// Counts the characters of well-formed UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8);

// Returns at most so many bytes of the text's beginning, cut between two characters.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t most_bytes);

// A control character of ASCII: C0 or DEL.
[[nodiscard]] constexpr bool is_control(unsigned char c) {
  return c < ' ' || c == 0x7f;
}

// A character of the basic plane that nobody sees, or that turns the direction of the text around
// it: C1, zero-width and bidirectional marks, separators of lines.
[[nodiscard]] constexpr bool is_hidden(char32_t point) {
  const auto between = [point](char32_t first, char32_t last) {
    return point >= first && point <= last;
  };
  return between(0x80, 0x9f) || point == 0xad || point == 0x61c || point == 0x180e ||
         between(0x200b, 0x200f) || between(0x2028, 0x202e) || between(0x2060, 0x206f) ||
         point == 0xfeff;
}

// Makes foreign text safe for a terminal, whose cursor an escape sequence in a name may move, or
// which it may make answer for the reader: replaces control characters (C0, DEL, and C1 as UTF-8 or
// as a byte) by '?', but those in `keep`.
[[nodiscard]] std::string printable(std::string_view text, std::string_view keep = "");

// Appends a character of the basic plane as JSON escapes it: "\u202e".
void append_json_escape(std::string& out, char32_t point);

// Escapes DEL and C1, which writers of JSON leave raw in strings; the values stay the same.
[[nodiscard]] std::string printable_json(std::string_view json);

}  // namespace evenkeel
