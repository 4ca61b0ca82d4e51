#pragma once
// race waits for the first of two coroutines to end, however it ends, and cancels the other.
//
// Asio's own `a || b` waits for the first that succeeds: an exception of one is lost as long as the
// other runs, and an agent that waits for "the answer || the stop" then waits for ever.

#include <array>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "agent/util/asio.hpp"

namespace evenkeel {

namespace race_detail {

template <typename T>
using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
Awaitable<void> keep(Awaitable<T> work, std::optional<Value<T>>& result) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(work);
    result.emplace();
  } else {
    result.emplace(co_await std::move(work));
  }
}

}  // namespace race_detail

// Returns the result of the first to end, by its place, or throws its exception. The other has
// ended by then, too; its result or exception is dropped.
template <typename A, typename B>
[[nodiscard]] Awaitable<std::variant<race_detail::Value<A>, race_detail::Value<B>>> race(
    Awaitable<A> a, Awaitable<B> b) {
  using Result = std::variant<race_detail::Value<A>, race_detail::Value<B>>;
  const auto executor = co_await asio::this_coro::executor;
  std::optional<race_detail::Value<A>> of_a;
  std::optional<race_detail::Value<B>> of_b;
  auto both = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, race_detail::keep(std::move(a), of_a), asio::deferred),
      asio::co_spawn(executor, race_detail::keep(std::move(b), of_b), asio::deferred));
  const std::tuple<std::array<std::size_t, 2>, std::exception_ptr, std::exception_ptr> ended =
      co_await both.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool a_first = std::get<0>(ended).front() == 0;
  const std::exception_ptr& error = a_first ? std::get<1>(ended) : std::get<2>(ended);
  if (error) std::rethrow_exception(error);
  if (a_first) co_return Result(std::in_place_index<0>, *std::move(of_a));
  co_return Result(std::in_place_index<1>, *std::move(of_b));
}

}  // namespace evenkeel
