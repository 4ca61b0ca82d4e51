// parse_json: the values that nlohmann's own parser gives, within a bound, and a long list that is
// handed on element by element.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/util/json_view.hpp"

namespace evenkeel::json_parser_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string repeated(std::string_view what, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += what;
  return text;
}

std::string refusal(std::string_view text, const JsonList& list = {}) {
  const auto parsed = parse_json(text, list);
  return parsed ? "(was taken)" : parsed.error();
}

TEST(ParseJson, GivesWhatIsWritten) {
  for (const char* text :
       {"null", "true", "-3", "18446744073709551615", "0.25", R"("a\u00e9\n")", "[]", "{}",
        R"([1,[2,[]],{"a":{"b":[null,false]},"":[{}]}])", R"({"a":1,"a":[2]})"}) {
    const auto parsed = parse_json(text);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(*parsed, json::parse(text)) << text;
  }
}

TEST(ParseJson, SaysWhereItStopsMakingSense) {
  for (const char* text : {"", "[1,2", "[1,]", "{\"a\"}", "[1] 2", "nul", "\"\xFF\""}) {
    EXPECT_THAT(refusal(text), HasSubstr("not JSON, or cut short: it makes no sense at byte"))
        << text;
  }
  EXPECT_EQ(refusal("1e999"), "a number that no double holds");
}

TEST(ParseJson, TakesSixtyFourLevels) {
  EXPECT_TRUE(parse_json(repeated("[", 64) + repeated("]", 64)));
  EXPECT_EQ(refusal(repeated("[", 65)), "JSON nested deeper than 64 levels");
}

// The elements that are handed on, as text.
struct Handed {
  std::vector<std::string> elements;
  JsonList list;

  explicit Handed(std::string_view member) {
    list.member = member;
    list.take = [this](const JsonView& view) {
      elements.push_back(view.is_object() ? std::to_string(view["a"].integer(-1))
                         : view.is_text() ? view.text()
                                          : "?");
      return std::size_t{0};
    };
  }
};

TEST(ParseJson, HandsOnTheListAtTheTop) {
  Handed handed("");
  const auto rest = parse_json(R"([{"a":1},"x",{"a":2,"b":[{"a":9}]},[],{}])", handed.list);
  ASSERT_TRUE(rest) << rest.error();
  EXPECT_EQ(*rest, json::array());
  EXPECT_THAT(handed.elements, ElementsAre("1", "x", "2", "?", "-1"));
}

TEST(ParseJson, HandsOnTheListOfAMember) {
  Handed handed("infos");
  const auto rest = parse_json(
      R"({"x":[{"a":7}],"infos":[{"a":1,"infos":[3]},{"a":2}],"y":{"infos":[4]}})", handed.list);
  ASSERT_TRUE(rest) << rest.error();
  EXPECT_EQ(*rest, json::parse(R"({"x":[{"a":7}],"infos":[],"y":{"infos":[4]}})"));
  EXPECT_THAT(handed.elements, ElementsAre("1", "2"));
}

TEST(ParseJson, LeavesWhatIsNoListWhereItIs) {
  Handed handed("infos");
  EXPECT_EQ(*parse_json(R"({"infos":{"a":1}})", handed.list), json::parse(R"({"infos":{"a":1}})"));
  EXPECT_EQ(*parse_json(R"([{"infos":[1]}])", handed.list), json::parse(R"([{"infos":[1]}])"));
  Handed top("");
  EXPECT_EQ(*parse_json(R"({"":[1]})", top.list), json::parse(R"({"":[1]})"));
  EXPECT_THAT(handed.elements, IsEmpty());
  EXPECT_THAT(top.elements, IsEmpty());
}

TEST(ParseJson, RefusesAListThatIsGivenTwice) {
  Handed handed("infos");
  EXPECT_EQ(refusal(R"({"infos":[],"infos":[]})", handed.list), "infos: given twice");
}

TEST(ParseJson, NamesTheElement) {
  JsonList list{.member = "infos", .take = [](const JsonView& view) {
                  if (!view.is_object()) view.expected("an object");
                  return std::size_t{0};
                }};
  EXPECT_THROW(
      {
        try {
          (void)parse_json(R"({"infos":[{},{},3]})", list);
        } catch (const Malformed& error) {
          EXPECT_STREQ(error.what(), "infos[2]: expected an object, got an integer");
          throw;
        }
      },
      Malformed);
}

// 3 MiB of {}, are a million values, which would take 170 MiB.
TEST(ParseJson, RefusesMoreValuesThanTheTextIsWorth) {
  const std::string many = repeated("{},", 1 << 20);
  const std::string text = "[" + many + "{}]";
  EXPECT_THAT(refusal(text), HasSubstr("too many values for its 3145732 bytes: in memory they "
                                       "would take more than 32 MiB"));
  EXPECT_THAT(refusal(text, {.advice = "do that"}), HasSubstr("MiB (do that)"));
  EXPECT_THAT(refusal("[" + repeated("\"\",", 1 << 20) + "1]"), HasSubstr("too many values"));
  EXPECT_THAT(refusal("[" + repeated("0,", 1 << 20) + "1]"), HasSubstr("too many values"));
  std::string members = "{";
  for (int i = 0; i < 1 << 18; ++i) members += "\"" + std::to_string(i) + "\":0,";
  EXPECT_THAT(refusal(members + "\"x\":0}"), HasSubstr("too many values"));
  // Within one element of the list, too.
  Handed handed("");
  EXPECT_THAT(refusal("[[" + many + "{}]]", handed.list), HasSubstr("too many values"));
}

// A list of so many strings of so many bytes, and an end.
std::string strings(int count, std::size_t bytes, std::string_view end) {
  return "[" + repeated("\"" + std::string(bytes, 'x') + "\",", count) + std::string(end) + "]";
}

TEST(ParseJson, LeavesLessForValuesWhereMoreIsHeldBesideTheText) {
  const auto text = strings(300'000, 60, "0");
  EXPECT_TRUE(parse_json(text));
  EXPECT_THAT(refusal(text, {.beside = text.size()}), HasSubstr("too many values"));
}

TEST(ParseJson, TakesNoMoreMemoryThanAllowedWhileItReadsALongString) {
  const std::string longest(10 << 20, 'x');
  EXPECT_THAT(refusal(strings(170'000, 28, '"' + longest + '"')), HasSubstr("too many values"));
  EXPECT_TRUE(parse_json(strings(170'000, 28, "0")));
  EXPECT_TRUE(parse_json(strings(0, 0, '"' + longest + '"')));
  EXPECT_TRUE(parse_json(strings(0, 0, '"' + repeated("\\\"", 6 << 20) + '"')));
  EXPECT_TRUE(parse_json(strings(0, 0, std::string(12 << 20, ' ') + "-1")));
}

TEST(ParseJson, LeavesRoomForWhatIsMadeOfAnElement) {
  const auto text = strings(200'000, 60, "0");
  ASSERT_TRUE(parse_json("[" + text + "]"));
  Handed handed("");
  EXPECT_THAT(refusal("[" + text + "]", handed.list), HasSubstr("too many values"));
  EXPECT_EQ(refusal(text, handed.list), "(was taken)");
}

TEST(ParseJson, HandsOnAsManyElementsAsThereAreWhereLittleIsKept) {
  Handed handed("");
  const std::string text = "[" + repeated("{},", 1 << 20) + "{}]";
  std::size_t count = 0;
  std::size_t kept = 0;
  const JsonList list{.take = [&](const JsonView&) {
    ++count;
    return kept;
  }};
  ASSERT_TRUE(parse_json(text, list));
  EXPECT_EQ(count, (1U << 20) + 1);
  kept = 100;
  EXPECT_THAT(refusal(text, list), HasSubstr("too many values"));
}

}  // namespace
}  // namespace evenkeel::json_parser_test
