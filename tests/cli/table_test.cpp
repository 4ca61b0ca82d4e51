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

TEST(Table, AlignsByColumnsOfTheTerminal) {
  Table table({{"COLLECTION"}, {"NODE", Table::Align::right}});
  table.add({"日本語", "7"});
  table.add({"e\u0301te\u0301", "8"});
  table.add({"שלום", "9"});
  EXPECT_EQ(table.str(),
            "COLLECTION  NODE\n"
            "日本語         7\n"
            "e\u0301te\u0301            8\n"
            "\u2068שלום\u2069           9\n");
}

TEST(Table, ShowsWhatNobodyWouldSee) {
  Table table({{"COLLECTION"}});
  table.add({"a\u202eb\u200b"});
  table.add({"\u202eshop.bo\u200bok<b>"});
  EXPECT_EQ(table.str(), "COLLECTION\na\\u{202e}b\\u{200b}\n\\u{202e}shop.bo\\u{200b}ok<b>\n");
}

TEST(Table, CutsLongNamesInTheMiddle) {
  Table table({{"NAME", Table::Align::left, 9}, {"STATE"}});
  table.add({std::string(255, 'x'), "up"});
  EXPECT_EQ(table.str(),
            "NAME       STATE\n"
            "xxxx…xxxx  up\n");
}

struct Used {
  explicit Used() : table({{"NODE"}, {"USED AT"}}) {
    table.add({"a", {"900 MiB", 900}});
    table.add({"b", "-"});
    table.add({"c", {"1.5 GiB", 1536}});
  }
  Table table;
};

TEST(Table, SortsByNumbersWhereThereAreSome) {
  Used used;
  EXPECT_TRUE(used.table.sort_by("used_at"));
  EXPECT_EQ(used.table.str(), "NODE  USED AT\na     900 MiB\nc     1.5 GiB\nb     -\n");
  EXPECT_TRUE(used.table.sort_by("-Used At"));
  EXPECT_EQ(used.table.str(), "NODE  USED AT\nc     1.5 GiB\na     900 MiB\nb     -\n");
  EXPECT_TRUE(used.table.sort_by("-node"));
  EXPECT_EQ(used.table.str(), "NODE  USED AT\nc     1.5 GiB\nb     -\na     900 MiB\n");
}

TEST(Table, SaysByWhichColumnsItCanBeSorted) {
  Used used;
  EXPECT_EQ(used.table.sort_by("nod").error(), "there is no column 'nod'; did you mean 'node'?");
  EXPECT_EQ(used.table.sort_by("-x").error(), "there is no column 'x'; there are node, used_at");
}

TEST(PrintableOutput, TakesOutWhatATerminalWouldObey) {
  std::ostringstream text;
  {
    const PrintableOutput printable(text);
    text << "moves of \x1b[2J\u202e"
         << "book:\n\tone" << std::flush << "\n\xc2"
         << "\x9b" << '.';
  }
  EXPECT_EQ(text.str(), "moves of ?[2J\\u{202e}book:\n\tone\n?.");
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
