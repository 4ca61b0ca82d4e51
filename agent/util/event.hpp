#pragma once

#include "agent/util/asio.hpp"

namespace evenkeel {

// A flag that coroutines of one executor can wait for; once set it stays set until reset().
class Event {
 public:
  explicit Event(const asio::any_io_executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  void set() {
    set_ = true;
    timer_.cancel();
  }
  void reset() { set_ = false; }
  [[nodiscard]] bool is_set() const { return set_; }

  // Returns when set, or when the waiting coroutine is cancelled.
  [[nodiscard]] Awaitable<void> wait() {
    if (!set_) co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer timer_;  // never expires: cancelling it wakes every waiter
  bool set_ = false;
};

}  // namespace evenkeel
