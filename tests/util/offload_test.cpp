#include "agent/util/offload.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <future>
#include <stdexcept>
#include <thread>

namespace evenkeel::offload_test {
namespace {

class Offload : public testing::Test {
 protected:
  asio::io_context io_{1};
  asio::thread_pool pool_{1};
};

TEST_F(Offload, GivesWhatTheWorkReturnsToTheLoopsThread) {
  std::thread::id worker;
  std::thread::id after;
  std::string got;
  const auto body = [&]() -> Awaitable<void> {
    auto work = [&worker, text = std::make_unique<std::string>("done")]() mutable {
      worker = std::this_thread::get_id();
      return std::move(text);
    };
    const auto result = co_await offload(pool_, work);
    after = std::this_thread::get_id();
    got = **result;
  };
  asio::co_spawn(io_, body(), asio::detached);
  io_.run();
  EXPECT_EQ(got, "done");
  EXPECT_EQ(after, std::this_thread::get_id());
  EXPECT_NE(worker, after);
}

TEST_F(Offload, LetsTheLoopGoOn) {
  std::promise<void> looped;
  bool seen = false;
  const auto body = [&]() -> Awaitable<void> {
    auto work = [&looped] {
      return looped.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    };
    const auto result = co_await offload(pool_, work);
    seen = *result;
  };
  asio::co_spawn(io_, body(), asio::detached);
  asio::post(io_, [&] { looped.set_value(); });
  io_.run();
  EXPECT_TRUE(seen);
}

TEST_F(Offload, ThrowsWhatTheWorkThrows) {
  std::string said;
  const auto body = [&]() -> Awaitable<void> {
    try {
      auto work = []() -> int { throw std::runtime_error("no memory"); };
      (void)co_await offload(pool_, work);
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
  };
  asio::co_spawn(io_, body(), asio::detached);
  io_.run();
  EXPECT_EQ(said, "no memory");
}

TEST_F(Offload, DoesNotBeginWhatWasCancelledBefore) {
  std::promise<void> go;
  asio::post(pool_, [&go] { go.get_future().wait(); });
  asio::cancellation_signal signal;
  bool begun = false;
  std::optional<bool> had_result;
  const auto body = [&]() -> Awaitable<void> {
    auto work = [&begun] { return begun = true; };
    const auto result = co_await offload(pool_, work);
    had_result = result.has_value();
  };
  asio::co_spawn(io_, body(), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  io_.poll();
  signal.emit(asio::cancellation_type::terminal);
  io_.poll();  // where co_spawn hands it on
  go.set_value();
  io_.run();
  EXPECT_EQ(had_result, false);
  EXPECT_FALSE(begun);
}

TEST_F(Offload, EndsWhatWasCancelledWhileItRan) {
  std::promise<void> begun;
  std::promise<void> go;
  asio::cancellation_signal signal;
  std::optional<int> got;
  const auto body = [&]() -> Awaitable<void> {
    auto work = [&] {
      begun.set_value();
      go.get_future().wait();
      return 7;
    };
    got = co_await offload(pool_, work);
  };
  asio::co_spawn(io_, body(), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  io_.poll();
  begun.get_future().wait();
  signal.emit(asio::cancellation_type::terminal);
  go.set_value();
  io_.run();
  EXPECT_EQ(got, 7);
}

// As at the end of a program that was cut off: the pool goes, then the loop with what waits on it.
TEST(OffloadEnd, PoolAndLoopMayGoWithWorkUnderWay) {
  const auto alive = std::make_shared<int>(0);
  std::promise<void> begun;
  std::promise<void> go;
  {
    asio::io_context io{1};
    asio::thread_pool pool{1};
    const auto body = [&, alive]() -> Awaitable<void> {
      auto work = [&begun, &go, alive] {
        begun.set_value();
        go.get_future().wait();
        return alive;
      };
      (void)co_await offload(pool, work);
      ADD_FAILURE() << "the loop went on";
    };
    asio::co_spawn(io, body(), asio::detached);
    io.poll();
    begun.get_future().wait();
    go.set_value();
  }
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace evenkeel::offload_test
