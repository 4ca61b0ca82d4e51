#pragma once
// Questions whose answer is a value or a failure: a test asks them one after the other.

#include <gtest/gtest.h>

#include <utility>

#include "tests/http/scripted_server.hpp"

namespace evenkeel::tests {

class Asks {
 protected:
  template <typename T>
  T run(Awaitable<T> awaitable) {
    return evenkeel::tests::run(io_, std::move(awaitable));
  }
  // The failure of a question that must not be answered.
  template <typename T, typename Failure>
  Failure failure_of(Awaitable<tl::expected<T, Failure>> awaitable) {
    const auto result = run(std::move(awaitable));
    if (!result) return result.error();
    ADD_FAILURE() << "was answered";
    return {};
  }

  asio::io_context io_;
};

}  // namespace evenkeel::tests
