#include "agent/util/race.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>

#include "agent/util/asio.hpp"

namespace evenkeel::race_test {
namespace {

using namespace std::chrono_literals;

Awaitable<int> after(std::chrono::milliseconds time, int value) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
  co_return value;
}

Awaitable<void> throws_after(std::chrono::milliseconds time) {
  co_await after(time, 0);
  throw std::runtime_error("boom");
}

Awaitable<void> throws_at_once() {
  throw std::runtime_error("at once");
  co_return;
}

// Throws when it is cancelled, something else than Asio's own.
Awaitable<void> throws_when_cancelled() {
  try {
    co_await after(10min, 0);
  } catch (const boost::system::system_error&) {
    throw std::runtime_error("too late");
  }
}

// What ended it: "0", "1", or the exception's words.
std::string end_of(const std::function<Awaitable<std::size_t>()>& body) {
  asio::io_context io{1};
  std::string end = "it never ended";
  asio::co_spawn(io, body, [&](const std::exception_ptr& error, std::size_t index) {
    try {
      if (error) std::rethrow_exception(error);
      end = std::to_string(index);
    } catch (const std::exception& thrown) {
      end = thrown.what();
    }
  });
  io.run_for(5s);
  return end;
}

TEST(Race, FirstToEndWins) {
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              const auto ended = co_await race(after(1ms, 7), after(10min, 8));
              EXPECT_EQ(std::get<0>(ended), 7);
              co_return ended.index();
            }),
            "0");
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              const auto ended = co_await race(after(10min, 7), after(1ms, 8));
              EXPECT_EQ(std::get<1>(ended), 8);
              co_return ended.index();
            }),
            "1");
}

// Asio's own operator waits for the ten minutes.
TEST(Race, ExceptionOfEitherIsPassedOn) {
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              co_return (co_await race(throws_after(1ms), after(10min, 1))).index();
            }),
            "boom");
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              co_return (co_await race(after(10min, 1), throws_after(1ms))).index();
            }),
            "boom");
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              co_return (co_await race(throws_at_once(), after(10min, 1))).index();
            }),
            "at once");
}

TEST(Race, WhatTheLoserThrowsIsDropped) {
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              co_return (co_await race(after(1ms, 1), throws_when_cancelled())).index();
            }),
            "0");
}

TEST(Race, ARaceWithinARace) {
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              co_return (co_await race(after(10min, 1), race(throws_after(1ms), after(10min, 1))))
                  .index();
            }),
            "boom");
}

// Who waits for a race may be cancelled itself: both ends of it are, then.
TEST(Race, CancellationReachesBoth) {
  EXPECT_EQ(end_of([]() -> Awaitable<std::size_t> {
              const auto inner = []() -> Awaitable<void> {
                co_await race(after(10min, 1), after(10min, 2));
              };
              co_return (co_await race(inner(), after(1ms, 1))).index();
            }),
            "1");
}

// `||` between awaitables loses exceptions, so none may come back.
TEST(Race, NobodyUsesAsiosOperatorInstead) {
  const std::regex operator_between_awaits(R"(co_await\s*\([^;]*\|\|)");
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(EVENKEEL_SOURCE_DIR "/agent")) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    if (entry.path().filename() == "race.hpp") continue;  // it speaks of it
    ++files;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_FALSE(std::regex_search(text, operator_between_awaits)) << entry.path();
  }
  EXPECT_GT(files, 200);
}

}  // namespace
}  // namespace evenkeel::race_test
