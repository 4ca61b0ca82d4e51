// [[windows]]: the one section that may stand in the file more than once.

#include <gmock/gmock.h>

#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::windows_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using windows::Days;
using windows::Window;

std::vector<Window> windows_of(std::string_view text, const Environment& environment = {}) {
  const Loaded loaded = parse(text, "f.toml", environment);
  if (!loaded) {
    ADD_FAILURE() << report(loaded.error());
    return {};
  }
  return loaded->windows;
}

Days days_of(const std::string& list) {
  const auto windows = windows_of("[[windows]]\ndays = " + list);
  return windows.empty() ? Days{} : windows.front().days;
}

auto mistake(const std::string& where, const std::string& words) {
  return AllOf(Field(&Mistake::where, where), Field(&Mistake::what, HasSubstr(words)));
}

TEST(Windows, AreNoneWhereNoneIsWritten) {
  EXPECT_THAT(windows_of("[balance]"), IsEmpty());
}

TEST(Windows, AreTakenInTheirOrderEachWithItsOwnKeys) {
  const auto windows = windows_of(R"(
[[windows]]
days = ["mon-thu"]
from = "22:00"
to = "06:00"
time_zone = "Europe/Berlin"
[[windows]]
days = ["sat", "sun"]
)");
  EXPECT_THAT(windows, ElementsAre(Window{Days{0b0001111}, 22h, 6h, "Europe/Berlin"},
                                   Window{Days{0b1100000}, 0h, 24h, "UTC"}));
}

TEST(Windows, WithoutKeysAreAlwaysOpen) {
  EXPECT_THAT(windows_of("[[windows]]"), ElementsAre(Window{}));
  EXPECT_TRUE(Window{}.days.all());
}

TEST(Windows, TakeDaysAndRangesThatMayPassSunday) {
  EXPECT_EQ(days_of("['wed']"), Days{0b0000100});
  EXPECT_EQ(days_of("['mon-fri']"), Days{0b0011111});
  EXPECT_EQ(days_of("['sat-mon', 'thu']"), Days{0b1101001});
  EXPECT_EQ(days_of("['mon-sun']"), Days{0b1111111});
  EXPECT_EQ(days_of("['sun-sat']"), Days{0b1111111});
  EXPECT_EQ(days_of("['fri-fri']"), Days{0b0010000});
}

TEST(Windows, AreToldWithEachMistakeAtItsPlace) {
  const auto mistakes = mistakes_in(R"([[windows]]
days = []
[[windows]]
days = ["monday", 3, "mon", "sun-tue"]
from = "7:00"
to = "24:01"
[[windows]]
from = 22
to = "00:00"
time_zone = "Europe/Berln"
[[windows]]
day = "mon"
)");
  EXPECT_THAT(
      mistakes,
      ElementsAre(
          mistake("f.toml:2:8", "a window without days never opens"),
          mistake("f.toml:4:9", "expected a day (mon, tue, wed"),
          mistake("f.toml:4:19", "got a whole number"),
          mistake("f.toml:4:29", "\"sun-tue\" names a day that stands here already"),
          mistake("f.toml:5:8", "expected a time of day such as \"22:30\""),
          mistake("f.toml:6:6", "got a string, \"24:01\""),
          mistake("f.toml:8:8", "in quotes, got a whole number"),
          mistake("f.toml:9:6", "must be between 00:01 and 24:00, got 00:00"),
          mistake("f.toml:10:13", "knows no time zone \"Europe/Berln\""),
          mistake("f.toml:12:1", "unknown key 'day' in [[windows]]; did you mean 'days'?")));
}

TEST(Windows, MustNotBeginAtMidnightByAnotherName) {
  EXPECT_THAT(mistakes_in("[[windows]]\nfrom = '24:00'"),
              ElementsAre(mistake("f.toml:2:8", "must be between 00:00 and 23:59")));
}

TEST(Windows, MustNotEndWhenTheyBegin) {
  EXPECT_THAT(mistakes_in("[[windows]]\n[[windows]]\nfrom = '07:00'\nto = '07:00'"),
              ElementsAre(mistake("f.toml:2:1", "must not end when it begins")));
}

TEST(Windows, NeedTwoBrackets) {
  EXPECT_THAT(mistakes_in("[windows]\ndays = ['mon']"),
              ElementsAre(mistake("f.toml:1:2", "expected [[windows]] with two brackets")));
  EXPECT_THAT(mistakes_in("windows = [3]"),
              ElementsAre(mistake("f.toml:1:12", "expected [[windows]], got a whole number")));
  EXPECT_THAT(windows_of("windows = [{days = ['mon']}]"), SizeIs(1));
}

TEST(Windows, AreBounded) {
  std::string text;
  for (std::size_t i = 0; i < kMostWindows; ++i) text += "[[windows]]\n";
  EXPECT_THAT(windows_of(text), SizeIs(kMostWindows));
  EXPECT_THAT(mistakes_in(text + "[[windows]]\n[[windows]]"),
              ElementsAre(mistake("f.toml:101:1", "more than 100 windows")));
}

TEST(Windows, OfVariablesAreOneAndReplaceTheFiles) {
  const auto windows =
      windows_of("[[windows]]\n[[windows]]\nfrom = '03:00'",
                 environment_of({{"EVENKEEL_WINDOWS_DAYS", "sat, sun"},
                                 {"EVENKEEL_WINDOWS_TO", "06:00"},
                                 {"EVENKEEL_WINDOWS_TIME_ZONE", "America/New_York"}}));
  EXPECT_THAT(windows, ElementsAre(Window{Days{0b1100000}, 0h, 6h, "America/New_York"}));
}

TEST(Windows, OfVariablesAreCheckedToo) {
  EXPECT_THAT(mistakes_in("", environment_of({{"EVENKEEL_WINDOWS_FROM", "07:00"},
                                              {"EVENKEEL_WINDOWS_TO", "07:00"}})),
              ElementsAre(mistake("EVENKEEL_WINDOWS_FROM", "must not end when it begins")));
  EXPECT_THAT(mistakes_in("", environment_of({{"EVENKEEL_WINDOWS_DAYS", ""}})),
              ElementsAre(mistake("EVENKEEL_WINDOWS_DAYS", "never opens")));
}

TEST(Windows, OfTheSameKindAreNoChange) {
  const Loaded one = parse("[[windows]]\n[[windows]]\nfrom = '03:00'", "f.toml", {});
  const Loaded other = parse("[[windows]]\n[[windows]]\nfrom = '04:00'", "f.toml", {});
  ASSERT_TRUE(one && other);
  EXPECT_THAT(changed_keys(*one, *one), IsEmpty());
  EXPECT_THAT(changed_keys(*one, *other), ElementsAre("[[windows]]"));
}

}  // namespace
}  // namespace evenkeel::settings::windows_test
