#include "agent/util/time.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace evenkeel::time_test {
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

TEST(Rfc3339, IsInUtcToTheMillisecond) {
  const auto moment = [](std::int64_t milliseconds) {
    return std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>(
        std::chrono::milliseconds(milliseconds));
  };
  EXPECT_EQ(rfc3339(moment(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(moment(1'700'000'000'007)), "2023-11-14T22:13:20.007Z");
  EXPECT_EQ(rfc3339(moment(1'709'251'199'999)), "2024-02-29T23:59:59.999Z");
}

}  // namespace
}  // namespace evenkeel::time_test
