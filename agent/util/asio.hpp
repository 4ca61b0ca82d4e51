#pragma once
// The one door to Boost.Asio: heavy, therefore precompiled (target evenkeel_pch), with the
// vocabulary of asynchronous code. An `Awaitable<T>` is a coroutine on the loop's thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace evenkeel {

namespace asio = boost::asio;

template <typename T>
using Awaitable = asio::awaitable<T>;

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

// Returns the words of the exception that is being handled, or of the first if Asio made one of
// several; "an exception without words" if its type is unknown.
[[nodiscard]] inline std::string words_of_current_exception() {
  try {
    throw;
  } catch (const boost::asio::multiple_exceptions& several) {
    try {
      if (const auto first = several.first_exception()) std::rethrow_exception(first);
    } catch (...) {
      return words_of_current_exception();
    }
    return several.what();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without words";
  }
}

}  // namespace evenkeel
