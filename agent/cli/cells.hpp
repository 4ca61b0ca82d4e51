#pragma once
// Cells of tables that are sorted by what they say, not by how it is written.

#include <cstdint>
#include <optional>
#include <string>

#include "agent/cli/table.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {

// An id's number may be rounded; the texts of those that are then alike have as many digits.
template <typename Id>
[[nodiscard]] Table::Cell id_cell(Id id) {
  return {to_string(id), static_cast<double>(id)};
}

[[nodiscard]] inline Table::Cell count_cell(std::int64_t count) {
  return {std::to_string(count), static_cast<double>(count)};
}

[[nodiscard]] inline Table::Cell bytes_cell(rules::Bytes bytes) {
  return {rules::format_bytes(bytes), static_cast<double>(bytes)};
}

// "-" where the ratio is not known.
[[nodiscard]] inline Table::Cell percent_cell(std::optional<double> ratio) {
  if (!ratio) return "-";
  return {rules::format_percent(*ratio), *ratio};
}

}  // namespace evenkeel::cli
