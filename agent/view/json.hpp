#pragma once
// The JSON that the agent and the verbs write: ids are texts, times RFC 3339 in UTC with
// milliseconds, and a value that is not known has no key.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/util/format.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::view {

using Json = nlohmann::ordered_json;

// Writes "2026-01-31T09:05:00.250Z", by the wall clock as it is now.
[[nodiscard]] std::string rfc3339(rules::TimePoint time);

// Adds the number, unless JSON cannot write it.
void put(Json& object, const char* key, double value);
// Adds the text, unless it is empty.
void put(Json& object, const char* key, const std::string& text);

template <typename Id>
[[nodiscard]] Json list_of_ids(const std::vector<Id>& ids) {
  Json list = Json::array();
  for (const auto id : ids) list.push_back(to_string(id));
  return list;
}

// Writes one line, or an indented text. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string text_of(const Json& json);
[[nodiscard]] std::string indented_text_of(const Json& json);

}  // namespace evenkeel::view
