#include "rules/segment_history.hpp"

#include "rules/arithmetic.hpp"
#include "rules/rests.hpp"

namespace evenkeel::rules {

Duration cooldown(const SegmentHistory& history, const Policy& policy) {
  return rest_after(history.moves, policy.segment_cooldown);
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
  return !lasts(history.last_moved, remembered(cooldown(history, policy))) &&
         history.resting_until <= now && !lasts(history.last_failed, policy.failure_rest);
}

}  // namespace evenkeel::rules
