#include "agent/demo/row.hpp"

#include <gtest/gtest.h>

namespace evenkeel::demo::row_test {
namespace {

std::string shown(std::string_view text) {
  Row row;
  row.add(text);
  return row.plain();
}

TEST(Row, KeepsWhatTakesOneColumn) {
  const char* text = "book Straße книга λ – “x” … → █▓░│ × ÷ ≤";
  EXPECT_EQ(shown(text), text);
}

TEST(Row, ReplacesWhatDoesNot) {
  EXPECT_EQ(shown("a\tb\x7f"), "a?b?");
  EXPECT_EQ(shown("本"), "?") << "two columns";
  EXPECT_EQ(shown("e\xcc\x81"), "e?") << "a combining accent takes none";
  EXPECT_EQ(shown("\xc2\xad"), "?") << "a soft hyphen may take none";
  EXPECT_EQ(shown("\xc2\x9b"), "?") << "a control sequence in one character";
  EXPECT_EQ(shown("😀"), "?");
}

TEST(Row, ReplacesBrokenUtf8ByteByByte) {
  EXPECT_EQ(shown("\xff"), "?");
  EXPECT_EQ(shown("a\xe2\x96"), "a??") << "cut short";
  EXPECT_EQ(shown("\xe2x"), "?x");
  EXPECT_EQ(shown("\xc0\xaf"), "??") << "overlong";
  EXPECT_EQ(shown("\xe0\x80\xaf"), "???") << "overlong";
  EXPECT_EQ(shown("\xf5\x80\x80\x80"), "????") << "beyond Unicode";
}

TEST(Row, IsCutOrFilledToItsWidth) {
  Row row;
  row.add("→abc");
  EXPECT_EQ(row.columns(), 4U);
  EXPECT_EQ(row.str(6, false), "→abc  ");
  EXPECT_EQ(row.str(4, false), "→abc");
  EXPECT_EQ(row.str(3, false), "→a…");
  EXPECT_EQ(row.str(0, false), "");
}

TEST(Row, WritesStylesOnlyWhereTheyChangeAndEndsInNone) {
  Row row;
  row.add("ab", "31");
  row.add("c");
  row.add(2, "█", "36");
  row.put(0, "x", "36");
  EXPECT_EQ(row.str(5, true), "\x1b[0;36mx\x1b[0;31mb\x1b[0mc\x1b[0;36m██\x1b[0m");
  EXPECT_EQ(row.str(5, false), "xbc██");
}

TEST(Row, FillsToAColumnOnceOnly) {
  Row row;
  row.add("ab");
  row.fill_to(4);
  row.fill_to(1);
  EXPECT_EQ(row.plain(), "ab  ");
}

}  // namespace
}  // namespace evenkeel::demo::row_test
