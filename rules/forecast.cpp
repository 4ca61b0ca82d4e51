#include "rules/forecast.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// One sample a minute is kept, so a course has at most 61 of them, and 1,830 slopes.
constexpr Duration kSpacing = std::chrono::minutes{1};
// The normal distribution has 95 % within so many standard deviations.
constexpr double kDeviations = 1.96;

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double slope_between(const Sample& a, const Sample& b) {
  return static_cast<double>(b.used - a.used) / seconds_of(b.at - a.at);
}

// The slopes between samples of one stretch, and what is known of their number.
struct Slopes {
  std::vector<double> values;
  double variance = 0;  // of Kendall's statistic, if there were no trend
  Duration course{};    // all stretches together

  void add_stretch(const std::vector<Sample>& samples) {
    if (samples.size() < 2) return;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      for (std::size_t j = i + 1; j < samples.size(); ++j) {
        values.push_back(slope_between(samples[i], samples[j]));
      }
    }
    const auto n = static_cast<double>(samples.size());
    variance += n * (n - 1) * (2 * n + 5) / 18;
    course += samples.back().at - samples.front().at;
  }
};

double median(std::vector<double>& sorted) {
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// None: there are too few slopes for bounds.
std::optional<Growth> growth_of(Slopes slopes) {
  std::vector<double>& sorted = slopes.values;
  if (sorted.empty()) return std::nullopt;
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<double>(sorted.size());
  const double outside = std::floor((count - kDeviations * std::sqrt(slopes.variance)) / 2);
  if (outside < 1) return std::nullopt;
  const auto skipped = static_cast<std::size_t>(outside) - 1;
  assert(skipped < sorted.size() - skipped);
  return Growth{sorted[skipped], median(sorted), sorted[sorted.size() - 1 - skipped]};
}

// A moment so long after `now` as the growth needs for these bytes; none: beyond the horizon.
std::optional<TimePoint> moment_after(TimePoint now, Bytes bytes, double growth) {
  if (!(growth > 0)) return std::nullopt;
  const double seconds = static_cast<double>(bytes) / growth;
  if (!(seconds <= seconds_of(kForecastHorizon))) return std::nullopt;
  return later(now, std::chrono::round<Duration>(std::chrono::duration<double>(seconds)));
}

}  // namespace

void Courses::observe(NodeId node, const Sample& sample, bool disturbed) {
  Course& course = courses_[node];
  std::vector<Point>& points = course.points;
  if (disturbed) {
    course.broken = true;
    return;
  }
  if (!points.empty() && sample.at < later(points.back().sample.at, kSpacing)) return;
  const std::uint32_t stretch =
      points.empty() ? 0 : points.back().stretch + (course.broken ? 1U : 0U);
  course.broken = false;
  points.push_back({sample, stretch});
  std::erase_if(points,
                [&](const Point& each) { return later(each.sample.at, kCourse) < sample.at; });
  course.growth = measure(points);
}

std::optional<Growth> Courses::growth(NodeId node) const {
  const auto found = courses_.find(node);
  return found == courses_.end() ? std::nullopt : found->second.growth;
}

Duration Courses::undisturbed(NodeId node) const {
  const auto found = courses_.find(node);
  if (found == courses_.end() || found->second.points.empty() || found->second.broken) return {};
  const std::vector<Point>& points = found->second.points;
  const auto first = std::find_if(points.begin(), points.end(), [&](const Point& each) {
    return each.stretch == points.back().stretch;
  });
  return points.back().sample.at - first->sample.at;
}

std::optional<Growth> Courses::measure(const std::vector<Point>& points) {
  const TimePoint newest = points.back().sample.at;
  Slopes all;
  Slopes late;
  for (auto point = points.begin(); point != points.end();) {
    const std::uint32_t stretch = point->stretch;
    std::vector<Sample> samples;
    for (; point != points.end() && point->stretch == stretch; ++point) {
      samples.push_back(point->sample);
    }
    all.add_stretch(samples);
    std::erase_if(samples,
                  [&](const Sample& each) { return later(each.at, kLeastCourse) < newest; });
    late.add_stretch(samples);
  }
  if (all.course < kLeastCourse) return std::nullopt;
  std::optional<Growth> growth = growth_of(std::move(all));
  if (!growth) return std::nullopt;
  if (late.values.empty()) {
    growth->lowest = std::min(growth->lowest, 0.0);
  } else {
    std::sort(late.values.begin(), late.values.end());
    growth->lowest = std::min(growth->lowest, median(late.values));
  }
  return growth;
}

std::optional<Forecast> forecast(Bytes used, Bytes limit, const Growth& growth, TimePoint now) {
  const Bytes left = saturating_subtract(limit, used);
  if (left < 0) return std::nullopt;
  const auto likely = moment_after(now, left, growth.likely);
  const auto earliest = moment_after(now, left, growth.highest);
  if (!likely || !earliest) return std::nullopt;
  return Forecast{*likely, *earliest, moment_after(now, left, growth.lowest)};
}

Bytes sure_growth(const Growth& growth, Duration within) {
  if (!growth.sure() || within <= Duration{0}) return 0;
  return scaled_up(1, growth.likely * seconds_of(within));
}

}  // namespace evenkeel::rules
