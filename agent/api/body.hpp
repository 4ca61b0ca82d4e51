#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/problem.hpp"

namespace evenkeel::api {

// The body of a POST: a JSON object with known members. Null is as good as absent.
class Body {
 public:
  // An empty text is an empty object. A member that is not `known` is refused: misspelt, it would
  // widen what is asked for.
  [[nodiscard]] static Checked<Body> parse(std::string_view text,
                                           std::initializer_list<std::string_view> known);

  [[nodiscard]] Checked<std::optional<std::string>> text(const char* name) const;
  // An id is a text of decimal digits: as a number, many a reader would round it.
  [[nodiscard]] Checked<std::optional<std::int64_t>> id(const char* name) const;
  // More than `most` ids are refused.
  [[nodiscard]] Checked<std::vector<std::int64_t>> ids(const char* name, std::size_t most) const;
  [[nodiscard]] Checked<std::optional<bool>> flag(const char* name) const;
  [[nodiscard]] Checked<std::optional<std::int64_t>> whole(const char* name, std::int64_t least,
                                                           std::int64_t most) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name) const;  // null: absent

  nlohmann::json object_;
};

}  // namespace evenkeel::api
