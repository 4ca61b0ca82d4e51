#include "agent/loop/clock.hpp"

#include "agent/util/time.hpp"

namespace evenkeel::loop {

rules::TimePoint SystemClock::now() const {
  const Clocks& start = clocks_at_start();
  return std::chrono::time_point_cast<rules::Duration>(
      start.system + (std::chrono::steady_clock::now() - start.steady));
}

Awaitable<void> SystemClock::sleep(rules::Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace evenkeel::loop
