#pragma once
// How long something rests that goes wrong again and again: it rests four times as long each time,
// so that every dispute ends, and is forgotten some rests later.

#include <algorithm>

#include "rules/arithmetic.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::rules {

// The rest after `times` in a row, of which the first is followed by `first`.
[[nodiscard]] inline Duration rest_after(int times, Duration first) {
  constexpr int kMostTimes = 6;
  constexpr std::int64_t kLongerEachTime = 4;
  std::int64_t rest = first.count();
  for (int i = 1; i < std::min(times, kMostTimes); ++i) {
    rest = saturating_multiply(rest, kLongerEachTime);
  }
  return Duration{rest};
}

// How long it is remembered after that rest has begun.
[[nodiscard]] inline Duration remembered(Duration rest) {
  constexpr std::int64_t kRestsRemembered = 4;
  return Duration{saturating_multiply(rest.count(), kRestsRemembered)};
}

}  // namespace evenkeel::rules
