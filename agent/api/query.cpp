#include "agent/api/query.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace evenkeel::api {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Decodes a form's text: percent-decoding, and '+' is a space.
std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    result += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return result;
}

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_id(std::string_view text) {
  return whole<std::int64_t>(text);
}

Checked<Query> Query::parse(std::string_view text, std::initializer_list<std::string_view> known) {
  Query query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals));
    const auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) {
      return bad_request("the query has a '%' that two hexadecimal digits do not follow");
    }
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      return bad_request("unknown parameter; " + list_of_known(known), *name);
    }
    if (!query.values_.emplace(*name, *value).second) {
      return bad_request("the parameter is there twice; give it once", *name);
    }
  }
  return query;
}

std::optional<std::string> Query::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

Checked<std::size_t> Query::count(std::string_view name, std::size_t absent,
                                  std::size_t most) const {
  const auto given = text(name);
  if (!given) return absent;
  const auto value = whole<std::size_t>(*given);
  if (!value || *value < 1 || *value > most) {
    return bad_request("must be a whole number from 1 to " + std::to_string(most),
                       std::string(name));
  }
  return *value;
}

Checked<std::optional<std::int64_t>> Query::id(std::string_view name) const {
  const auto given = text(name);
  if (!given) return std::optional<std::int64_t>();
  const auto value = parse_id(*given);
  if (!value) return bad_request("must be an id, in decimal digits", std::string(name));
  return std::optional(*value);
}

}  // namespace evenkeel::api
