#include "agent/demo/row.hpp"

#include "agent/util/utf8.hpp"

namespace evenkeel::demo {
namespace {

// True if every terminal gives it one column: Latin, Greek and Cyrillic letters, and the
// punctuation, arrows, boxes and blocks that this program draws with.
bool takes_one_column(char32_t point) {
  const auto within = [point](char32_t first, char32_t last) {
    return point >= first && point <= last;
  };
  return within(0x20, 0x7e) || within(0xa1, 0xac) || within(0xae, 0x2ff) || within(0x370, 0x482) ||
         within(0x48a, 0x52f) || within(0x2010, 0x2027) || within(0x2190, 0x2199) ||
         within(0x2212, 0x2212) || within(0x2264, 0x2265) || within(0x2500, 0x25a0);
}

void append_style(std::string& text, Style style) {
  text += "\x1b[0";
  if (!style.empty()) text.append(";").append(style);
  text += 'm';
}

}  // namespace

void Row::add(std::string_view text, Style style) {
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    const bool shown = character && takes_one_column(character->point);
    cells_.push_back({shown ? std::string(text.substr(0, bytes)) : "?", style});
    text.remove_prefix(bytes);
  }
}

void Row::add(std::size_t count, std::string_view glyph, Style style) {
  for (std::size_t i = 0; i < count; ++i) add(glyph, style);
}

void Row::fill_to(std::size_t column) {
  if (column > columns()) add(column - columns(), " ");
}

void Row::put(std::size_t column, std::string_view glyph, Style style) {
  cells_.at(column) = {std::string(glyph), style};
}

std::string Row::str(std::size_t width, bool colour) const {
  const bool cut = cells_.size() > width;
  std::string text;
  Style current;
  for (std::size_t column = 0; column < width; ++column) {
    static const Cell blank{" ", {}};
    const Cell& cell = column < cells_.size() ? cells_[column] : blank;
    if (colour && cell.style != current) {
      append_style(text, cell.style);
      current = cell.style;
    }
    text += cut && column + 1 == width ? "…" : cell.glyph;
  }
  if (!current.empty()) append_style(text, {});
  return text;
}

}  // namespace evenkeel::demo
