#include "agent/cli/table.hpp"

#include <algorithm>
#include <iostream>
#include <tuple>

#include "agent/util/columns.hpp"
#include "agent/util/utf8.hpp"
#include "rules/nearest.hpp"

namespace evenkeel::cli {
namespace {

std::string shown(const std::string& text, std::size_t most) {
  auto safe = visible(printable(text));
  if (most > 0) safe = cut_in_the_middle(safe, most);
  return isolated(safe);
}

bool comes_first(const Table::Cell& a, const Table::Cell& b, bool down) {
  if (a.number.has_value() != b.number.has_value()) return a.number.has_value();
  const auto& [low, high] = down ? std::tie(b, a) : std::tie(a, b);
  return low.number == high.number ? low.text < high.text : low.number < high.number;
}

}  // namespace

tl::expected<void, std::string> Table::sort_by(const std::string& title) {
  const bool down = title.starts_with('-');
  const auto wanted = rules::snake_case(title.substr(down ? 1 : 0));
  std::vector<std::string> titles;
  for (const auto& column : columns_) {
    titles.push_back(rules::snake_case(column.title));
    if (titles.back() != wanted) continue;
    order_ = Order{titles.size() - 1, down};
    return {};
  }
  return tl::unexpected("there is no column '" + wanted + "'" +
                        rules::instead_of(wanted, titles, "there are"));
}

void Table::add(std::vector<Cell> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].text = shown(cells[i].text, columns_[i].most);
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::vector<Table::Cell>> Table::sorted() const {
  auto rows = rows_;
  if (!order_) return rows;
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return comes_first(a[order_->column], b[order_->column], order_->down);
  });
  return rows;
}

std::string Table::str() const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const auto& column : columns_) widths.push_back(column.title.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i].text));
    }
  }
  std::string text;
  const auto line = [&](const auto& text_of) {
    std::string row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = text_of(i);
      const std::string padding(widths[i] - columns_of(cell), ' ');
      if (i > 0) row += "  ";
      row += columns_[i].align == Align::right ? padding + cell : cell + padding;
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  };
  line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : sorted()) {
    line([&](std::size_t i) -> const std::string& { return row[i].text; });
  }
  return text;
}

bool sorted_by(Table& table, const std::string& column, bool printed) {
  if (column.empty()) return true;
  if (!printed) {
    std::cerr
        << "evenkeel: --sort orders a table, and -o asks for none; leave one of the two out\n";
    return false;
  }
  const auto sorted = table.sort_by(column);
  if (!sorted) std::cerr << "evenkeel: --sort: " << sorted.error() << '\n';
  return sorted.has_value();
}

}  // namespace evenkeel::cli
