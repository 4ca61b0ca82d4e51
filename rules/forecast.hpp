#pragma once
// Forecast: when a node's memory will pass its threshold if it goes on as in the last hour, and how
// sure that is. Pure; the ledger keeps the memory's course.
//
// The growth is the median of the slopes between any two samples (Theil and Sen), so that a few
// peaks decide nothing. Its bounds are by Kendall's statistic: were the samples' errors
// independent, the true slope would lie between them in 95 of 100 cases. A move of ours changes a
// node's memory at once: samples are not taken while it may still rise or fall, and no slope is
// measured from before it to after it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// How fast a node's memory grows, in bytes a second; negative: it falls.
struct Growth {
  double lowest = 0;  // not above the median of the last kLeastCourse: what has ended is not sure
  double likely = 0;
  double highest = 0;

  [[nodiscard]] bool sure() const { return lowest > 0; }
};

// When a node's memory passes its threshold.
struct Forecast {
  TimePoint likely{};
  TimePoint earliest{};
  std::optional<TimePoint> latest;  // none: perhaps not within kForecastHorizon

  [[nodiscard]] bool sure() const { return latest.has_value(); }
};

// The course of memory that is looked at, and the least of it from which anything is forecast.
inline constexpr Duration kCourse = std::chrono::hours{1};
inline constexpr Duration kLeastCourse = std::chrono::minutes{15};
// An hour tells nothing of what comes later than this.
inline constexpr Duration kForecastHorizon = std::chrono::hours{24};

// The course of each node's memory over the last hour, by one sample a minute.
class Courses {
 public:
  // Takes the node's newest sample. `disturbed`: a move of ours may still be changing its memory.
  void observe(NodeId node, const Sample& sample, bool disturbed);
  // Forgets all nodes but these.
  template <typename Named>
  void keep(const Named& named) {
    std::erase_if(courses_, [&](const auto& entry) { return !named.contains(entry.first); });
  }

  // None: there is too little of its course.
  [[nodiscard]] std::optional<Growth> growth(NodeId node) const;
  // For how long no move of ours has disturbed it, as far as its course tells.
  [[nodiscard]] Duration undisturbed(NodeId node) const;

 private:
  // A sample, and how many moves of ours it comes after: slopes are measured within one stretch.
  struct Point {
    Sample sample;
    std::uint32_t stretch = 0;
  };
  struct Course {
    std::vector<Point> points;     // oldest first
    bool broken = false;           // a new stretch begins with the next point
    std::optional<Growth> growth;  // measured when the newest point came
  };

  [[nodiscard]] static std::optional<Growth> measure(const std::vector<Point>& points);

  std::map<NodeId, Course> courses_;
};

// When memory of now this many bytes passes the limit by this growth. None: it is above the limit,
// or does not pass it within kForecastHorizon.
[[nodiscard]] std::optional<Forecast> forecast(Bytes used, Bytes limit, const Growth& growth,
                                               TimePoint now);

// Bytes by which memory surely grows within this time, as is likely; 0: it is not sure to grow.
[[nodiscard]] Bytes sure_growth(const Growth& growth, Duration within);

}  // namespace evenkeel::rules
