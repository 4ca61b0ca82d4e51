#pragma once
// Text in the columns of a terminal: a Chinese character takes two, a combining mark none. What is
// counted is what a terminal's own count (wcwidth) gives.

#include <cstddef>
#include <string>
#include <string_view>

namespace evenkeel {

// The columns that the text takes. A byte that is no UTF-8 takes one.
[[nodiscard]] std::size_t columns_of(std::string_view text);

// Shows what nobody would see, and what would turn the direction of the text around it, as
// "\u{202e}": all that Unicode calls a format character or a separator of lines, but those in
// `keep`. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string visible(std::string_view text, std::u32string_view keep = {});

// At most so many columns, at least one: what is longer loses its middle for "…". A character
// stays whole with its marks.
[[nodiscard]] std::string cut_in_the_middle(std::string_view text, std::size_t most);

// The marks that keep text of the other direction from turning what stands beside it. A terminal
// shows nothing for them.
inline constexpr char32_t kFirstStrongIsolate = 0x2068;
inline constexpr char32_t kPopIsolate = 0x2069;

// Text with letters that are written from right to left, between these marks; other text as it is.
[[nodiscard]] std::string isolated(std::string_view text);

}  // namespace evenkeel
