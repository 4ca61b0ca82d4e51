#include "agent/windows/schedule.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>

namespace evenkeel::windows {
namespace {

using rules::TimePoint;

// A window that is longer than this, or farther away, is not told of.
constexpr std::chrono::hours kHorizon{24 * 14};
// The days around today whose windows are looked at. One that began the day before yesterday has
// ended; the next ones begin within the horizon wherever on the earth today is.
constexpr int kDaysBefore = 2;
constexpr int kDaysAfter = 15;

struct Span {
  TimePoint begin;
  TimePoint end;  // not part of it
};

TimePoint moment_of(const absl::CivilSecond& shown, const absl::TimeZone& zone) {
  const auto found = zone.At(shown);
  const bool skipped = found.kind == absl::TimeZone::TimeInfo::SKIPPED;
  const absl::Time time = skipped ? found.trans : found.pre;
  return std::chrono::floor<TimePoint::duration>(absl::ToChronoTime(time));
}

absl::CivilSecond time_of_day(absl::CivilDay day, std::chrono::minutes since_midnight) {
  return absl::CivilSecond(day) + std::chrono::seconds(since_midnight).count();
}

// Adds the spans in which the window is open around `now`.
void add_spans(std::vector<Span>& spans, const Window& window, TimePoint now) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(window.time_zone, &zone)) return;
  const absl::CivilDay today = absl::ToCivilDay(absl::FromChrono(now), zone);
  for (auto day = today - kDaysBefore; day <= today + kDaysAfter; ++day) {
    const auto weekday = static_cast<std::size_t>(absl::GetWeekday(day));
    if (!window.days.test(weekday)) continue;
    const absl::CivilDay last = window.to > window.from ? day : day + 1;
    const Span span{moment_of(time_of_day(day, window.from), zone),
                    moment_of(time_of_day(last, window.to), zone)};
    if (span.begin < span.end) spans.push_back(span);
  }
}

// Makes one of those that overlap or touch; in the order of time.
std::vector<Span> merged(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> result;
  for (const Span& span : spans) {
    if (!result.empty() && span.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, span.end);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

}  // namespace

bool is_known_time_zone(const std::string& name) {
  // The library would also take the name of a file, or of what the C library is set to.
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
  absl::TimeZone zone;
  return plain && !name.empty() && name.front() != '/' && absl::LoadTimeZone(name, &zone);
}

bool has_time_zones() {
  return is_known_time_zone("Europe/London") || is_known_time_zone("America/New_York");
}

Opening opening_at(const std::vector<Window>& windows, TimePoint now) {
  Opening opening;
  if (windows.empty()) return opening;
  opening.open = false;
  std::vector<Span> spans;
  for (const Window& window : windows) add_spans(spans, window, now);
  for (const Span& span : merged(std::move(spans))) {
    if (span.end <= now) continue;
    if (span.begin > now) {
      if (span.begin - now <= kHorizon) opening.next = span.begin;
      break;
    }
    opening.open = true;
    if (span.end - now < kHorizon) opening.until = span.end;
  }
  return opening;
}

}  // namespace evenkeel::windows
