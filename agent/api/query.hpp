#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/api/problem.hpp"

namespace evenkeel::api {

// The decoded query of a request: "limit=20&collection=book".
class Query {
 public:
  // Refuses a parameter that is not `known` or is there twice, and bad percent-encoding.
  [[nodiscard]] static Checked<Query> parse(std::string_view text,
                                            std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  // Takes decimal digits alone, from 1 to `most`; `absent` if it is not there.
  [[nodiscard]] Checked<std::size_t> count(std::string_view name, std::size_t absent,
                                           std::size_t most) const;
  [[nodiscard]] Checked<std::optional<std::int64_t>> id(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// Reads an id as the API writes it: decimal digits, with a '-' at most; none if it is not one.
[[nodiscard]] std::optional<std::int64_t> parse_id(std::string_view text);

}  // namespace evenkeel::api
