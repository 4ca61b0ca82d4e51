// Readers of the keys of [[windows]].

#include <algorithm>
#include <array>

#include "agent/settings/readers.hpp"
#include "agent/settings/suggest.hpp"
#include "agent/settings/units.hpp"
#include "agent/windows/schedule.hpp"

namespace evenkeel::settings {
namespace {

using std::chrono::minutes;

// In the order of windows::Days.
const std::vector<std::string> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<std::size_t> day_of(const std::string& name) {
  const auto found = std::find(kDays.begin(), kDays.end(), name);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

// Reads "sat" or "fri-mon".
std::optional<windows::Days> parse_days(const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto first = day_of(text.substr(0, dash));
  const auto last = dash == std::string::npos ? first : day_of(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  windows::Days days;
  for (std::size_t day = *first;; day = (day + 1) % days.size()) {
    days.set(day);
    if (day == *last) return days;
  }
}

std::string text_of(minutes time) {
  const auto digits = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return digits(time.count() / 60) + ':' + digits(time.count() % 60);
}

// Reads "HH:MM", up to "24:00".
std::optional<minutes> parse_time_of_day(const std::string& text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  std::array<int, 4> digits{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = text[i < 2 ? i : i + 1];
    if (c < '0' || c > '9') return std::nullopt;
    digits.at(i) = c - '0';
  }
  const int hour = digits[0] * 10 + digits[1];
  const int minute = digits[2] * 10 + digits[3];
  if (minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return minutes{hour * 60 + minute};
}

}  // namespace

std::optional<windows::Days> read_days(const Value& value, Problems& problems) {
  const auto* elements = std::get_if<Value::List>(&value.data);
  if (elements == nullptr) {
    problems.push_back({value.at, "expected a list of days such as [\"mon-fri\", \"sun\"], got " +
                                      describe(value)});
    return std::nullopt;
  }
  if (elements->empty()) {
    problems.push_back({value.at,
                        "a window without days never opens: name some, or leave the key "
                        "out for every day"});
    return std::nullopt;
  }
  const std::size_t before = problems.size();
  windows::Days days;
  for (const Value& element : *elements) {
    const auto* text = std::get_if<std::string>(&element.data);
    const auto parsed = text == nullptr ? std::nullopt : parse_days(*text);
    if (!parsed) {
      problems.push_back({element.at, "expected a day (" + join(kDays, ", ") +
                                          ") or a range such as \"mon-fri\", got " +
                                          describe(element)});
    } else if ((days & *parsed).any()) {
      problems.push_back({element.at, '"' + *text + "\" names a day that stands here already"});
    } else {
      days |= *parsed;
    }
  }
  return problems.size() == before ? std::optional(days) : std::nullopt;
}

std::optional<minutes> read_time_of_day(const Value& value, const Range<minutes>& range,
                                        Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  const auto time = text == nullptr ? std::nullopt : parse_time_of_day(*text);
  if (!time) {
    problems.push_back(
        {value.at, "expected a time of day such as \"22:30\", in quotes, got " + describe(value)});
    return std::nullopt;
  }
  if (*time < range.lowest || *time > range.highest) {
    problems.push_back({value.at, "must be between " + text_of(range.lowest) + " and " +
                                      text_of(range.highest) + ", got " + text_of(*time)});
    return std::nullopt;
  }
  return time;
}

std::optional<std::string> read_time_zone(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    problems.push_back(
        {value.at, "expected a time zone such as \"Europe/Berlin\", got " + describe(value)});
    return std::nullopt;
  }
  if (windows::is_known_time_zone(*text)) return *text;
  problems.push_back(
      {value.at, windows::has_time_zones()
                     ? "this machine knows no time zone \"" + printable(*text) +
                           "\"; names are as in /usr/share/zoneinfo, such as \"Europe/Berlin\""
                     : "this machine knows no time zone but \"UTC\", so not \"" + printable(*text) +
                           "\": install its package tzdata"});
  return std::nullopt;
}

}  // namespace evenkeel::settings
