#include "agent/settings/value.hpp"

#include <tuple>

#include "agent/settings/text.hpp"

namespace evenkeel::settings {

std::string Place::str() const {
  if (line == 0) return source;
  return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool operator<(const Place& a, const Place& b) {
  const auto rank = [](const Place& place) {
    return std::make_tuple(place.line == 0, place.line, place.column,
                           std::string_view(place.source));
  };
  return rank(a) < rank(b);
}

namespace {

struct Describe {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t) const { return "a whole number"; }
  std::string operator()(double) const { return "a number with a decimal point"; }
  std::string operator()(const std::string& value) const {
    return "a string, \"" + printable(value) + "\"";
  }
  std::string operator()(const Value::List&) const { return "a list"; }
  std::string operator()(const Value::Table&) const { return "a table"; }
  std::string operator()(Value::Moment) const { return "a date or time"; }
};

}  // namespace

std::string describe(const Value& value) {
  return std::visit(Describe{}, value.data);
}

}  // namespace evenkeel::settings
