#include "agent/web/give_back.hpp"

#include <gtest/gtest.h>

#include "agent/web/shortage.hpp"

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;

TEST(GiveBack, IsDueOnceAfterABurst) {
  GiveBack give_back;
  EXPECT_FALSE(give_back.is_due());
  give_back.answered(GiveBack::kWorthIt - 1);
  EXPECT_FALSE(give_back.is_due());
  give_back.answered(1);
  EXPECT_TRUE(give_back.is_due());
  EXPECT_FALSE(give_back.is_due());
}

TEST(Shortage, IsSaidOnceAndAgainAfterAQuietMinute) {
  Shortage shortage;
  Shortage::Clock::time_point now{1h};
  EXPECT_TRUE(shortage.met(now));
  for (int i = 0; i < 600; ++i) EXPECT_FALSE(shortage.met(now += 100ms)) << i;
  EXPECT_FALSE(shortage.met(now += 59s));
  EXPECT_TRUE(shortage.met(now += 60s));
}

}  // namespace
}  // namespace evenkeel::web
