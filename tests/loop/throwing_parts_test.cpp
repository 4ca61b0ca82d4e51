// A part that throws where it should have answered: the agent says so and goes on.

#include <stdexcept>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::test {
namespace {

struct ThrowingPart : AgentTest, testing::WithParamInterface<std::string> {
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

}  // namespace
}  // namespace evenkeel::test
