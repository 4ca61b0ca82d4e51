// What the agent counts of its own work.

#include <gtest/gtest.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::NodeId;

class CountersTest : public AgentTest {
 protected:
  [[nodiscard]] const Totals& totals() const { return agent->snapshot()->totals; }
  [[nodiscard]] std::uint64_t started() const {
    const auto found = totals().started.find(rules::Urgency::difference);
    return found == totals().started.end() ? 0 : found->second.moves;
  }
};

TEST_F(CountersTest, PlannedStartedAndEndedMovesByWhy) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  const auto& planned = totals().planned.at(rules::Urgency::difference);
  EXPECT_GE(planned.moves, started());
  EXPECT_GT(planned.bytes, 0);
  const auto succeeded = totals().moves.at({rules::Urgency::difference, MoveResult::succeeded});
  EXPECT_EQ(succeeded.moves, started());
  EXPECT_EQ(succeeded.bytes, totals().started.at(rules::Urgency::difference).bytes);
  EXPECT_FALSE(totals().planned.contains(rules::Urgency::overload));
}

TEST_F(CountersTest, AMoveThatSomebodyElseReversesIsCountedOnce) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(totals().undone.moves, 0U);
  cluster.placed[cluster.calls.front().segments.front()].first = NodeId{1};
  pass(2min);
  EXPECT_EQ(totals().undone.moves, 1U);
  EXPECT_GT(totals().undone.bytes, 0);
  pass(10min);
  EXPECT_EQ(totals().undone.moves, 1U);
}

TEST_F(CountersTest, OurOwnMovesUndoNothing) {
  start();
  pass(1h);
  EXPECT_GT(started(), 1U);
  EXPECT_EQ(totals().undone.moves, 0U);
}

TEST_F(CountersTest, TheLastMoveIsRememberedHoweverManyDecisionsFollow) {
  start();
  pass(3min);
  const auto moved = agent->snapshot()->last_move;
  EXPECT_GT(moved, agent->snapshot()->started);
  pass(3h);
  ASSERT_TRUE(last().moves.empty());
  ASSERT_EQ(agent->snapshot()->decisions.size(), 100U);
  ASSERT_TRUE(agent->snapshot()->decisions.back()->moves.empty()) << "no kept one moved anything";
  EXPECT_EQ(agent->snapshot()->last_move, moved);
}

TEST_F(CountersTest, AStartCountsAsALoadOfTheConfiguration) {
  start();
  pass(1min);
  EXPECT_EQ(agent->snapshot()->last_reload, agent->snapshot()->started);
  EXPECT_TRUE(agent->snapshot()->last_reload_ok);
  EXPECT_EQ(totals().reloads, 0U);
}

TEST_F(CountersTest, StagesThatRan) {
  settings.balance.auto_balance = false;
  start();
  pass(5min);
  const auto& stages = totals().stages;
  EXPECT_GE(stages.at(Stage::plan).times, 4U);
  EXPECT_EQ(stages.at(Stage::admit).times, stages.at(Stage::plan).times);
  EXPECT_GT(stages.at(Stage::observe).times, stages.at(Stage::plan).times);
  EXPECT_GT(stages.at(Stage::judge).times, stages.at(Stage::observe).times);
  EXPECT_FALSE(stages.contains(Stage::act)) << "nothing was sent";
}

// Also those that a move needs, which no observation makes.
TEST_F(CountersTest, EveryCallToTheCoordinator) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(totals().coordinator_calls, cluster.asked);
  EXPECT_EQ(totals().coordinator_failures.at("transport"), 0U) << "a series from the start on";
}

TEST_F(CountersTest, TheUsualFailuresOfATargetFromTheFirstScrapeOn) {
  start();
  pass(1min);
  for (const auto& target : settings.scrape.targets) {
    EXPECT_EQ(totals().scrape_failures.at({target, "timeout"}), 0U);
  }
}

}  // namespace
}  // namespace evenkeel::loop
