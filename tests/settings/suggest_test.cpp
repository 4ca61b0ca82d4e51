#include "agent/settings/suggest.hpp"

#include <gmock/gmock.h>

namespace evenkeel::settings::suggest_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kNames = {"interval",  "timeout",   "port",    "max_body",
                                         "max_moves", "max_bytes", "max_age", "max_calls"};

TEST(Nearest, PrefersTheSameNameInAnotherSpelling) {
  EXPECT_THAT(nearest("maxBody", kNames), ElementsAre("max_body"));
  EXPECT_THAT(nearest("MAX-BODY", kNames), ElementsAre("max_body"));
  EXPECT_THAT(nearest("max.body", kNames), ElementsAre("max_body"));
}

TEST(Nearest, CountsEdits) {
  EXPECT_THAT(nearest("intervall", kNames), ElementsAre("interval"));
  EXPECT_THAT(nearest("intreval", kNames), ElementsAre("interval"));
  EXPECT_THAT(nearest("tmeot", kNames), ElementsAre("timeout"));
  EXPECT_THAT(nearest("prt", kNames), ElementsAre("port"));
}

TEST(Nearest, GivesAllThatAreEquallyNear) {
  EXPECT_THAT(nearest("abcd", {"abcx", "xbcd", "wxyz"}), ElementsAre("abcx", "xbcd"));
}

TEST(Nearest, TakesTheBeginningOfAName) {
  EXPECT_THAT(nearest("time", kNames), ElementsAre("timeout"));
  EXPECT_THAT(nearest("timeout_seconds", kNames), ElementsAre("timeout"));
}

TEST(Nearest, FindsNothingWhereNothingIsLikely) {
  EXPECT_THAT(nearest("", kNames), IsEmpty());
  EXPECT_THAT(nearest("x", kNames), IsEmpty());
  EXPECT_THAT(nearest("foo", kNames), IsEmpty());
  EXPECT_THAT(nearest("max_", kNames), IsEmpty()) << "begins five names: none is likely";
  EXPECT_THAT(nearest(std::string(100'000, 'i'), kNames), IsEmpty());
}

TEST(SnakeCase, IsHowKeysAreWritten) {
  EXPECT_EQ(snake_case("autoBalance"), "auto_balance");
  EXPECT_EQ(snake_case("memoryUsageMaxDifferencePercentage"),
            "memory_usage_max_difference_percentage");
  EXPECT_EQ(snake_case("AUTO_BALANCE"), "auto_balance");
  EXPECT_EQ(snake_case("auto-balance"), "auto_balance");
  EXPECT_EQ(snake_case("AutoBalance"), "auto_balance");
}

}  // namespace
}  // namespace evenkeel::settings::suggest_test
