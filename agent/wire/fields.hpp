#pragma once
// The header fields of an HTTP message, and the lists that some of them hold (RFC 9110, section 5).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::wire {

struct Field {
  std::string name;   // as sent
  std::string value;  // without the blanks around it
};

class Fields {
 public:
  void add(Field field) { all_.push_back(std::move(field)); }
  // Adds to the value of the last one, after a blank; there is one.
  void go_on(std::string_view more);

  // Names are the same whatever their case.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::string_view value(std::string_view name) const;  // the first; empty: none
  // What stands between the commas of all its lines, in lower case; empty members are dropped.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] bool lists(std::string_view name, std::string_view member) const;
  // Every line's value, as sent.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;

  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  std::vector<Field> all_;
};

// "Name: value", without the line's end; none where it is malformed.
[[nodiscard]] std::optional<Field> parse_field(std::string_view line);

[[nodiscard]] bool is_token(std::string_view text);  // and not empty
[[nodiscard]] bool is_token_character(char c);
// What may stand in no line of a head: every control character but the tabulator.
[[nodiscard]] bool is_control(char c);
[[nodiscard]] std::string_view trim(std::string_view text);  // blanks and tabulators
[[nodiscard]] std::string lower(std::string_view text);      // ASCII alone

}  // namespace evenkeel::wire
