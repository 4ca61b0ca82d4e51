#pragma once
// A mutex for coroutines of one executor: who waits for it keeps no thread waiting.

#include <memory>

#include "agent/util/asio.hpp"

namespace evenkeel {

class AsyncMutex {
 public:
  explicit AsyncMutex(const asio::any_io_executor& executor) : free_(executor) { free_.set(); }
  AsyncMutex(const AsyncMutex&) = delete;
  AsyncMutex& operator=(const AsyncMutex&) = delete;

  struct Release {
    void operator()(Event* free) const { free->set(); }
  };
  // Sets the mutex free at its end; must not outlive it.
  using Lock = std::unique_ptr<Event, Release>;

  [[nodiscard]] Awaitable<Lock> lock() {
    while (!free_.is_set()) co_await free_.wait();
    free_.reset();
    co_return Lock(&free_);
  }

 private:
  Event free_;  // set while nobody has it
};

}  // namespace evenkeel
