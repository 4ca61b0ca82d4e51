#include "rules/policy.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evenkeel::rules::policy_test {
namespace {

TEST(Policy, OfTheDefaultsIsUsable) {
  EXPECT_TRUE(usable(Policy{}));
}

TEST(Policy, IsUsableToTheEndsOfItsFigures) {
  Policy policy;
  policy.overload_margin = policy.overload_threshold;
  policy.max_difference = 0;
  policy.difference_stop = 1;
  policy.loading_peak = 1;
  EXPECT_TRUE(usable(policy));
}

TEST(Policy, ThatContradictsItselfIsNotUsable) {
  const auto with = [](double Policy::*figure, double value) {
    Policy policy;
    policy.*figure = value;
    return usable(policy);
  };
  EXPECT_FALSE(with(&Policy::overload_threshold, 0));
  EXPECT_FALSE(with(&Policy::overload_margin, 0.91)) << "more than the threshold";
  EXPECT_FALSE(with(&Policy::max_difference, -0.01));
  EXPECT_FALSE(with(&Policy::difference_stop, 1.01)) << "it would never stop";
  EXPECT_FALSE(with(&Policy::loading_peak, 0.99)) << "less than the segment itself";
  EXPECT_FALSE(with(&Policy::loading_peak, std::numeric_limits<double>::quiet_NaN()));
}

TEST(Policy, NeedsAtLeastOneSampleAndNeverMoreThanAHundred) {
  const auto samples = [](int wanted) {
    Policy policy;
    policy.evidence_samples = wanted;
    return evidence_samples(policy);
  };
  EXPECT_EQ(samples(-1), 1);
  EXPECT_EQ(samples(0), 1);
  EXPECT_EQ(samples(7), 7);
  EXPECT_EQ(samples(1'000'000), 100);
}

}  // namespace
}  // namespace evenkeel::rules::policy_test
