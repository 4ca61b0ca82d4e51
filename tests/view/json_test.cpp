#include "agent/view/json.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evenkeel::view::json_test {
namespace {

TEST(Json, WritesTimesInUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(rules::TimePoint(std::chrono::milliseconds(1'700'000'000'007))),
            "2023-11-14T22:13:20.007Z");
}

TEST(Json, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(text_of(Json{{"name", "a\xff"}}), "{\"name\":\"a\xef\xbf\xbd\"}");
}

TEST(Json, HasNoKeyForWhatIsNotKnown) {
  Json json = Json::object();
  put(json, "ratio", std::numeric_limits<double>::quiet_NaN());
  put(json, "problem", "");
  EXPECT_EQ(text_of(json), "{}");
}

}  // namespace
}  // namespace evenkeel::view::json_test
