#include "rules/segment_history.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

constexpr std::int64_t kLongerEachTime = 4;
constexpr std::int64_t kRestsRemembered = 4;

}  // namespace

Duration cooldown(const SegmentHistory& history, const Policy& policy) {
  constexpr int kMostMoves = 6;
  std::int64_t rest = policy.segment_cooldown.count();
  for (int i = 1; i < std::min(history.moves, kMostMoves); ++i) {
    rest = saturating_multiply(rest, kLongerEachTime);
  }
  return Duration{rest};
}

bool cools_down(const SegmentHistory& history, const Policy& policy, TimePoint now) {
  return history.last_moved > TimePoint{} &&
         later(history.last_moved, cooldown(history, policy)) > now;
}

bool forgettable(const SegmentHistory& history, const Policy& policy, TimePoint now) {
  const auto lasts = [now](TimePoint since, Duration duration) {
    return since > TimePoint{} && later(since, duration) > now;
  };
  // The history outlives the cool-down, since the next move may follow upon this one.
  const Duration remembered{
      saturating_multiply(cooldown(history, policy).count(), kRestsRemembered)};
  return !lasts(history.last_moved, remembered) && history.resting_until <= now &&
         !lasts(history.last_failed, policy.failure_rest);
}

}  // namespace evenkeel::rules
