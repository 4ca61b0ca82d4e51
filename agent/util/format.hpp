#pragma once
// Small texts: ids as Milvus writes them, ASCII in lower case, ends without blanks.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace evenkeel {

// Writes an id as Milvus does.
template <typename Id>
  requires std::is_enum_v<Id>
[[nodiscard]] std::string to_string(Id id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// True if all characters are digits, and there is at least one.
[[nodiscard]] constexpr bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// The text in lower case; only ASCII letters change.
[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

// The text without blanks and tabs at its ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

}  // namespace evenkeel
