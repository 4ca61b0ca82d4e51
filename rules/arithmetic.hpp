#pragma once
// Bytes, durations and times, and arithmetic on them that neither overflows nor yields a NaN,
// whatever the cluster or the policy says: sums saturate at the limits of their type.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

namespace evenkeel::rules {

using Bytes = std::int64_t;
using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr Bytes kMostBytes = std::numeric_limits<Bytes>::max();

[[nodiscard]] constexpr Bytes saturating_add(Bytes a, Bytes b) {
  if (Bytes sum = 0; !__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? kMostBytes : std::numeric_limits<Bytes>::min();
}

[[nodiscard]] constexpr Bytes saturating_subtract(Bytes a, Bytes b) {
  if (Bytes difference = 0; !__builtin_sub_overflow(a, b, &difference)) return difference;
  return a >= 0 ? kMostBytes : std::numeric_limits<Bytes>::min();
}

[[nodiscard]] constexpr Bytes saturating_multiply(Bytes a, Bytes b) {
  if (Bytes product = 0; !__builtin_mul_overflow(a, b, &product)) return product;
  return (a > 0) == (b > 0) ? kMostBytes : std::numeric_limits<Bytes>::min();
}

// bytes × factor, rounded up; not below 0. Too large, or not a number: kMostBytes.
[[nodiscard]] inline Bytes scaled_up(Bytes bytes, double factor) {
  const double product = std::ceil(static_cast<double>(bytes) * factor);
  if (product <= 0) return 0;
  return product < static_cast<double>(kMostBytes) ? static_cast<Bytes>(product) : kMostBytes;
}

// bytes × factor, rounded down; not below 0. Too large: kMostBytes. Not a number: 0.
[[nodiscard]] inline Bytes scaled_down(Bytes bytes, double factor) {
  const double product = std::floor(static_cast<double>(bytes) * factor);
  if (!(product > 0)) return 0;
  return product < static_cast<double>(kMostBytes) ? static_cast<Bytes>(product) : kMostBytes;
}

// used ÷ capacity; 0 where the capacity is not known.
[[nodiscard]] constexpr double ratio_of(Bytes used, Bytes capacity) {
  return capacity > 0 ? static_cast<double>(used) / static_cast<double>(capacity) : 0;
}

[[nodiscard]] constexpr TimePoint later(TimePoint time, Duration duration) {
  return TimePoint(Duration(saturating_add(time.time_since_epoch().count(), duration.count())));
}

}  // namespace evenkeel::rules
