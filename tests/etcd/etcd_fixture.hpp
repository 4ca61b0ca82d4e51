#pragma once
// A test against a real etcd, which all of its suite share; time is in the test's hand, but for
// that of etcd's leases.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "agent/etcd/client.hpp"
#include "tests/etcd/etcd_server.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/loop/jumping_clock.hpp"

namespace evenkeel::tests {

class EtcdTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<EtcdServer>(); }
  static void TearDownTestSuite() { server_.reset(); }

  // The test's name: no other test has keys below it.
  static std::string name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  template <typename T>
  auto run(Awaitable<T> awaitable) {
    return tests::run(io_, std::move(awaitable));
  }
  // As run(), for what has no result.
  void finish(Awaitable<void> awaitable) {
    bool done = false;
    asio::co_spawn(io_, std::move(awaitable), [&done](const std::exception_ptr&) { done = true; });
    io_.restart();
    while (!done && io_.run_one() > 0) {
    }
  }
  void pass(rules::Duration time) {
    clock_.drive(io_, time, [] { return false; });
  }

  static inline std::unique_ptr<EtcdServer> server_;
  asio::io_context io_;
  test::JumpingClock clock_;
  http::Client http_{io_.get_executor()};
  etcd::Client client_{http_, {.endpoints = {server_->url()}}};
};

}  // namespace evenkeel::tests
