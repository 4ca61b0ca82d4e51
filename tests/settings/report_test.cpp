#include "agent/settings/report.hpp"

#include <gtest/gtest.h>

namespace evenkeel::settings {
namespace {

TEST(Report, HasALineForEachMistakeAndTheirNumber) {
  EXPECT_EQ(report({{"a.toml:1:2", "wrong"}, {"a.toml:3:4", "worse"}, {"EVENKEEL_X", "unknown"}}),
            "a.toml:1:2: wrong\na.toml:3:4: worse\nEVENKEEL_X: unknown\n3 mistakes\n");
  EXPECT_EQ(report({{"a.toml", "cannot be read"}}), "a.toml: cannot be read\n1 mistake\n");
}

TEST(Report, IsEmptyWithoutMistakes) {
  EXPECT_EQ(report({}), "");
}

}  // namespace
}  // namespace evenkeel::settings
