#include "agent/wire/fields.hpp"

#include <algorithm>

namespace evenkeel::wire {
namespace {

char lower_of(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower_of(x) == lower_of(y); });
}

}  // namespace

void Fields::go_on(std::string_view more) {
  auto& value = all_.back().value;
  if (!value.empty() && !more.empty()) value += ' ';
  value += more;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(all_.begin(), all_.end(),
                    [name](const Field& field) { return same_name(field.name, name); }));
}

std::string_view Fields::value(std::string_view name) const {
  const auto found = std::find_if(
      all_.begin(), all_.end(), [name](const Field& field) { return same_name(field.name, name); });
  return found == all_.end() ? std::string_view{} : found->value;
}

std::vector<std::string_view> Fields::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& field : all_) {
    if (same_name(field.name, name)) found.emplace_back(field.value);
  }
  return found;
}

std::vector<std::string> Fields::list(std::string_view name) const {
  std::vector<std::string> members;
  for (auto rest : values(name)) {
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      const auto member = trim(rest.substr(0, end));
      if (!member.empty()) members.push_back(lower(member));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return members;
}

bool Fields::lists(std::string_view name, std::string_view member) const {
  const auto members = list(name);
  return std::find(members.begin(), members.end(), member) != members.end();
}

std::optional<Field> parse_field(std::string_view line) {
  const auto colon = line.find(':');
  // Also refuses a blank before the colon, which some take for a part of the name.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  return Field{std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))};
}

bool is_token_character(char c) {
  const bool alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto first = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower_of);
  return lowered;
}

}  // namespace evenkeel::wire
