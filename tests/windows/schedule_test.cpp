#include "agent/windows/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "agent/util/time.hpp"

namespace evenkeel::windows::schedule_test {
namespace {

using namespace std::chrono_literals;
using rules::TimePoint;

// A moment in UTC.
TimePoint utc(int year, unsigned month, unsigned day, std::chrono::minutes time = 0min) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  return std::chrono::sys_days{date} + time;
}

std::string text_of(std::optional<TimePoint> moment) {
  return moment ? rfc3339(*moment).substr(0, 16) : "none";
}

// "open until 2026-01-31T06:00, next 2026-01-31T22:00", in UTC.
std::string told(const std::vector<Window>& windows, TimePoint now) {
  const Opening opening = opening_at(windows, now);
  return std::string(opening.open ? "open" : "closed") + " until " + text_of(opening.until) +
         ", next " + text_of(opening.next);
}

Window window(const char* days, std::chrono::minutes from, std::chrono::minutes to,
              std::string zone = "UTC") {
  return {Days{days}, from, to, std::move(zone)};
}

// Days are written from Sunday, the highest bit, down to Monday.
constexpr const char* kEveryDay = "1111111";
constexpr const char* kMonday = "0000001";
constexpr const char* kFriday = "0010000";
constexpr const char* kSunday = "1000000";

TEST(Schedule, WithoutWindowsIsAlwaysOpen) {
  EXPECT_EQ(opening_at({}, utc(2026, 1, 5)), Opening{});
}

TEST(Schedule, OpensAtItsBeginningAndClosesAtItsEnd) {
  // 2026-01-05 is a Monday.
  const std::vector<Window> windows{window(kMonday, 2h, 4h)};
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 2h) - 1ms), "closed until none, next 2026-01-05T02:00");
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 2h)),
            "open until 2026-01-05T04:00, next 2026-01-12T02:00");
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 4h) - 1ms),
            "open until 2026-01-05T04:00, next 2026-01-12T02:00");
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 4h)), "closed until none, next 2026-01-12T02:00");
}

TEST(Schedule, ThatPassesMidnightBelongsToTheDayOnWhichItBegins) {
  const std::vector<Window> windows{window(kFriday, 22h, 6h)};
  EXPECT_EQ(told(windows, utc(2026, 1, 9, 3h)), "closed until none, next 2026-01-09T22:00");
  EXPECT_EQ(told(windows, utc(2026, 1, 10, 3h)),
            "open until 2026-01-10T06:00, next 2026-01-16T22:00");
  EXPECT_EQ(told(windows, utc(2026, 1, 10, 22h)), "closed until none, next 2026-01-16T22:00");
}

TEST(Schedule, OfEveryHourIsAlwaysOpen) {
  EXPECT_EQ(told({Window{}}, utc(2026, 1, 5, 13h)), "open until none, next none");
  EXPECT_EQ(told({window(kEveryDay, 12h, 11h), window(kEveryDay, 10h, 13h)}, utc(2026, 1, 5)),
            "open until none, next none");
}

TEST(Schedule, JoinsWindowsThatOverlapOrTouch) {
  const std::vector<Window> windows{window(kMonday, 4h, 6h), window(kMonday, 1h, 3h),
                                    window(kMonday, 2h, 4h), window(kMonday, 2h, 150min),
                                    window(kMonday, 8h, 9h)};
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 2h)),
            "open until 2026-01-05T06:00, next 2026-01-05T08:00");
}

TEST(Schedule, GoesByTheClockOfItsZone) {
  const std::vector<Window> windows{window(kMonday, 1h, 5h, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 1, 5, 0h)),
            "open until 2026-01-05T04:00, next 2026-01-12T00:00");
  EXPECT_EQ(told(windows, utc(2026, 7, 5, 23h)),
            "open until 2026-07-06T03:00, next 2026-07-12T23:00");
}

TEST(Schedule, MayBeOnAnotherDayThanInUtc) {
  // It is Monday on Kiritimati (+14) from Sunday 10:00 UTC, on Pago Pago (-11) from Monday 11:00.
  EXPECT_EQ(told({window(kMonday, 0h, 24h, "Pacific/Kiritimati")}, utc(2026, 1, 4, 12h)),
            "open until 2026-01-05T10:00, next 2026-01-11T10:00");
  EXPECT_EQ(told({window(kMonday, 0h, 24h, "Pacific/Pago_Pago")}, utc(2026, 1, 4, 12h)),
            "closed until none, next 2026-01-05T11:00");
}

// In Berlin, 2026-03-29 has no time from 02:00 to 03:00: the clock shows 03:00 at 01:00 UTC.
TEST(Schedule, AcrossTheBeginningOfSummerTimeIsAnHourShorter) {
  EXPECT_EQ(told({window(kSunday, 1h, 5h, "Europe/Berlin")}, utc(2026, 3, 29, 1h)),
            "open until 2026-03-29T03:00, next 2026-04-04T23:00");
}

TEST(Schedule, FromATimeThatTheClockSkipsOpensWhenItIsPutForward) {
  const std::vector<Window> windows{window(kSunday, 150min, 4h, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 3, 28)), "closed until none, next 2026-03-29T01:00");
  EXPECT_EQ(told(windows, utc(2026, 3, 29, 1h)),
            "open until 2026-03-29T02:00, next 2026-04-05T00:30");
}

TEST(Schedule, ToATimeThatTheClockSkipsClosesWhenItIsPutForward) {
  const std::vector<Window> windows{window(kSunday, 1h, 150min, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 3, 29, 59min)),
            "open until 2026-03-29T01:00, next 2026-04-04T23:00");
}

TEST(Schedule, OfSkippedTimesAloneDoesNotOpenThatNight) {
  const std::vector<Window> windows{window(kSunday, 135min, 165min, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 3, 28)), "closed until none, next 2026-04-05T00:15");
  EXPECT_FALSE(opening_at(windows, utc(2026, 3, 29, 1h)).open);
}

// In Berlin, 2026-10-25 has the times from 02:00 to 03:00 twice: from 00:00 UTC and from 01:00 UTC.
TEST(Schedule, AcrossTheEndOfSummerTimeIsAnHourLonger) {
  EXPECT_EQ(told({window(kSunday, 1h, 5h, "Europe/Berlin")}, utc(2026, 10, 25)),
            "open until 2026-10-25T04:00, next 2026-11-01T00:00");
}

TEST(Schedule, FromATimeThatTheClockShowsTwiceOpensTheFirstTime) {
  const std::vector<Window> windows{window(kSunday, 150min, 4h, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 10, 24)), "closed until none, next 2026-10-25T00:30");
  EXPECT_EQ(told(windows, utc(2026, 10, 25, 30min)),
            "open until 2026-10-25T03:00, next 2026-11-01T01:30");
}

TEST(Schedule, ToATimeThatTheClockShowsTwiceClosesTheFirstTime) {
  const std::vector<Window> windows{window(kSunday, 1h, 150min, "Europe/Berlin")};
  EXPECT_EQ(told(windows, utc(2026, 10, 25)), "open until 2026-10-25T00:30, next 2026-11-01T00:00");
  EXPECT_FALSE(opening_at(windows, utc(2026, 10, 25, 75min)).open);
}

TEST(Schedule, FollowsZonesThatAreNoWholeHoursOff) {
  // Lord Howe is put forward by half an hour, from +10:30 to +11.
  EXPECT_EQ(told({window(kSunday, 135min, 3h, "Australia/Lord_Howe")}, utc(2026, 10, 3)),
            "closed until none, next 2026-10-03T15:30");
}

TEST(Schedule, OfADayThatAZoneSkippedDoesNotOpen) {
  // Samoa had no Friday, 2011-12-30.
  const std::vector<Window> windows{window(kFriday, 0h, 24h, "Pacific/Apia")};
  EXPECT_EQ(told(windows, utc(2011, 12, 28)), "closed until none, next 2012-01-05T10:00");
}

TEST(Schedule, NeverOpensInAZoneThatIsNotKnown) {
  EXPECT_EQ(told({window(kEveryDay, 0h, 24h, "Europe/Berln")}, utc(2026, 1, 5)),
            "closed until none, next none");
}

// A zone's file of the short kind: one change, and the rule of central Europe at its end.
std::string short_zone_file() {
  // Six numbers of four bytes, of which the last three count changes, offsets and letters.
  const auto header = [](char changes, char letters) {
    const std::string high(3, '\0');
    return "TZif2" + std::string(15 + 3 * 4, '\0') + high + changes + high + '\1' + high + letters;
  };
  const std::string nothing(7, '\0');
  const std::string change_in_1970(9, '\0');
  const std::string an_hour_ahead{'\0', '\0', '\x0e', '\x10', '\0', '\0'};
  return header(0, 1) + nothing + header(1, 4) + change_in_1970 + an_hour_ahead + "CET" + '\0' +
         "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
}

TEST(TimeZone, GoesOnByTheRuleAtTheEndOfItsFile) {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "/Short", std::ios::binary) << short_zone_file();
  const auto look = [&] {
    ::setenv("TZDIR", folder.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): nothing else runs there
    const std::vector<Window> windows{window(kEveryDay, 3h, 4h, "Short")};
    const bool right = opening_at(windows, utc(2026, 1, 5, 150min)).open &&
                       !opening_at(windows, utc(2026, 7, 6, 150min)).open &&
                       opening_at(windows, utc(2026, 7, 6, 90min)).open;
    std::exit(right ? 0 : 1);  // NOLINT(concurrency-mt-unsafe)
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(look(), testing::ExitedWithCode(0), "");
}

TEST(TimeZone, IsKnownByItsName) {
  EXPECT_TRUE(is_known_time_zone("UTC"));
  EXPECT_TRUE(is_known_time_zone("Europe/Berlin"));
  EXPECT_TRUE(is_known_time_zone("America/Argentina/Buenos_Aires"));
  EXPECT_TRUE(is_known_time_zone("Etc/GMT+5"));
  EXPECT_TRUE(has_time_zones());
}

TEST(TimeZone, IsNoOtherNameNorAFile) {
  for (const char* name : {"", "Europe/Berln", "Europe", "Mars/Base", "/usr/share/zoneinfo/UTC",
                           "../zoneinfo/Europe/Berlin", "libc:localtime", "file:UTC",
                           "Fixed/UTC+01:00:00", "zone.tab", "Europe/Berlin "}) {
    EXPECT_FALSE(is_known_time_zone(name)) << name;
  }
}

TEST(TimeZone, OtherThanUtcIsNotKnownWithoutADatabase) {
  // In a process of its own, since what was found once is remembered.
  const auto look = [] {
    ::setenv("TZDIR", "/nonexistent", 1);  // NOLINT(concurrency-mt-unsafe): nothing else runs there
    const bool right = is_known_time_zone("UTC") && !is_known_time_zone("Europe/Paris") &&
                       !has_time_zones() &&
                       !opening_at({window(kMonday, 2h, 4h)}, utc(2026, 1, 5)).open;
    std::exit(right ? 0 : 1);  // NOLINT(concurrency-mt-unsafe)
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(look(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace evenkeel::windows::schedule_test
