#pragma once
// Questions to a coordinator, whatever its road.

#include <gtest/gtest.h>

#include <utility>

#include "agent/milvus/coordinator.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::milvus {

class Asks {
 protected:
  template <typename T>
  T run(Awaitable<T> awaitable) {
    return tests::run(io_, std::move(awaitable));
  }
  // The failure of a question that must not be answered.
  template <typename T>
  Failure failure_of(Awaitable<Result<T>> awaitable) {
    const auto result = run(std::move(awaitable));
    if (!result) return result.error();
    ADD_FAILURE() << "was answered";
    return {};
  }

  asio::io_context io_;
};

}  // namespace evenkeel::milvus
