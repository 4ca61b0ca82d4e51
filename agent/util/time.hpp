#pragma once
// The loop's time never steps, so that intervals and rests keep their length; the wall clock may be
// set while the process runs. Times shown to others follow the wall clock.

#include <chrono>
#include <string>

namespace evenkeel {

// The readings of both clocks at one moment.
struct Clocks {
  std::chrono::system_clock::time_point system;
  std::chrono::steady_clock::time_point steady;

  [[nodiscard]] static Clocks now() {
    return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
  }
};

// Returns the readings of the first call, where the loop's time begins.
[[nodiscard]] inline const Clocks& clocks_at_start() {
  static const Clocks start = Clocks::now();
  return start;
}

// Returns by how much the wall clock was set in between. Less than a second counts as nothing: a
// time service does that all the time.
[[nodiscard]] inline std::chrono::milliseconds step_between(const Clocks& start,
                                                            const Clocks& now) {
  using std::chrono::milliseconds;
  const auto step = std::chrono::duration_cast<milliseconds>((now.system - start.system) -
                                                             (now.steady - start.steady));
  return std::chrono::abs(step) < std::chrono::seconds{1} ? milliseconds{} : step;
}

// Turns a moment of the loop's time into the wall clock's, as that is set now.
template <typename TimePoint>
[[nodiscard]] TimePoint wall_time(TimePoint moment) {
  return moment + step_between(clocks_at_start(), Clocks::now());
}

// Turns a moment that others read off the wall clock into the loop's time.
template <typename TimePoint>
[[nodiscard]] TimePoint loop_time(TimePoint moment) {
  return moment - step_between(clocks_at_start(), Clocks::now());
}

// Writes a moment of the wall clock as RFC 3339 has it, in UTC and to the millisecond:
// "2023-11-14T22:13:20.007Z".
[[nodiscard]] std::string rfc3339(
    std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds> moment);

}  // namespace evenkeel
