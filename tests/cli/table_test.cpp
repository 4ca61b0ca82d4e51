#include "agent/cli/table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "agent/cli/printable_output.hpp"

namespace evenkeel::cli::table_test {
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

TEST(Table, ShowsNoControlCharacters) {
  Table table({{"COLLECTION"}});
  table.add({"\x1b[2Jbook\n"});
  EXPECT_EQ(table.str(), "COLLECTION\n?[2Jbook?\n");
}

TEST(PrintableOutput, TakesOutWhatATerminalWouldObey) {
  std::ostringstream text;
  {
    const PrintableOutput printable(text);
    text << "moves of \x1b[2J"
         << "book:\n\tone" << std::flush << "\n\xc2"
         << "\x9b" << '.';
  }
  EXPECT_EQ(text.str(), "moves of ?[2Jbook:\n\tone\n?.");
  text << '\x1b';
  EXPECT_TRUE(text.str().ends_with('\x1b')) << "what comes later is not touched";
}

TEST(PrintableOutput, DoesNotHideThatItCouldNotBeWritten) {
  std::ofstream full("/dev/full");
  ASSERT_TRUE(full);
  {
    const PrintableOutput printable(full);
    full << std::string(100'000, 'x') << '\n';
  }
  EXPECT_FALSE(full.flush());
}

TEST(Table, KnowsWhetherItHasRows) {
  Table table({{"NODE"}});
  EXPECT_TRUE(table.empty());
  table.add({"1"});
  EXPECT_FALSE(table.empty());
}

}  // namespace
}  // namespace evenkeel::cli::table_test
