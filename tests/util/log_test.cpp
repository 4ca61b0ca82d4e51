#include "agent/util/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

namespace evenkeel::log::log_test {
namespace {

using testing::HasSubstr;

constexpr const char* kTime = "2026-11-23T03:36:28.007Z";

enum class SegmentId : std::int64_t {};

std::string logfmt(std::string_view message, std::initializer_list<Field> fields = {}) {
  return format(Format::logfmt, kTime, Level::info, message, fields);
}

nlohmann::json json(std::string_view message, std::initializer_list<Field> fields = {}) {
  return nlohmann::json::parse(format(Format::json, kTime, Level::warn, message, fields));
}

TEST(Logfmt, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(logfmt("move done", {{"node", "127.0.0.1:21131"}, {"bytes", 12}, {"ok", true}}),
            "ts=2026-11-23T03:36:28.007Z level=info msg=\"move done\" node=127.0.0.1:21131 "
            "bytes=12 ok=true");
}

TEST(Logfmt, QuotesTheEmptyValueAndWhatWouldReadAsAnotherField) {
  EXPECT_THAT(logfmt("m", {{"empty", ""}}), HasSubstr(R"(empty="")"));
  EXPECT_THAT(logfmt("m", {{"pair", "a=b"}}), HasSubstr(R"(pair="a=b")"));
}

TEST(Logfmt, EscapesQuotesBackslashesAndControlCharacters) {
  EXPECT_THAT(logfmt("m", {{"text", "a\"b\\c\nd\re\tf\x01g\x7f"}}),
              HasSubstr(R"(text="a\"b\\c\nd\re\tf\u0001g\u007f")"));
}

TEST(Logfmt, ShowsWhatNobodyWouldSee) {
  EXPECT_THAT(logfmt("m", {{"name", "bo\u200bok \u202ekoob\u2069 \u009b2J\ufeff"}}),
              HasSubstr(R"(name="bo\u200bok \u202ekoob\u2069 \u009b2J\ufeff")"));
}

TEST(Logfmt, NeverBreaksTheLine) {
  EXPECT_EQ(logfmt("one\ntwo\r\nlevel=error", {{"k", "\n"}}).find_first_of("\r\n"),
            std::string::npos);
}

TEST(Json, GivesEveryTextBack) {
  const std::string text = "a\"b\\c\nd\re\tf\x01g\x7fh é 汉 🚢 \u200b\u202e\u0085";
  EXPECT_EQ(json(text, {{"text", text}}),
            (nlohmann::json{{"ts", kTime}, {"level", "warn"}, {"msg", text}, {"text", text}}));
}

TEST(Json, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(json("a\xFFz")["msg"], "a" + bad + "z");
  EXPECT_EQ(json("cut \xE6\xB1")["msg"], "cut " + bad + bad);
  EXPECT_EQ(json("overlong \xC0\xAF")["msg"], "overlong " + bad + bad);
  EXPECT_EQ(json("overlong \xE0\x80\xAF")["msg"], "overlong " + bad + bad + bad);
  EXPECT_EQ(json("surrogate \xED\xA0\x80")["msg"], "surrogate " + bad + bad + bad);
  EXPECT_EQ(json("beyond \xF4\x90\x80\x80")["msg"], "beyond " + bad + bad + bad + bad);
}

TEST(Json, NumbersAndBooleansAreBare) {
  const auto line =
      json("m", {{"n", -3}, {"ratio", 0.25}, {"yes", true}, {"big", 18446744073709551615ULL}});
  EXPECT_EQ(line["n"], -3);
  EXPECT_EQ(line["ratio"], 0.25);
  EXPECT_EQ(line["yes"], true);
  EXPECT_EQ(line["big"], 18446744073709551615ULL);
}

TEST(Json, NumbersThatJsonDoesNotHaveAreTexts) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto line = json("m", {{"nan", std::nan("")}, {"up", infinity}, {"down", -infinity}});
  EXPECT_EQ(line["nan"], "NaN");
  EXPECT_EQ(line["up"], "+Inf");
  EXPECT_EQ(line["down"], "-Inf");
}

TEST(Trap03IdsDoNotFitADouble, AnIdIsATextInJson) {
  EXPECT_EQ(json("m", {{"segment", SegmentId{470641044885740721}}})["segment"],
            "470641044885740721");
}

TEST(Json, CutsALongTextAtACharacter) {
  std::string longest(4095, 'x');
  EXPECT_EQ(json(longest + "y")["msg"], longest + "y");
  EXPECT_EQ(json(longest + "é")["msg"], longest + "…");
  EXPECT_LT(logfmt(std::string(1 << 20, 'x')).size(), 4200U);
}

class Written : public testing::Test {
 protected:
  void TearDown() override { configure(Level::info, Format::logfmt); }

  static std::string to_stderr(const std::function<void()>& action) {
    testing::internal::CaptureStderr();
    action();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Written, OneLineWithTheTimeInUtc) {
  const auto line = to_stderr([] { info("started {} %v", {{"port", 1}}); });
  const std::regex shape(R"(ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info )"
                         R"(msg="started \{\} %v" port=1\n)");
  EXPECT_TRUE(std::regex_match(line, shape)) << line;
}

TEST_F(Written, NothingBelowTheLevel) {
  configure(Level::warn, Format::json);
  EXPECT_FALSE(enabled(Level::info));
  EXPECT_TRUE(enabled(Level::error));
  EXPECT_EQ(to_stderr([] { info("quiet"); }), "");
  EXPECT_THAT(to_stderr([] { warn("loud"); }), HasSubstr(R"("level":"warn","msg":"loud"})"));
}

}  // namespace
}  // namespace evenkeel::log::log_test
