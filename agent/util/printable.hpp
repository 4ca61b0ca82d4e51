#pragma once
// Makes foreign text safe for a terminal: escape sequences in a name may move its cursor, or make
// it answer for the reader.

#include <string>
#include <string_view>

namespace evenkeel {

// Replaces control characters (C0, DEL, and C1 as UTF-8 or as a byte) by '?', but those in `keep`.
[[nodiscard]] inline std::string printable(std::string_view text, std::string_view keep = "") {
  std::string shown;
  shown.reserve(text.size());
  std::size_t in_character = 0;  // bytes of a UTF-8 character that must still follow
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool continues = in_character > 0 && (c & 0xc0U) == 0x80U;
    in_character = continues    ? in_character - 1
                   : c >= 0xf0U ? 3
                   : c >= 0xe0U ? 2
                   : c >= 0xc2U ? 1
                                : 0;
    const bool c1 = c == 0xc2U && i + 1 < text.size() &&
                    (static_cast<unsigned char>(text[i + 1]) & 0xe0U) == 0x80U;
    const bool lone_c1 = !continues && c >= 0x80U && c < 0xa0U;
    const bool control = c < 0x20U || c == 0x7fU || c1 || lone_c1;
    const bool kept = keep.find(text[i]) != std::string_view::npos;
    shown += control && !kept ? '?' : text[i];
    if (c1) {
      ++i;
      in_character = 0;
    }
  }
  return shown;
}

// Escapes DEL and C1, which writers of JSON leave raw in strings; the values stay the same.
[[nodiscard]] inline std::string printable_json(std::string_view json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string shown;
  shown.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    const auto next = static_cast<unsigned char>(i + 1 < json.size() ? json[i + 1] : 0);
    const bool c1 = c == 0xc2U && next >= 0x80U && next < 0xa0U;
    if (!c1 && c != 0x7fU) {
      shown += json[i];
      continue;
    }
    const unsigned control = c1 ? next : c;
    shown += "\\u00";
    shown += kHex[control >> 4U];
    shown += kHex[control & 0xfU];
    if (c1) ++i;
  }
  return shown;
}

}  // namespace evenkeel
