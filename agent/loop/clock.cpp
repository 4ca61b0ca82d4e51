#include "agent/loop/clock.hpp"

namespace evenkeel::loop {

SystemClock::SystemClock()
    : system_start_(std::chrono::system_clock::now()),
      steady_start_(std::chrono::steady_clock::now()) {}

rules::TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<rules::Duration>(
      system_start_ + (std::chrono::steady_clock::now() - steady_start_));
}

Awaitable<void> SystemClock::sleep(rules::Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace evenkeel::loop
