#pragma once
// offload runs work that takes long on a pool's thread instead of the loop's.

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

// Returns the result of `work`, or none if the coroutine was cancelled before it began; throws what
// `work` throws. Work that has begun is waited for. The pool must go before the coroutine's loop.
// `work` is moved from, and has a name, since GCC 12 destroys the captures of an unnamed closure
// twice in co_await.
//
// co_spawn onto the pool will not do: in Boost 1.81 a cancellation from another thread reaches for
// a signal that may be gone.
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
    // Tracked work keeps the loop from ending first.
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
