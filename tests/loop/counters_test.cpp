// What the agent counts of its own work.

#include <gtest/gtest.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::counters_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::NodeId;

class CountersTest : public AgentTest {
 protected:
  const tests::Labelled difference_{{"urgency", "difference"}};

  [[nodiscard]] std::uint64_t started() const {
    return count("evenkeel_moves_started_total", difference_);
  }
  [[nodiscard]] std::uint64_t undone() const { return count("evenkeel_moves_undone_total"); }
  [[nodiscard]] std::uint64_t ran(const char* stage) const {
    return count("evenkeel_round_stage_duration_seconds", {{"stage", stage}});
  }
};

TEST_F(CountersTest, PlannedStartedAndEndedMovesByWhy) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_GE(count("evenkeel_moves_planned_total", difference_), started());
  EXPECT_GT(count("evenkeel_planned_bytes_total", difference_), 0U);
  const tests::Labelled succeeded{{"urgency", "difference"}, {"result", "succeeded"}};
  EXPECT_EQ(count("evenkeel_moves_total", succeeded), started());
  EXPECT_EQ(count("evenkeel_moved_bytes_total", succeeded),
            count("evenkeel_started_bytes_total", difference_));
  EXPECT_EQ(count("evenkeel_moves_planned_total", {{"urgency", "overload"}}), 0U);
  EXPECT_EQ(count("evenkeel_move_duration_seconds", {{"result", "succeeded"}}), started());
}

TEST_F(CountersTest, AMoveThatSomebodyElseReversesIsCountedOnce) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(undone(), 0U);
  cluster.placed[cluster.calls.front().segments.front()].first = NodeId{1};
  pass(2min);
  EXPECT_EQ(undone(), 1U);
  EXPECT_GT(count("evenkeel_undone_bytes_total"), 0U);
  pass(10min);
  EXPECT_EQ(undone(), 1U);
}

TEST_F(CountersTest, OurOwnMovesUndoNothing) {
  start();
  pass(1h);
  EXPECT_GT(started(), 1U);
  EXPECT_EQ(undone(), 0U);
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
  EXPECT_EQ(count("evenkeel_config_reloads_total"), 0U);
}

TEST_F(CountersTest, StagesThatRan) {
  settings.balance.auto_balance = false;
  start();
  pass(5min);
  EXPECT_GE(ran("plan"), 4U);
  EXPECT_EQ(ran("admit"), ran("plan"));
  EXPECT_GT(ran("observe"), ran("plan"));
  EXPECT_GT(ran("judge"), ran("observe"));
  EXPECT_EQ(ran("act"), 0U) << "nothing was sent";
}

// Also those that a move needs, which no observation makes.
TEST_F(CountersTest, EveryCallToTheCoordinator) {
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(count("evenkeel_coordinator_calls_total"), cluster.asked);
  const auto failures = tests::series_of(
      *agent->instruments(), "evenkeel_coordinator_failures_total", {{"kind", "transport"}});
  ASSERT_EQ(failures.size(), 1U) << "a series from the start on";
  EXPECT_EQ(failures.front().counter.value, 0);
}

TEST_F(CountersTest, TheUsualFailuresOfATargetFromTheFirstScrapeOn) {
  start();
  pass(1min);
  for (const auto& target : settings.scrape.targets) {
    const auto failures = tests::series_of(*agent->instruments(), "evenkeel_scrape_failures_total",
                                           {{"target", target}, {"kind", "timeout"}});
    ASSERT_EQ(failures.size(), 1U) << target;
    EXPECT_EQ(failures.front().counter.value, 0);
  }
}

}  // namespace
}  // namespace evenkeel::loop::counters_test
