#pragma once
// The loop's time never steps, so that intervals and rests stay what they are; the wall clock may
// be set while the process runs. What is shown to others follows the wall clock.

#include <chrono>

namespace evenkeel {

// Both clocks at one moment.
struct Clocks {
  std::chrono::system_clock::time_point system;
  std::chrono::steady_clock::time_point steady;

  [[nodiscard]] static Clocks now() {
    return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
  }
};

// When this process first asked: where the loop's time begins.
[[nodiscard]] inline const Clocks& clocks_at_start() {
  static const Clocks start = Clocks::now();
  return start;
}

// By how much the wall clock was set between the two moments. Less than a second is what a time
// service does all the time, and counts as nothing.
[[nodiscard]] inline std::chrono::milliseconds step_between(const Clocks& start,
                                                            const Clocks& now) {
  using std::chrono::milliseconds;
  const auto step = std::chrono::duration_cast<milliseconds>((now.system - start.system) -
                                                             (now.steady - start.steady));
  return std::chrono::abs(step) < std::chrono::seconds{1} ? milliseconds{} : step;
}

// A moment of the loop's time by the wall clock of now.
template <typename TimePoint>
[[nodiscard]] TimePoint wall_time(TimePoint moment) {
  return moment + step_between(clocks_at_start(), Clocks::now());
}

// The other way: a moment that somebody else read off the wall clock.
template <typename TimePoint>
[[nodiscard]] TimePoint loop_time(TimePoint moment) {
  return moment - step_between(clocks_at_start(), Clocks::now());
}

}  // namespace evenkeel
