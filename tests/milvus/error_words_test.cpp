// Milvus's errors: what they are to the loop, and what they say to a person.
#include "agent/milvus/error_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/answers.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::error_words_test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct CodeCase {
  std::int64_t code;
  FailureKind kind;
  const char* words;  // that say what it means
};

class Code : public testing::TestWithParam<CodeCase> {};

TEST_P(Code, HasItsKindAndItsMeaning) {
  const auto& [code, kind, words] = GetParam();
  const auto result = parse_status(R"({"status":{"error_code":1,"reason":"as it says","code":)" +
                                   std::to_string(code) + "}}");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, kind);
  EXPECT_EQ(result.error().code, code);
  EXPECT_THAT(result.error().message, HasSubstr("as it says"));
  EXPECT_THAT(result.error().message, HasSubstr(words));
}

INSTANTIATE_TEST_SUITE_P(
    Milvus, Code,
    testing::Values(CodeCase{100, FailureKind::not_found, "was dropped or renamed"},
                    CodeCase{101, FailureKind::not_loaded, "the collection was released"},
                    CodeCase{103, FailureKind::not_loaded, "is being loaded, or was released"},
                    CodeCase{600, FailureKind::refused, "the segment has left that node"},
                    CodeCase{800, FailureKind::not_found, "the database was dropped"},
                    CodeCase{901, FailureKind::refused, "the node is not in the collection's"},
                    CodeCase{906, FailureKind::refused, "the node is read-only"},
                    CodeCase{1800, FailureKind::login, "the login is missing or wrong"},
                    CodeCase{4711, FailureKind::refused, "as it says"}),
    [](const auto& test) { return "Of" + std::to_string(test.param.code); });

TEST(Meaning, NamesTheNode) {
  EXPECT_EQ(meaning_of(906, "node state unexpected[node=12][state=node becomes ro node]"),
            "node 12 is read-only (suspended or leaving): Evenkeel lets it rest; 'node/resume' "
            "makes it a destination again");
  for (const char* none : {"", "[node=", "[node=]", "[node=x]", "node=12"}) {
    EXPECT_THAT(meaning_of(906, none), HasSubstr("the node is read-only")) << none;
  }
}

TEST(Meaning, IsSaidWhereOnlyTheWordsTell) {
  const auto result = parse_status(R"({"error_code":1,"reason":"can't find collection: nope"})");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("nope; the collection was dropped"));
}

TEST(Readable, KeepsNoStackTrace) {
  const auto result = parse_status(
      exchange("noauth-balance-suspended/load-balance-released-collection.txt").answer);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::not_loaded);
  EXPECT_THAT(result.error().message,
              HasSubstr("(code 103): collection not fully loaded[collection=470781385398694488];"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("stack_trace.go")));
}

TEST(Readable, KeepsWhatStandsBeforeAndAfterATrace) {
  EXPECT_EQ(readable("failed to load: stack trace: /a.go:1 f\n/b.go:2 g: no memory"),
            "failed to load: no memory");
  EXPECT_EQ(readable("failed: stack trace: /a.go:1 f"), "failed");
  EXPECT_EQ(readable("stack trace: /a.go:1 f: one: stack trace: /b.go:2 g: two"), "one: two");
  EXPECT_EQ(readable("stack trace: /a.go:1 f"), "");
  EXPECT_EQ(readable("plain: words"), "plain: words");
}

TEST(Readable, StaysShortWhateverComes) {
  std::string text(501, 'x');
  EXPECT_EQ(readable(text).size(), 500U);
  text.resize(499);
  text += "\xC3\xA9";
  EXPECT_EQ(readable(text).size(), 499U) << "no half of a character";
  EXPECT_EQ(readable("a\nb\tc\x7f"), "a b c ");
  std::string traces;
  for (int i = 0; i < 1'000'000; ++i) traces += "stack trace:: ";
  EXPECT_EQ(readable(traces), "");
}

}  // namespace
}  // namespace evenkeel::milvus::error_words_test
