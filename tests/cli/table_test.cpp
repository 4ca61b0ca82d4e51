#include "agent/cli/table.hpp"

#include <gtest/gtest.h>

namespace evenkeel::cli {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({{"NODE", Table::Align::right}, {"STATE"}});
  table.add({"7", "up"});
  table.add({"12345", "unreachable"});
  EXPECT_EQ(table.str(),
            " NODE  STATE\n"
            "    7  up\n"
            "12345  unreachable\n");
}

TEST(Table, KnowsWhetherItHasRows) {
  Table table({{"NODE"}});
  EXPECT_TRUE(table.empty());
  table.add({"1"});
  EXPECT_FALSE(table.empty());
}

}  // namespace
}  // namespace evenkeel::cli
