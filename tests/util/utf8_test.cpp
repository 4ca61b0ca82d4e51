#include "agent/util/utf8.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace evenkeel::utf8_test {
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

TEST(FirstCharacter, IsTheCodePointAndItsBytes) {
  const std::pair<std::string_view, Character> good[] = {{"a", {'a', 1}},
                                                         {"\u00e9x", {0xe9, 2}},
                                                         {"\u66f8x", {0x66f8, 3}},
                                                         {"\U0010FFFF", {0x10ffff, 4}}};
  for (const auto& [text, character] : good) {
    const auto found = first_character(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->point, character.point);
    EXPECT_EQ(found->bytes, character.bytes);
  }
  EXPECT_FALSE(first_character(""));
  EXPECT_FALSE(first_character("\x9f\x80")) << "begins within a character";
}

TEST(CountCharacters, CountsEachOnce) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("a\u00e9\u66f8\U0001F6A2"), 4u);
}

TEST(CutUtf8, CutsBetweenTwoCharacters) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("a\u66f8", 3), "a");
  EXPECT_EQ(cut_utf8("\u66f8\u66f8", 3), "\u66f8");
  EXPECT_EQ(cut_utf8("\x80\x80\x80", 2), "") << "is within a character from its beginning";
}

TEST(Printable, ShowsWhatATerminalWouldObeyAsQuestionMarks) {
  EXPECT_EQ(printable("a\x1b[2Jb\rc\x7f\n"), "a?[2Jb?c??");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m \xc2\x85"),
            "?31m ?")
      << "C1 as UTF-8";
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "?31m")
      << "C1 as terminals of one byte a character read it";
}

TEST(Printable, LeavesAllElseAsItIs) {
  for (const auto* text : {"", "book",
                           "B\xc3\xbc"
                           "cher",
                           "\xe2\x82\xac", "\xf0\x9f\x90\xa6", "\xc2\xa0", "\xe4\xb8\x9b",
                           "\xc3\x9b", "\xe9\x80\x80"}) {
    EXPECT_EQ(printable(text), text);
  }
  EXPECT_EQ(printable("a\tb\n\x1b", "\n\t"), "a\tb\n?");
}

TEST(PrintableJson, EscapesWhatATerminalWouldObeyAndAWriterOfJsonDoesNot) {
  EXPECT_EQ(printable_json("\"a\x7f\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b\xe4\xb8\x9b\\u001b\"\n"),
            "\"a\\u007f\\u0080\\u009f\xc2\xa0\xc3\x9b\xe4\xb8\x9b\\u001b\"\n");
  EXPECT_EQ(printable_json("\xc2"), "\xc2") << "at the end";
  EXPECT_EQ(printable_json(""), "");
}

}  // namespace
}  // namespace evenkeel::utf8_test
