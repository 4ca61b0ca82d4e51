#include "agent/web/refused_lines.hpp"

#include <gtest/gtest.h>

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;

constexpr RateLimiter::Clock::time_point kNow{1h};

TEST(RefusedLines, OfOneAddressAreTenAtOnceAndThenOneInSixSeconds) {
  RefusedLines lines;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(lines.next("a", kNow), 0u) << i;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(lines.next("a", kNow), std::nullopt) << i;
  EXPECT_EQ(lines.next("a", kNow + 6s), 5u) << "it says how many had none";
  EXPECT_EQ(lines.next("a", kNow + 6s), std::nullopt);
  EXPECT_EQ(lines.next("a", kNow + 1h), 1u);
  EXPECT_EQ(lines.next("a", kNow + 1h), 0u);
}

TEST(RefusedLines, OfOneAddressDoNotHideThoseOfAnother) {
  RefusedLines lines;
  for (int i = 0; i < 100; ++i) (void)lines.next("a", kNow);
  EXPECT_EQ(lines.next("b", kNow), 90u);
  EXPECT_EQ(lines.next("b", kNow), 0u);
}

}  // namespace
}  // namespace evenkeel::web
