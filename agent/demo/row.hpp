#pragma once
// One line of a terminal, built column by column.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::demo {

// The parameters of an SGR escape sequence: "31;1"; empty: the terminal's own colours. Not owned: a
// constant.
using Style = std::string_view;

class Row {
 public:
  // What could take no or two columns, or move the cursor (control characters, combining and wide
  // ones, broken UTF-8), becomes '?': names come from the cluster.
  void add(std::string_view text, Style style = {});
  void add(std::size_t count, std::string_view glyph, Style style = {});
  // Spaces up to that column; none where the row is there already.
  void fill_to(std::size_t column);
  // Draws over a column that is there.
  void put(std::size_t column, std::string_view glyph, Style style);

  [[nodiscard]] std::size_t columns() const { return cells_.size(); }
  // Cut or filled to exactly `width` columns; a cut shows as '…'. Styles only where `colour`.
  [[nodiscard]] std::string str(std::size_t width, bool colour) const;
  // As it is, without styles.
  [[nodiscard]] std::string plain() const { return str(columns(), false); }

 private:
  struct Cell {
    std::string glyph;
    Style style;
  };
  std::vector<Cell> cells_;
};

}  // namespace evenkeel::demo
