#include "agent/view/json.hpp"

#include <cmath>

#include "agent/util/time.hpp"

namespace evenkeel::view {

std::string rfc3339(rules::TimePoint time) {
  return evenkeel::rfc3339(wall_time(time));
}

void put(Json& object, const char* key, double value) {
  if (std::isfinite(value)) object[key] = value;
}

void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string indented_text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace evenkeel::view
