#pragma once
// A clock that jumps from one sleeper's time to the next: hours pass in milliseconds.

#include <algorithm>
#include <functional>
#include <list>
#include <utility>

#include "agent/loop/clock.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::test {

class JumpingClock final : public loop::Clock {
 public:
  std::function<void()> before_call;  // of now() and of sleep(); may throw

  [[nodiscard]] rules::TimePoint now() const override {
    if (before_call) before_call();
    return now_;
  }

  [[nodiscard]] Awaitable<void> sleep(rules::Duration duration) override {
    if (before_call) before_call();
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    const auto sleeper = sleepers_.insert(sleepers_.end(), {now_ + duration, &timer});
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_.erase(sleeper);
  }

  // Runs what is ready, then jumps to the next sleeper's time, until `done` or until `limit` has
  // passed.
  template <typename Done>
  bool drive(asio::io_context& io, rules::Duration limit, Done done) {
    const rules::TimePoint end = now_ + limit;
    for (;;) {
      io.restart();
      while (io.poll() > 0) {
      }
      if (done()) return true;
      const auto next =
          std::min_element(sleepers_.begin(), sleepers_.end(),
                           [](const auto& a, const auto& b) { return a.first < b.first; });
      if (next == sleepers_.end() || next->first > end) {
        now_ = std::max(now_, end);
        return false;
      }
      now_ = std::max(now_, next->first);
      next->second->cancel();
    }
  }

 private:
  rules::TimePoint now_{std::chrono::hours{24 * 365 * 50}};
  std::list<std::pair<rules::TimePoint, asio::steady_timer*>> sleepers_;
};

}  // namespace evenkeel::test
