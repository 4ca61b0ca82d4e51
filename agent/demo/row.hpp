#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::demo {

// The parameters of an SGR escape sequence: "31;1"; empty: the terminal's own colours. Not owned.
using Style = std::string_view;

// One line of a terminal, built column by column.
class Row {
 public:
  // A character that may take no or two columns, or move the cursor (control, combining and wide
  // ones, broken UTF-8), becomes '?': names come from the cluster.
  void add(std::string_view text, Style style = {});
  void add(std::size_t count, std::string_view glyph, Style style = {});
  // Adds spaces up to that column; none if the row is there already.
  void fill_to(std::size_t column);
  // Draws over a column that is there.
  void put(std::size_t column, std::string_view glyph, Style style);

  [[nodiscard]] std::size_t columns() const { return cells_.size(); }
  // Cuts or fills the row to `width` columns; a cut shows as '…'. Styles come only if `colour`.
  [[nodiscard]] std::string str(std::size_t width, bool colour) const;
  // Returns the whole row without styles.
  [[nodiscard]] std::string plain() const { return str(columns(), false); }

 private:
  // One column.
  struct Cell {
    std::string glyph;
    Style style;
  };
  std::vector<Cell> cells_;
};

}  // namespace evenkeel::demo
