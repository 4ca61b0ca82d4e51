#pragma once
// Work for another thread, awaited here.

#include <boost/asio/executor_work_guard.hpp>
#include <exception>
#include <utility>

#include "agent/util/asio.hpp"

namespace evenkeel::web {

// What `work` returns on a thread of `executor`, or throws. Asio's co_spawn sends the end of its
// coroutine through the queue of `executor` once more: where many wait there, each has its result
// only when all before and behind it have been worked off, and all results are kept until then.
template <typename Result, typename Work>
Awaitable<Result> run_on(asio::any_io_executor executor, Work work) {
  auto start = [executor = std::move(executor)](auto handler, Work its_work) {
    auto here = asio::get_associated_executor(handler);
    auto run = [handler = std::move(handler), work = std::move(its_work),
                stays = asio::make_work_guard(here), here]() mutable {
      std::exception_ptr thrown;
      Result result{};
      try {
        result = work();
      } catch (...) {
        thrown = std::current_exception();
      }
      asio::post(here, [handler = std::move(handler), stays = std::move(stays), thrown,
                        result = std::move(result)]() mutable {
        std::move(handler)(thrown, std::move(result));
      });
    };
    asio::post(executor, std::move(run));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
      std::move(start), asio::use_awaitable, std::move(work));
}

}  // namespace evenkeel::web
