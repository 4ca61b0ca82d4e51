#pragma once
// Helpers of the simulated Milvus's answers: reading request bodies by their Go types, and writing
// JSON in proto3's style.

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {

using Json = nlohmann::ordered_json;

// An answer of the HTTP port.
struct Answer {
  int status = 200;  // of HTTP: 400 for an unreadable body, 401 without a login, else 200
  std::string body;
};

inline constexpr const char* kResourceGroup = "__default_resource_group";

template <typename Id>
std::int64_t number(Id id) {
  return static_cast<std::int64_t>(id);
}

// The id of a collection's one partition.
[[nodiscard]] inline std::int64_t partition(const World::Collection& collection) {
  return demo::number(collection.id) + 1;
}

// The id of its one index, on the vectors.
[[nodiscard]] inline std::int64_t index_id(const World::Collection& collection) {
  return demo::number(collection.id) + 2;
}

// A request body that is not what the endpoint takes.
struct BadBody : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads a body's fields by their Go types. No body is an empty object, as in Milvus.
class Fields {
 public:
  explicit Fields(std::string_view body) {
    if (body.empty()) return;
    object_ = Json::parse(body, nullptr, false);
    if (object_.is_discarded()) throw BadBody("invalid JSON");
    if (!object_.is_object()) throw BadBody("not a JSON object");
  }

  [[nodiscard]] std::string text(const char* key) const {
    const auto* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string()) throw BadBody(std::string(key) + " is not a string");
    return value->get<std::string>();
  }
  [[nodiscard]] std::int64_t integer(const char* key) const {
    const auto* value = find(key);
    return value == nullptr ? 0 : integer(*value, key);
  }
  [[nodiscard]] bool boolean(const char* key) const {
    const auto* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) throw BadBody(std::string(key) + " is not a boolean");
    return value->get<bool>();
  }
  template <typename Id>
  [[nodiscard]] std::vector<Id> ids(const char* key) const {
    std::vector<Id> ids;
    const auto* value = find(key);
    if (value == nullptr) return ids;
    if (!value->is_array()) throw BadBody(std::string(key) + " is not an array");
    for (const auto& each : *value) ids.push_back(Id{integer(each, key)});
    return ids;
  }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    const auto it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }
  static std::int64_t integer(const Json& value, const char* key) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
    if (!fits) throw BadBody(std::string(key) + " is not an int64");
    return value.get<std::int64_t>();
  }

  Json object_ = Json::object();
};

[[nodiscard]] Json status_of(const Refusal& refusal, const Release& release);

[[nodiscard]] inline Answer ok(const Json& json) {
  return {200, json.dump()};
}

[[nodiscard]] Answer bad_body(const BadBody& mistake);

// HTTP says 200; the error is inside.
[[nodiscard]] Answer failed(const Refusal& refusal, const Release& release);

}  // namespace evenkeel::demo
