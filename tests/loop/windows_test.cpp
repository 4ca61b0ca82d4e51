// The agent and its maintenance windows.

#include <gmock/gmock.h>

#include "agent/loop/decision.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::windows_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::NodeId;
using test::SegmentId;
using testing::HasSubstr;
using testing::IsEmpty;

// The test's clock begins at midnight, on a Friday, 2019-12-20. The window opens an hour later.
struct WindowsTest : AgentTest {
  WindowsTest() {
    settings.balance.interval = 1min;
    settings.scrape.interval = 5s;
    settings.windows = {{.from = 1h, .to = 2h}};
  }
  // Leaves node 1 overloaded.
  void shrink() { cluster.nodes[NodeId{1}].capacity = 640 * test::kMiB; }
};

TEST_F(WindowsTest, LevellingWaitsForTheNextOne) {
  start();
  pass(59min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("only overload is relieved; the next window opens at "
                                      "2019-12-20 01:00 UTC"));
  const auto closed = agent->snapshot();
  EXPECT_TRUE(closed->maintenance.has_windows);
  EXPECT_FALSE(closed->maintenance.opening.open);
  EXPECT_TRUE(closed->acting());
  pass(3min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_TRUE(agent->snapshot()->maintenance.opening.open);
}

TEST_F(WindowsTest, OverloadIsRelievedAllTheSame) {
  shrink();
  start();
  pass(5min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_LT(ratio(1), 0.9);
}

TEST_F(WindowsTest, NothingAtAllIsMovedIfToldSo) {
  settings.balance.outside_windows = "nothing";
  shrink();
  start();
  pass(59min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("outside of maintenance windows nothing is moved"));
  EXPECT_FALSE(agent->snapshot()->acting());
  pass(3min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_TRUE(agent->snapshot()->acting());
}

TEST_F(WindowsTest, ARoundThatIsAskedForWaitsToo) {
  start();
  pass(20s);
  RoundRequest request;
  request.by = "ann";
  ASSERT_TRUE(agent->ask(std::move(request)));
  pass(10s);
  EXPECT_EQ(last().requested_by, "ann");
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(WindowsTest, ATransferDoesNotWait) {
  settings.balance.outside_windows = "nothing";
  start();
  pass(20s);
  TransferRequest request;
  request.transfer.source = NodeId{1};
  request.transfer.destinations = {NodeId{2}};
  request.transfer.segments = {SegmentId{11}};
  ASSERT_TRUE(agent->ask(std::move(request)));
  pass(10s);
  EXPECT_EQ(last().outcome, Outcome::moved) << last().words;
}

TEST_F(WindowsTest, OneThatClosesEndsTheRoundAfterTheCallUnderWay) {
  settings.balance.policy.max_segments_per_call = 1;
  settings.windows = {{.from = 0min, .to = 1min}};
  settings.balance.interval = 50s;
  cluster.move_time = 15s;
  start();
  pass(5min);
  EXPECT_EQ(cluster.calls.size(), 1U);
  EXPECT_THAT(agent->snapshot()->decisions.back()->words,
              HasSubstr("then stopped: outside of maintenance windows only overload is relieved; "
                        "the next window opens at 2019-12-21 00:00 UTC"));
}

TEST_F(WindowsTest, AReloadTakesUpOthers) {
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  settings.windows.clear();
  agent->reload(settings);
  EXPECT_FALSE(agent->snapshot()->maintenance.has_windows);
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
}

}  // namespace
}  // namespace evenkeel::loop::windows_test
