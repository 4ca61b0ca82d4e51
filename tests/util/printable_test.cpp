#include "agent/util/printable.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

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
}  // namespace evenkeel
