#include "rules/forecast.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "tests/seeds.hpp"

namespace evenkeel::rules::test::forecast_test {
namespace {

using namespace std::chrono_literals;
using testing::DoubleNear;

constexpr NodeId kNode{7};
constexpr Bytes kMiB = Bytes{1} << 20;
constexpr TimePoint kStart{1000h};

// A node that is sampled each quarter of a minute, at first with 1,000 MiB.
struct Watched {
  Courses courses;
  TimePoint now = kStart;
  Bytes used = 1000 * kMiB;

  // Its memory grows by so many bytes a sample, with `noise` on top.
  void pass(Duration time, Bytes growth, const std::function<Bytes()>& noise = {},
            bool disturbed = false) {
    for (const TimePoint end = now + time; now < end; now += 15s) {
      courses.observe(kNode, {now, used + (noise ? noise() : 0)}, disturbed);
      used += growth;
    }
  }
  [[nodiscard]] std::optional<Growth> growth() const { return courses.growth(kNode); }
};

// In MiB a minute.
double per_minute(double growth) {
  return growth * 60 / static_cast<double>(kMiB);
}

TEST(Growth, OfASteadyRiseIsThatRise) {
  Watched node;
  node.pass(1h, 2 * kMiB);
  ASSERT_TRUE(node.growth());
  EXPECT_DOUBLE_EQ(per_minute(node.growth()->lowest), 8);
  EXPECT_DOUBLE_EQ(per_minute(node.growth()->likely), 8);
  EXPECT_DOUBLE_EQ(per_minute(node.growth()->highest), 8);
  EXPECT_TRUE(node.growth()->sure());
}

TEST(Growth, OfAFallIsNegative) {
  Watched node;
  node.pass(30min, -kMiB);
  ASSERT_TRUE(node.growth());
  EXPECT_DOUBLE_EQ(per_minute(node.growth()->highest), -4);
  EXPECT_FALSE(node.growth()->sure());
}

TEST(Growth, IsNotKnownBeforeThereIsAQuarterOfAnHour) {
  Watched node;
  EXPECT_FALSE(node.growth());
  node.pass(15min, kMiB);  // the last sample that is kept is of the 14th minute
  EXPECT_FALSE(node.growth());
  node.pass(15s, kMiB);
  EXPECT_TRUE(node.growth());
  EXPECT_FALSE(node.courses.growth(NodeId{8}));
}

TEST(Growth, IsNotKnownFromAFewSamplesHoweverFarApart) {
  Watched node;
  for (int i = 0; i < 5; ++i) {
    node.courses.observe(kNode, {node.now, node.used += kMiB}, false);
    node.now += 10min;
    EXPECT_FALSE(node.growth());
  }
  node.courses.observe(kNode, {node.now, node.used += kMiB}, false);
  EXPECT_TRUE(node.growth());
}

TEST(Growth, ForgetsWhatIsOlderThanAnHour) {
  Watched node;
  node.pass(2h, 10 * kMiB);
  node.pass(61min, kMiB);
  ASSERT_TRUE(node.growth());
  EXPECT_DOUBLE_EQ(per_minute(node.growth()->highest), 4);
}

TEST(Growth, IsNotMisledByAFewPeaks) {
  Watched node;
  int sample = 0;
  node.pass(1h, kMiB, [&] { return ++sample % 40 == 1 ? 5000 * kMiB : 0; });
  ASSERT_TRUE(node.growth());
  EXPECT_THAT(per_minute(node.growth()->likely), DoubleNear(4, 0.1));
  EXPECT_TRUE(node.growth()->sure());
}

TEST(Growth, OfNoiseAloneIsSeldomSure) {
  std::mt19937_64 random(20260101);
  std::normal_distribution<double> noise(0, 50.0 * static_cast<double>(kMiB));
  constexpr std::uint64_t kNodes = evenkeel::test::seeds(400);
  std::uint64_t sure = 0;
  for (std::uint64_t i = 0; i < kNodes; ++i) {
    Watched node;
    node.pass(1h, 0, [&] { return static_cast<Bytes>(noise(random)); });
    if (node.growth()->sure()) ++sure;
  }
  EXPECT_LE(sure, kNodes / 20) << "each bound is wrong in 2.5 % of the cases";
}

TEST(Growth, LiesWithinItsBoundsAlmostAlways) {
  std::mt19937_64 random(20260102);
  std::normal_distribution<double> noise(0, 20.0 * static_cast<double>(kMiB));
  constexpr std::uint64_t kNodes = evenkeel::test::seeds(400);
  std::uint64_t within = 0;
  for (std::uint64_t i = 0; i < kNodes; ++i) {
    Watched node;
    node.pass(1h, kMiB, [&] { return static_cast<Bytes>(noise(random)); });
    const Growth growth = *node.growth();
    if (per_minute(growth.lowest) <= 4 && per_minute(growth.highest) >= 4) ++within;
  }
  EXPECT_GE(within, kNodes * 92 / 100);
}

TEST(Growth, ThatHasEndedIsNotSure) {
  Watched node;
  node.pass(40min, 2 * kMiB);
  EXPECT_TRUE(node.growth()->sure());
  node.pass(18min, 0);
  EXPECT_GT(node.growth()->likely, 0);
  EXPECT_FALSE(node.growth()->sure());
}

TEST(Growth, OfAStepIsNotSure) {
  for (const Duration before : {10min, 20min, 30min, 40min, 50min}) {
    Watched node;
    int sample = 0;
    const auto wobble = [&] { return (++sample / 4) % 3 * kMiB; };
    node.pass(before, 0, wobble);
    node.used += 500 * kMiB;
    node.pass(1h - before, 0, wobble);
    EXPECT_FALSE(node.growth()->sure()) << before.count();
  }
}

TEST(Growth, LeavesOutWhatMovesOfOursBroughtAndTook) {
  for (const Bytes moved : {4000 * kMiB, -900 * kMiB}) {
    Watched node;
    node.pass(25min, kMiB);
    node.used += moved;
    node.pass(5min, 30 * kMiB, {}, true);  // it still rises or falls
    node.pass(25min, kMiB);
    ASSERT_TRUE(node.growth());
    EXPECT_DOUBLE_EQ(per_minute(node.growth()->lowest), 4);
    EXPECT_DOUBLE_EQ(per_minute(node.growth()->highest), 4);
  }
}

TEST(Growth, IsNotKnownWhereMovesLeaveNoQuarterOfAnHour) {
  Watched node;
  for (int i = 0; i < 6; ++i) {
    node.pass(3min, kMiB);
    node.pass(6min, kMiB, {}, true);
  }
  EXPECT_FALSE(node.growth()) << "six stretches of two minutes between the samples kept";
}

TEST(Growth, AfterAMoveIsSureOnlyIfItGoesOn) {
  Watched node;
  node.pass(30min, kMiB);
  node.pass(16min, kMiB, {}, true);
  EXPECT_TRUE(node.growth()->sure());
  node.courses.observe(kNode, {node.now, node.used}, false);
  EXPECT_FALSE(node.growth()->sure()) << "one sample tells no slope";
  node.now += 15s;
  node.pass(5min, kMiB);
  EXPECT_TRUE(node.growth()->sure());
}

TEST(Courses, ForgetNodesThatAreGone) {
  Watched node;
  node.pass(30min, kMiB);
  node.courses.keep(std::set<NodeId>{NodeId{8}});
  EXPECT_FALSE(node.growth());
}

constexpr double kPerSecond = 1.0 * kMiB;

TEST(Forecast, IsWhenTheGrowthHasFilledWhatIsLeft) {
  const auto found =
      forecast(400 * kMiB, 1000 * kMiB, {kPerSecond / 2, kPerSecond, kPerSecond * 2}, kStart);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->likely, kStart + 600s);
  EXPECT_EQ(found->earliest, kStart + 300s);
  EXPECT_EQ(found->latest, kStart + 1200s);
  EXPECT_TRUE(found->sure());
}

TEST(Forecast, IsNotSureWhereItMayNotGrow) {
  const auto found =
      forecast(400 * kMiB, 1000 * kMiB, {-kPerSecond, kPerSecond, kPerSecond * 2}, kStart);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->latest, std::nullopt);
  EXPECT_FALSE(found->sure());
}

TEST(Forecast, IsNoneBeyondADay) {
  const double day = 24.0 * 3600;
  const auto of = [&](double likely) {
    return forecast(0, 1000 * kMiB, {likely / 2, likely, likely}, kStart);
  };
  EXPECT_FALSE(of(1000.0 * kMiB / day * 0.99));
  ASSERT_TRUE(of(1000.0 * kMiB / day * 1.01));
  EXPECT_FALSE(of(1000.0 * kMiB / day * 1.01)->sure());
}

TEST(Forecast, IsNoneWhereNothingGrowsOrTheLimitIsPassed) {
  EXPECT_FALSE(forecast(400, 1000, {0, 0, 0}, kStart));
  EXPECT_FALSE(forecast(400, 1000, {-2, -1, 1}, kStart));
  EXPECT_FALSE(forecast(1001, 1000, {1, 2, 3}, kStart));
  EXPECT_EQ(forecast(1000, 1000, {1, 2, 3}, kStart)->likely, kStart);
}

TEST(Forecast, OfTheLargestFiguresDoesNotOverflow) {
  const double most = static_cast<double>(kMostBytes);
  EXPECT_TRUE(forecast(0, kMostBytes, {most, most, most}, kStart));
  EXPECT_EQ(sure_growth({most, most, most}, 24h), kMostBytes);
}

TEST(SureGrowth, IsTheLikelyOneOfASureRise) {
  EXPECT_EQ(sure_growth({1, 100, 200}, 10min), 60'000);
  EXPECT_EQ(sure_growth({0, 100, 200}, 10min), 0);
  EXPECT_EQ(sure_growth({1, 100, 200}, 0min), 0);
}

}  // namespace
}  // namespace evenkeel::rules::test::forecast_test
