#include "agent/util/columns.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "agent/util/utf8.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kIsolate = "\xE2\x81\xA8", kPop = "\xE2\x81\xA9";

utf8proc_int32_t library_point(char32_t point) {
  return static_cast<utf8proc_int32_t>(point);
}

std::size_t columns_of(char32_t point) {
  return static_cast<std::size_t>(std::max(utf8proc_charwidth(library_point(point)), 0));
}

// Calls `visit` with each character and the bytes that it is; none for a byte that is no UTF-8.
template <typename Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto character = first_character(text);
    const auto bytes = text.substr(0, character ? character->bytes : 1);
    visit(character, bytes);
    text.remove_prefix(bytes.size());
  }
}

// What a reader takes for one character: a letter with its marks.
struct Grapheme {
  std::string_view bytes;
  std::size_t columns = 0;
};

std::vector<Grapheme> graphemes_of(std::string_view text) {
  std::vector<Grapheme> graphemes;
  utf8proc_int32_t before = 0, state = 0;
  std::size_t place = 0;
  for_each_character(text, [&](const auto& character, std::string_view bytes) {
    const char32_t point = character ? character->point : 0xfffd;
    const bool first = graphemes.empty();
    if (first || utf8proc_grapheme_break_stateful(before, library_point(point), &state)) {
      graphemes.push_back({text.substr(place, 0), 0});
    }
    auto& last = graphemes.back();
    last.bytes = {last.bytes.data(), last.bytes.size() + bytes.size()};
    last.columns += columns_of(point);
    before = library_point(point);
    place += bytes.size();
  });
  return graphemes;
}

bool is_invisible(char32_t point) {
  const auto category = utf8proc_category(library_point(point));
  return category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_right_to_left(char32_t point) {
  const auto direction = utf8proc_get_property(library_point(point))->bidi_class;
  return direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL;
}

std::string number_of(char32_t point) {
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 static_cast<std::uint32_t>(point), 16);
  return "\\u{" + std::string(digits.data(), end.ptr) + "}";
}

// How many of the graphemes, taken from the first on, fit into so many columns.
template <typename Iterator>
Iterator fitting(Iterator first, Iterator last, std::size_t most) {
  std::size_t taken = 0;
  return std::find_if(first, last, [&](const Grapheme& each) {
    taken += each.columns;
    return taken > most;
  });
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for_each_character(text, [&](const auto& character, std::string_view) {
    columns += character ? columns_of(character->point) : 1;
  });
  return columns;
}

std::string visible(std::string_view text, std::u32string_view keep) {
  std::string shown;
  shown.reserve(text.size());
  for_each_character(text, [&](const auto& character, std::string_view bytes) {
    if (!character) {
      shown += "\xEF\xBF\xBD";
    } else if (is_invisible(character->point) &&
               keep.find(character->point) == std::u32string_view::npos) {
      shown += number_of(character->point);
    } else {
      shown += bytes;
    }
  });
  return shown;
}

std::string cut_in_the_middle(std::string_view text, std::size_t most) {
  if (columns_of(text) <= most) return std::string(text);
  const auto graphemes = graphemes_of(text);
  const std::size_t left = most - 1;  // the ellipsis takes one
  const auto head = fitting(graphemes.begin(), graphemes.end(), left - left / 2);
  const auto tail = fitting(graphemes.rbegin(), graphemes.rend(), left / 2).base();
  std::string cut;
  for (auto each = graphemes.begin(); each != head; ++each) cut += each->bytes;
  cut += kEllipsis;
  for (auto each = tail; each != graphemes.end(); ++each) cut += each->bytes;
  return cut;
}

std::string isolated(std::string_view text) {
  bool turns = false;
  for_each_character(text, [&](const auto& character, std::string_view) {
    turns = turns || (character && is_right_to_left(character->point));
  });
  if (!turns) return std::string(text);
  return std::string(kIsolate).append(text).append(kPop);
}

}  // namespace evenkeel
