#include "rules/arithmetic.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evenkeel::rules::arithmetic_test {
namespace {

constexpr Bytes kLeastBytes = std::numeric_limits<Bytes>::min();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Arithmetic, SumsStopAtTheEndsOfTheirType) {
  EXPECT_EQ(saturating_add(2, -3), -1);
  EXPECT_EQ(saturating_add(kMostBytes, 1), kMostBytes);
  EXPECT_EQ(saturating_add(kLeastBytes, -1), kLeastBytes);
  EXPECT_EQ(saturating_add(kMostBytes, kLeastBytes), -1);
}

TEST(Arithmetic, DifferencesStopAtTheEndsOfTheirType) {
  EXPECT_EQ(saturating_subtract(2, 3), -1);
  EXPECT_EQ(saturating_subtract(kLeastBytes, 1), kLeastBytes);
  EXPECT_EQ(saturating_subtract(kMostBytes, -1), kMostBytes);
  EXPECT_EQ(saturating_subtract(0, kLeastBytes), kMostBytes);
}

TEST(Arithmetic, WhatIsNeededIsRoundedUpAndWhatThereIsRoomForDown) {
  EXPECT_EQ(scaled_up(3, 1.5), 5);
  EXPECT_EQ(scaled_down(3, 1.5), 4);
  EXPECT_EQ(scaled_up(4, 1.5), 6);
  EXPECT_EQ(scaled_down(4, 1.5), 6);
}

TEST(Arithmetic, ProductsStayInsideTheirType) {
  EXPECT_EQ(scaled_up(-3, 1.5), 0);
  EXPECT_EQ(scaled_down(-3, 1.5), 0);
  EXPECT_EQ(scaled_up(kMostBytes, 1.5), kMostBytes);
  EXPECT_EQ(scaled_down(kMostBytes, 1.5), kMostBytes);
  EXPECT_EQ(scaled_up(kMostBytes, 1), kMostBytes) << "which a double rounds to one more";
}

TEST(Arithmetic, WhatIsNotANumberNeedsEverythingAndHasRoomForNothing) {
  EXPECT_EQ(scaled_up(3, kNaN), kMostBytes);
  EXPECT_EQ(scaled_down(3, kNaN), 0);
}

TEST(Arithmetic, ARatioOfNoCapacityIsNothing) {
  EXPECT_EQ(ratio_of(3, 4), 0.75);
  EXPECT_EQ(ratio_of(3, 0), 0);
  EXPECT_EQ(ratio_of(3, -4), 0);
}

TEST(Arithmetic, TimesStopAtTheEndOfTheirType) {
  EXPECT_EQ(later(TimePoint(Duration(2)), Duration(3)), TimePoint(Duration(5)));
  EXPECT_EQ(later(TimePoint(Duration(2)), Duration::max()), TimePoint::max());
}

}  // namespace
}  // namespace evenkeel::rules::arithmetic_test
