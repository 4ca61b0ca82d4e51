#pragma once
// To hold a simulated answer against a real one: the same keys with the same types.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace evenkeel::demo {

// Keys and types of a JSON value; of an array those of its first element.
inline nlohmann::json shape(const nlohmann::json& value) {
  using nlohmann::json;
  if (value.is_object()) {
    json keys = json::object();
    for (const auto& [key, each] : value.items()) keys[key] = shape(each);
    return keys;
  }
  if (value.is_array()) return value.empty() ? json::array() : json::array({shape(value[0])});
  return value.is_number() ? "number" : value.type_name();
}

// Every key of `part` is in `whole` with the same shape.
inline void expect_within(const nlohmann::json& part, const nlohmann::json& whole,
                          const std::string& path = "") {
  for (const auto& [key, each] : part.items()) {
    ASSERT_TRUE(whole.contains(key)) << path << "/" << key;
    if (each.is_object()) {
      expect_within(each, whole[key], path + "/" + key);
    } else {
      EXPECT_EQ(each, whole[key]) << path << "/" << key;
    }
  }
}

}  // namespace evenkeel::demo
