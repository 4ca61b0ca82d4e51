#include "agent/view/utf8.hpp"

#include <gtest/gtest.h>

namespace evenkeel::view {
namespace {

constexpr auto* kBad = "\xEF\xBF\xBD";

TEST(ValidUtf8, KeepsWhatIsWellFormed) {
  for (const auto* text : {"", "book", "\u00e9", "\u66f8", "\U0001F6A2", "\uFFFF", "\U0010FFFF"}) {
    EXPECT_EQ(valid_utf8(text), text);
  }
}

TEST(ValidUtf8, ReplacesEachByteThatIsNot) {
  const std::string bad = kBad;
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a" + bad + "b");
  EXPECT_EQ(valid_utf8("\x80"), bad);
  EXPECT_EQ(valid_utf8("\xc3"), bad) << "cut short";
  EXPECT_EQ(valid_utf8("\xc3("), bad + "(");
  EXPECT_EQ(valid_utf8("\xe6\x9b"), bad + bad) << "cut short";
  EXPECT_EQ(valid_utf8("\xc0\xaf"), bad + bad) << "overlong";
  EXPECT_EQ(valid_utf8("\xe0\x80\xaf"), bad + bad + bad) << "overlong";
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), bad + bad + bad) << "a surrogate";
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), bad + bad + bad + bad) << "above U+10FFFF";
  EXPECT_EQ(valid_utf8("\xf5\x80\x80\x80"), bad + bad + bad + bad);
}

}  // namespace
}  // namespace evenkeel::view
