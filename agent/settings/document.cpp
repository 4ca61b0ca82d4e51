#include "agent/settings/document.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <tuple>

#include "agent/settings/units.hpp"

namespace evenkeel::settings {
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

// toml++ frees its tree by recursion, so that some ten thousand nested tables overflow the stack.
// It bounds nested values itself, but not the dots of keys, each of which makes one more table.
constexpr std::size_t kMostDots = 1000;

// Returns the end of the string at `begin`. One that is not closed ends with its line or the text,
// where toml++ stops anyway.
std::size_t skip_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string fence(3, quote);
  const bool multi_line = text.substr(begin, 3) == fence;
  std::size_t i = begin + (multi_line ? 3 : 1);
  while (i < text.size()) {
    if (quote == '"' && text[i] == '\\') {
      i += 2;
    } else if (multi_line && text.substr(i, 3) == fence) {
      i += 3;
      // Up to two quotes right before the closing three belong to the string.
      for (int extra = 0; extra < 2 && i < text.size() && text[i] == quote; ++extra) ++i;
      return i;
    } else if (!multi_line && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    } else {
      ++i;
    }
  }
  return text.size();
}

std::size_t dots_outside_strings(std::string_view text) {
  std::size_t dots = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = skip_string(text, i);
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else {
      if (c == '.') ++dots;
      ++i;
    }
  }
  return dots;
}

class Converter {
 public:
  explicit Converter(const std::string& file_name) : file_name_(file_name) {}

  [[nodiscard]] Place place(const toml::source_position& position) const {
    return {file_name_, position.line, position.column};
  }

  // The members are in the order of the file; toml++ keeps a table by name.
  [[nodiscard]] Value::Table table(const toml::table& source) const {
    Value::Table result;
    for (const auto& [key, node] : source) {
      result.push_back({std::string(key.str()), place(key.source().begin), value(node)});
    }
    std::sort(result.begin(), result.end(),
              [](const Member& a, const Member& b) { return a.at < b.at; });
    return result;
  }

 private:
  [[nodiscard]] Value value(const toml::node& node) const {
    Value result;
    result.at = place(node.source().begin);
    if (const auto* text = node.as_string()) {
      result.data = text->get();
    } else if (const auto* whole = node.as_integer()) {
      result.data = whole->get();
    } else if (const auto* number = node.as_floating_point()) {
      result.data = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
      result.data = boolean->get();
    } else if (const auto* array = node.as_array()) {
      Value::List list;
      for (const toml::node& element : *array) list.push_back(value(element));
      result.data = std::move(list);
    } else if (const auto* inner = node.as_table()) {
      result.data = table(*inner);
    } else {
      result.data = Value::Moment{};
    }
    return result;
  }

  const std::string& file_name_;
};

}  // namespace

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

std::string describe(const Value& value) {
  return std::visit(Describe{}, value.data);
}

tl::expected<Value::Table, Problem> read_document(std::string_view text,
                                                  const std::string& file_name) {
  if (dots_outside_strings(text) > kMostDots) {
    return tl::unexpected(Problem{{file_name},
                                  "more than " + std::to_string(kMostDots) +
                                      " dots outside strings: keys this deeply nested "
                                      "belong to no configuration"});
  }
  const Converter converter(file_name);
  // Debian's toml++ is a library built to throw; this is the one place where it may.
  try {
    return converter.table(toml::parse(text, std::string_view(file_name)));
  } catch (const toml::parse_error& error) {
    return tl::unexpected(
        Problem{converter.place(error.source().begin), std::string(error.description())});
  }
}

}  // namespace evenkeel::settings
