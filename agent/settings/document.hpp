#pragma once
// Here are values as they stand in the file or the environment, before they are checked, and the
// reader of TOML that makes them: nothing else uses toml++. Internal to settings.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace evenkeel::settings {

// The place of a value or key. Line and column count from 1; line 0: the whole of `source`.
struct Place {
  std::string source;  // a file's or a variable's name
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  [[nodiscard]] std::string str() const;
};
// Sorts a file's places from top to bottom, then those without lines by name.
[[nodiscard]] bool operator<(const Place& a, const Place& b);

// A mistake and its place.
struct Problem {
  Place at;
  std::string what;
};
using Problems = std::vector<Problem>;

struct Member;

// A value and its place.
struct Value {
  struct Moment {};  // a TOML date or time, which no key takes
  using List = std::vector<Value>;
  using Table = std::vector<Member>;

  std::variant<bool, std::int64_t, double, std::string, List, Table, Moment> data;
  Place at;
};

// A key and its value.
struct Member {
  std::string name;
  Place at;
  Value value;
};

// Describes a value for "expected …, got …": "a whole number", "a string, \"ten\"".
[[nodiscard]] std::string describe(const Value& value);

// Returns the root table, or the first syntax error at its line and column.
[[nodiscard]] tl::expected<Value::Table, Problem> read_document(std::string_view text,
                                                                const std::string& file_name);

}  // namespace evenkeel::settings
