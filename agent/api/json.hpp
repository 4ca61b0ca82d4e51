#pragma once
// The JSON of the API's answers: ids are texts, times RFC 3339 in UTC with milliseconds, and a
// value that is not known has no key.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "agent/web/handler.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::api {

using Json = nlohmann::ordered_json;

// Writes "2026-01-31T09:05:00.250Z", by the wall clock as it is now.
[[nodiscard]] std::string rfc3339(rules::TimePoint time);

// Adds the number, unless it is none that JSON can write.
void put(Json& object, const char* key, double value);
// Adds the text, unless it is empty.
void put(Json& object, const char* key, const std::string& text);

// Writes one line. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string text_of(const Json& json);
[[nodiscard]] web::Response answer_with(const Json& json, int status = 200);

}  // namespace evenkeel::api
