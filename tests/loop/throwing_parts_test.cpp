// A part that throws where it should have answered: the agent says so and goes on.

#include <stdexcept>

#include "agent/util/asio.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::test::throwing_parts_test {
namespace {

struct ThrowingPart : AgentTest, testing::WithParamInterface<std::string> {
  ~ThrowingPart() override { stop(); }  // the parts count their calls here

  // From its `first` call on, the part throws so many times.
  void let_it_throw(int first, int times) {
    cluster.before_call = [this, first, times](const std::string& call) {
      if (call != GetParam()) return;
      const int number = ++calls;
      if (number >= first && number < first + times) throw std::out_of_range("1e999");
    };
  }
  int calls = 0;
};

TEST_P(ThrowingPart, ThatThrowsOnceStopsNothing) {
  let_it_throw(1, 1);
  start();
  pass(10min);
  EXPECT_GT(calls, 1);
  EXPECT_LT(ratio(1) - ratio(3), 0.30) << "levelled all the same";
}

TEST_P(ThrowingPart, ThatThrowsForAWhileIsTriedAgain) {
  let_it_throw(1, 5);
  start();
  pass(1h);
  EXPECT_GT(calls, 5) << "asked again and again";
  EXPECT_LT(ratio(1) - ratio(3), 0.30) << "and levelled when it answers again";
  const auto decisions = agent->snapshot()->decisions.size();
  pass(10min);
  EXPECT_GE(agent->snapshot()->decisions.size(), std::min<std::size_t>(decisions + 9, 100));
}

TEST_P(ThrowingPart, ThatAlwaysThrowsLetsTheAgentStop) {
  let_it_throw(1, 1'000'000);
  start();
  pass(10min);
  EXPECT_GT(calls, 1);
  agent->stop();
  EXPECT_TRUE(clock.drive(io, 5s, [this] { return ended; }));
}

INSTANTIATE_TEST_SUITE_P(Calls, ThrowingPart,
                         testing::Values("system_info", "databases", "collections", "replicas",
                                         "segments", "row_bytes", "load_balance", "scrape"));

struct ThrowingClock : AgentTest, testing::WithParamInterface<int> {
  ~ThrowingClock() override { stop(); }  // the clock counts its calls here

  // A schedule that it ended goes on after a moment, which is of the real time.
  void pass_that_moment() {
    io.restart();
    io.run_for(150ms);
  }
  int calls = 0;
};

TEST_P(ThrowingClock, EndsNoSchedule) {
  start();
  clock.before_call = [this] {
    if (++calls == GetParam()) throw std::runtime_error("no time");
  };
  pass(1min);
  EXPECT_GE(calls, GetParam()) << "it was asked so often, and threw";
  pass_that_moment();
  pass(10min);
  EXPECT_FALSE(ended);
  EXPECT_LT(ratio(1) - ratio(3), 0.30) << "levelled all the same";
  EXPECT_EQ(agent->unwell(), "");
}

INSTANTIATE_TEST_SUITE_P(Calls, ThrowingClock,
                         testing::Values(1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 89));

// Whoever listens, too.
TEST_F(AgentTest, AListenerThatThrowsEndsNoSchedule) {
  int published = 0;
  start();
  agent->on_publish([&published](const loop::SnapshotPtr&) {
    if (++published % 5 == 0) throw std::runtime_error("no room");
  });
  for (int i = 0; i < 10; ++i) {
    pass(2min);
    io.restart();
    io.run_for(110ms);
  }
  EXPECT_FALSE(ended);
  EXPECT_LT(ratio(1) - ratio(3), 0.30);
}

// Several at once say more than "multiple exceptions".
TEST(ExceptionWords, AreThoseOfTheFirst) {
  asio::io_context io{1};
  const auto thrower = [](std::string words) -> Awaitable<void> {
    throw std::runtime_error(words);
    co_return;
  };
  std::string said;
  asio::co_spawn(
      io,
      [&]() -> Awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        try {
          co_await (thrower("one") && thrower("two"));
        } catch (...) {
          said = words_of_current_exception();
        }
      },
      asio::detached);
  io.run();
  EXPECT_EQ(said, "one");
}

}  // namespace
}  // namespace evenkeel::test::throwing_parts_test
