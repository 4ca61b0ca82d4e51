#pragma once
// offload: work that takes long, on a pool's thread instead of the loop's.

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "agent/util/asio.hpp"

namespace evenkeel {

// What `work` returns, or none where the coroutine was cancelled before the work began; what it
// throws is thrown here. Work that has begun is waited for. The pool must go before the coroutine's
// loop does. `work` is moved from: it has a name, since GCC 12 destroys twice what a closure
// without one holds within co_await.
//
// Not co_spawn onto the pool: in Boost 1.81 a cancellation that comes from another thread reaches
// for a signal that may be gone.
template <typename Work>
[[nodiscard]] Awaitable<std::optional<std::invoke_result_t<Work&>>> offload(asio::thread_pool& pool,
                                                                            Work& work) {
  using Result = std::optional<std::invoke_result_t<Work&>>;
  auto start = [&pool, work = std::move(work)](auto handler) mutable {
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([cancelled](asio::cancellation_type) { *cancelled = true; });
    }
    // So that the loop does not end before the work.
    auto loop = asio::prefer(asio::get_associated_executor(handler),
                             asio::execution::outstanding_work.tracked);
    asio::post(pool, [cancelled, slot, loop = std::move(loop), work = std::move(work),
                      handler = std::move(handler)]() mutable {
      Result result;
      std::exception_ptr thrown;
      try {
        if (!*cancelled) result.emplace(work());
      } catch (...) {
        thrown = std::current_exception();
      }
      asio::post(
          loop, [slot, thrown, result = std::move(result), handler = std::move(handler)]() mutable {
            if (slot.is_connected()) slot.clear();
            std::move(handler)(thrown, std::move(result));
          });
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
      std::move(start), asio::use_awaitable);
}

}  // namespace evenkeel
