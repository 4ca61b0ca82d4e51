#pragma once
// A table of text for people: a header and rows, each column as wide as its widest cell.

#include <cstddef>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace evenkeel::cli {

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    std::size_t most = 0;  // columns of the terminal; what is longer loses its middle; 0: nothing
  };
  struct Cell {
    // Most cells are texts, so these are not explicit.
    Cell(std::string the_text)
        : text(std::move(the_text)) {}              // NOLINT(google-explicit-constructor)
    Cell(const char* the_text) : text(the_text) {}  // NOLINT(google-explicit-constructor)
    Cell(std::string the_text, double the_number) : text(std::move(the_text)), number(the_number) {}

    std::string text;
    std::optional<double> number;  // by which it is sorted; none: by its text
  };

  // The most columns of a name from outside.
  static constexpr std::size_t kMostOfName = 40;

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Sorts the rows by the column of this title, whatever its case, "-used" from the highest down.
  // What is not known comes last. The error says which columns there are.
  tl::expected<void, std::string> sort_by(const std::string& title);
  // Adds a row of as many cells as columns. Control characters are shown as '?', others that cannot
  // be seen by their number.
  void add(std::vector<Cell> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string str() const;

 private:
  struct Order {
    std::size_t column;
    bool down;
  };
  [[nodiscard]] std::vector<std::vector<Cell>> sorted() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::optional<Order> order_;
};

// Sorts the table by the column that a person named, if any. False if there is none of that name,
// or if no table is to be printed, which is said on standard error.
[[nodiscard]] bool sorted_by(Table& table, const std::string& column, bool printed);

}  // namespace evenkeel::cli
