#include "agent/api/body.hpp"

#include <algorithm>

#include "agent/api/query.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel::api {
namespace {

Checked<std::int64_t> id_of(const nlohmann::json& value, const char* name) {
  const auto id = value.is_string() ? parse_id(value.get_ref<const std::string&>()) : std::nullopt;
  if (!id) return bad_request("expected an id, as a text of decimal digits", name);
  return *id;
}

}  // namespace

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

}  // namespace evenkeel::api
