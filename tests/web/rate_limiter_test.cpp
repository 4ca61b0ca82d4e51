#include "agent/web/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace evenkeel::web::rate_limiter_test {
namespace {

using namespace std::chrono_literals;

constexpr RateLimiter::Clock::time_point kNow{1h};

TEST(RateLimiter, GivesABurstAndThenItsRate) {
  RateLimiter limiter(2, 5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.take("a", kNow)) << i;
  EXPECT_FALSE(limiter.take("a", kNow));
  EXPECT_FALSE(limiter.take("a", kNow + 400ms));
  EXPECT_TRUE(limiter.take("a", kNow + 500ms));
  EXPECT_FALSE(limiter.take("a", kNow + 500ms));
  EXPECT_TRUE(limiter.take("b", kNow + 500ms)) << "everybody has his own";
}

TEST(RateLimiter, SavesUpNoMoreThanTheBurst) {
  RateLimiter limiter(2, 3);
  ASSERT_TRUE(limiter.take("a", kNow));
  int taken = 0;
  while (limiter.take("a", kNow + 1h)) ++taken;
  EXPECT_EQ(taken, 3);
}

TEST(RateLimiter, TakesBackWhatWasNoFailure) {
  RateLimiter limiter(1, 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(limiter.take("a", kNow));
    limiter.give_back("a");
    limiter.give_back("a");
  }
  EXPECT_TRUE(limiter.take("a", kNow));
  EXPECT_FALSE(limiter.take("a", kNow));
}

TEST(RateLimiter, RemembersSoManyClientsAndNoMore) {
  RateLimiter limiter(1, 2, 100);
  ASSERT_TRUE(limiter.take("worst", kNow));
  ASSERT_TRUE(limiter.take("worst", kNow));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.take(std::to_string(i), kNow));
  EXPECT_EQ(limiter.clients(), 100u);
  EXPECT_FALSE(limiter.take("worst", kNow)) << "the ones who asked for less are forgotten first";
}

TEST(RateLimiter, ForgetsWhoHasHisBurstBack) {
  RateLimiter limiter(1, 2, 100);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limiter.take(std::to_string(i), kNow));
  EXPECT_TRUE(limiter.take("new", kNow + 1min));
  EXPECT_EQ(limiter.clients(), 1u);
}

TEST(RateLimiter, TellsHowLongToWait) {
  EXPECT_EQ(RateLimiter(10, 30).wait(), 1s);
  EXPECT_EQ(RateLimiter(1.0 / 6, 10).wait(), 6s);
}

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
}  // namespace evenkeel::web::rate_limiter_test
