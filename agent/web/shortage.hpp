#pragma once
// When to say that the system is short of something: once, however often it is met, and again only
// after a while without it.

#include <chrono>
#include <optional>

namespace evenkeel::web {

class Shortage {
 public:
  using Clock = std::chrono::steady_clock;

  // It was met; true: it is to be said.
  [[nodiscard]] bool met(Clock::time_point now) {
    const bool is_new = !last_ || now - *last_ >= kQuiet;
    last_ = now;
    return is_new;
  }

 private:
  static constexpr std::chrono::minutes kQuiet{1};

  std::optional<Clock::time_point> last_;
};

}  // namespace evenkeel::web
