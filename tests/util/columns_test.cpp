#include "agent/util/columns.hpp"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel::columns_test {
namespace {

TEST(Columns, AreThoseOfATerminal) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("book"), 4U);
  EXPECT_EQ(columns_of("日本語"), 6U);
  EXPECT_EQ(columns_of("ｶﾀ"), 2U) << "half-width katakana";
  EXPECT_EQ(columns_of("e\u0301te\u0301"), 3U) << "combining accents";
  EXPECT_EQ(columns_of("a\u200bb"), 2U) << "zero width space";
  EXPECT_EQ(columns_of("שלום"), 4U);
  EXPECT_EQ(columns_of("\xff\xfe"), 2U) << "no UTF-8";
}

TEST(Visible, ShowsWhatNobodyWouldSee) {
  EXPECT_EQ(visible("a\u202eb\u200bc\u2028d"), "a\\u{202e}b\\u{200b}c\\u{2028}d");
  EXPECT_EQ(visible("日本語 שלום e\u0301"), "日本語 שלום e\u0301");
  EXPECT_EQ(visible("\u2068x\u2069", U"\u2068\u2069"), "\u2068x\u2069");
  EXPECT_EQ(visible("a\xff"), "a\uFFFD");
}

TEST(Cut, TakesTheMiddle) {
  EXPECT_EQ(cut_in_the_middle("documents_2026", 14), "documents_2026");
  EXPECT_EQ(cut_in_the_middle("documents_2026", 9), "docu…2026");
  EXPECT_EQ(cut_in_the_middle("documents_2026", 8), "docu…026");
  EXPECT_EQ(cut_in_the_middle("ab", 1), "…");
}

TEST(Cut, LeavesCharactersWhole) {
  EXPECT_EQ(cut_in_the_middle("日本語日本語", 7), "日…語") << "two columns each";
  EXPECT_EQ(cut_in_the_middle("e\u0301e\u0301e\u0301e\u0301", 3), "e\u0301…e\u0301");
  EXPECT_EQ(cut_in_the_middle(std::string(255, 'x'), 5), "xx…xx");
}

TEST(Isolated, KeepsOtherDirectionsToThemselves) {
  EXPECT_EQ(isolated("book"), "book");
  EXPECT_EQ(isolated("日本語"), "日本語");
  EXPECT_EQ(isolated("שלום_1"), "\u2068שלום_1\u2069");
  EXPECT_EQ(isolated("سلام"), "\u2068سلام\u2069");
  EXPECT_EQ(columns_of(isolated("שלום")), 4U);
}

}  // namespace
}  // namespace evenkeel::columns_test
