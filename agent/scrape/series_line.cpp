#include "agent/scrape/series_line.hpp"

#include <charconv>
#include <functional>
#include <system_error>

namespace evenkeel::scrape {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

template <typename Predicate>
std::string_view take_while(std::string_view& rest, Predicate holds) {
  std::size_t length = 0;
  while (length < rest.size() && holds(rest[length])) ++length;
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(length);
  return taken;
}

bool skip(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

std::string_view take_token(std::string_view& rest) {
  const std::string_view token = take_while(rest, [](char c) { return !is_blank(c); });
  skip_blanks(rest);
  return token;
}

// Takes the inside of a label value; `rest` begins after its opening quote.
std::optional<std::string_view> take_quoted(std::string_view& rest) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      const std::string_view inside = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return inside;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view>* wanted_label(Labels& labels, std::string_view name) {
  if (name == "node_id") return &labels.node_id;
  if (name == "role_name") return &labels.role_name;
  if (name == "collection_id") return &labels.collection_id;
  if (name == "segment_state") return &labels.segment_state;
  return nullptr;
}

// Takes {name="value",…} or nothing. Blanks may stand between tokens, a comma after the last.
std::optional<Labels> take_labels(std::string_view& rest) {
  Labels labels;
  skip_blanks(rest);
  if (!skip(rest, '{')) return labels;
  skip_blanks(rest);
  while (!skip(rest, '}')) {
    const char* const begin = rest.data();
    const std::string_view name = take_while(rest, is_name_character);
    skip_blanks(rest);
    if (name.empty() || !skip(rest, '=')) return std::nullopt;
    skip_blanks(rest);
    if (!skip(rest, '"')) return std::nullopt;
    const std::optional<std::string_view> value = take_quoted(rest);
    if (!value) return std::nullopt;
    labels.fingerprint +=
        std::hash<std::string_view>{}({begin, static_cast<std::size_t>(rest.data() - begin)});
    if (auto* const wanted = wanted_label(labels, name)) {
      if (*wanted) return std::nullopt;  // a label given twice
      *wanted = value;
    }
    skip_blanks(rest);
    if (skip(rest, ',')) {
      skip_blanks(rest);
    } else if (!rest.starts_with('}')) {
      return std::nullopt;
    }
  }
  skip_blanks(rest);
  return labels;
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Values are floats as Go writes them; from_chars knows all those forms but a leading plus sign.
std::optional<std::int64_t> parse_count(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::optional<double> value = parse<double>(text);
  if (!value || !(*value >= 0 && *value < 0x1p63)) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

}  // namespace

void skip_blanks(std::string_view& text) {
  take_while(text, is_blank);
}

std::string_view take_metric_name(std::string_view& line) {
  return take_while(line, is_name_character);
}

std::optional<SeriesLine> parse_series(std::string_view after_name) {
  const std::optional<Labels> labels = take_labels(after_name);
  if (!labels) return std::nullopt;
  const std::string_view value = take_token(after_name);
  const std::string_view timestamp = take_token(after_name);
  if (value.empty() || !after_name.empty()) return std::nullopt;
  const std::optional<std::int64_t> at = parse_integer(timestamp);
  if (!timestamp.empty() && !at) return std::nullopt;
  return SeriesLine{.labels = *labels, .count = parse_count(value), .timestamp = at};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse<std::int64_t>(text);
}

}  // namespace evenkeel::scrape
