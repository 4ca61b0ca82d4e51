#include "agent/util/wall_clock.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

Clocks later(const Clocks& start, std::chrono::milliseconds system,
             std::chrono::milliseconds steady) {
  return {start.system + system, start.steady + steady};
}

TEST(WallClock, IsWhereItWouldBeWhileNobodySetsIt) {
  const Clocks start = Clocks::now();
  EXPECT_EQ(step_between(start, start), 0ms);
  EXPECT_EQ(step_between(start, later(start, 1h, 1h)), 0ms);
  EXPECT_EQ(step_between(start, later(start, 1h + 999ms, 1h)), 0ms) << "a time service at work";
}

TEST(WallClock, IsFollowedWhenItIsSet) {
  const Clocks start = Clocks::now();
  EXPECT_EQ(step_between(start, later(start, 2h, 1h)), 1h);
  EXPECT_EQ(step_between(start, later(start, -30min, 1h)), -90min);
}

}  // namespace
}  // namespace evenkeel
