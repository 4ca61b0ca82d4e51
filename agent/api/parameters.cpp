#include "agent/api/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/util/json_view.hpp"

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

// Lists the known names for a message about an unknown one: "known are limit, node".
std::string list_of_known(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none are known here" : "known are " + text;
}

Checked<std::int64_t> id_of(const nlohmann::json& value, const char* name) {
  const auto id = value.is_string() ? parse_id(value.get_ref<const std::string&>()) : std::nullopt;
  if (!id) return bad_request("expected an id, as a text of decimal digits", name);
  return *id;
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

Checked<Body> Body::parse(std::string_view text, std::initializer_list<std::string_view> known) {
  Body body;
  body.object_ = nlohmann::json::object();
  if (text.empty()) return body;
  auto parsed = parse_json(text);
  if (!parsed) return bad_request("the body is " + parsed.error());
  if (!parsed->is_object()) return bad_request("the body must be a JSON object");
  for (const auto& [name, value] : parsed->items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad_request("unknown member; " + list_of_known(known), name);
    }
  }
  body.object_ = *std::move(parsed);
  return body;
}

const nlohmann::json* Body::find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Checked<std::optional<std::string>> Body::text(const char* name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return bad_request("expected a text", name);
  return std::optional(value->get<std::string>());
}

Checked<std::optional<std::int64_t>> Body::id(const char* name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  const auto id = id_of(*value, name);
  if (!id) return tl::unexpected(id.error());
  return std::optional(*id);
}

Checked<std::vector<std::int64_t>> Body::ids(const char* name, std::size_t most) const {
  std::vector<std::int64_t> ids;
  const auto* value = find(name);
  if (value == nullptr) return ids;
  if (!value->is_array()) return bad_request("expected a list of ids", name);
  if (value->size() > most) {
    return bad_request("more than " + std::to_string(most) + " are not taken at once", name);
  }
  for (const auto& each : *value) {
    const auto id = id_of(each, name);
    if (!id) return tl::unexpected(id.error());
    ids.push_back(*id);
  }
  return ids;
}

Checked<std::optional<bool>> Body::flag(const char* name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_boolean()) return bad_request("expected true or false", name);
  return std::optional(value->get<bool>());
}

Checked<std::optional<std::int64_t>> Body::whole(const char* name, std::int64_t least,
                                                 std::int64_t most) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  const bool fits = value->is_number_integer() && !value->is_number_float() &&
                    (!value->is_number_unsigned() ||
                     value->get<std::uint64_t>() <= static_cast<std::uint64_t>(most));
  if (!fits || value->get<std::int64_t>() < least || value->get<std::int64_t>() > most) {
    return bad_request(
        "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most),
        name);
  }
  return std::optional(value->get<std::int64_t>());
}

Known::Known(const rules::Cluster& cluster) {
  for (const auto& collection : cluster.collections) {
    by_name_.emplace(collection.name, collection.id);
    if (collection.own_name.empty()) {
      collections_.insert(collection.id);
      continue;
    }
    const std::string whole = collection.database + "." + collection.own_name;
    if (whole != collection.name) by_name_.emplace(whole, collection.id);
    if (collection.own_name != collection.name)
      by_name_.emplace(collection.own_name, collection.id);
    collections_.insert(collection.id);
  }
  for (const auto& node : cluster.nodes) nodes_.insert(node.id);
  for (const auto& replica : cluster.replicas) replicas_.insert(replica.id);
}

std::vector<rules::CollectionId> Known::collections(std::string_view text) const {
  std::vector<rules::CollectionId> found;
  const auto [begin, end] = by_name_.equal_range(text);
  for (auto it = begin; it != end; ++it) found.push_back(it->second);
  if (!found.empty()) return found;
  const auto id = parse_id(text);
  if (id && collections_.contains(rules::CollectionId{*id})) {
    found.push_back(rules::CollectionId{*id});
  }
  return found;
}

rules::Focus focus_in(const std::vector<rules::CollectionId>& collections, rules::Scope scope) {
  if (collections.empty()) return rules::Focus(scope);
  scope.collection = collections.front();
  rules::Focus focus(scope);
  for (const auto id : collections) {
    scope.collection = id;
    focus.widen(rules::Focus(scope));
  }
  return focus;
}

}  // namespace evenkeel::api
