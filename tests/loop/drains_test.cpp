// A drain of a node by a running agent: it empties the node, and remembers over a restart.

#include <gmock/gmock.h>

#include "tests/loop/agent_fixture.hpp"
#include "tests/loop/memory_journal.hpp"

namespace evenkeel::loop::drains_test {
namespace {

using namespace std::chrono_literals;
using rules::SegmentId;
using test::AgentTest;
using test::kMiB;
using test::NodeId;
using testing::HasSubstr;
using testing::IsEmpty;

// Three nodes of 1,000 MiB, of which nothing is wrong: segments on 1 and 2, none on 3.
struct DrainTest : AgentTest {
  DrainTest() {
    cluster.placed.clear();
    for (int id = 11; id <= 13; ++id) cluster.placed[SegmentId{id}] = {NodeId{1}, 60};
    for (int id = 21; id <= 23; ++id) cluster.placed[SegmentId{id}] = {NodeId{2}, 60};
    settings.balance.policy.max_difference = 0.5;
    journal = &kept;
  }
  ~DrainTest() override { stop(); }

  [[nodiscard]] int segments_on(int node) const {
    int count = 0;
    for (const auto& [id, place] : cluster.placed) count += place.first == NodeId{node} ? 1 : 0;
    return count;
  }
  void begin() {
    start();
    pass(1min);
    ASSERT_THAT(cluster.calls, IsEmpty());
  }
  void ask(bool drained = true, int node = 1) {
    ASSERT_TRUE(agent->ask(DrainRequest{NodeId{node}, drained, "a rollout", "ann"}));
    pass(0s);
  }
  void restart() {
    stop();
    ended = false;
    start();
  }
  [[nodiscard]] const rules::Drains& drains() const { return agent->snapshot()->ledger->drains(); }

  test::MemoryJournal kept;
};

TEST_F(DrainTest, EmptiesTheNodeRoundByRound) {
  begin();
  ask();
  ASSERT_TRUE(drains().contains(NodeId{1}));
  EXPECT_EQ(drains().all().at(NodeId{1}).by, "ann");
  EXPECT_TRUE(agent->snapshot()->judgement->node(NodeId{1})->drained) << "at once";
  pass(5min);
  EXPECT_EQ(segments_on(1), 0);
  for (const auto& call : cluster.calls) EXPECT_EQ(call.source, NodeId{1});
  EXPECT_EQ(count("evenkeel_moves_planned_total", {{"urgency", "drain"}}), 3U);
}

TEST_F(DrainTest, OutlivesARestart) {
  begin();
  ask();
  pass(5min);
  restart();
  pass(5min);
  ASSERT_TRUE(drains().contains(NodeId{1}));
  EXPECT_EQ(drains().all().at(NodeId{1}).reason, "a rollout");
  EXPECT_EQ(segments_on(1), 0) << "though it is the lowest";
}

TEST_F(DrainTest, EndsWhenItIsAskedTo) {
  begin();
  ask();
  pass(5min);
  ask(false);
  EXPECT_FALSE(drains().contains(NodeId{1}));
  EXPECT_FALSE(agent->snapshot()->judgement->node(NodeId{1})->drained);
}

TEST_F(DrainTest, AnEndStopsARoundBetweenItsCalls) {
  settings.balance.policy.max_segments_per_call = 1;
  begin();
  cluster.before_move = [this] {
    cluster.before_move = nullptr;
    EXPECT_TRUE(agent->ask(DrainRequest{NodeId{1}, false, "", "bob"}));
  };
  ask();
  pass(70s);
  EXPECT_EQ(cluster.calls.size(), 1U);
  EXPECT_EQ(segments_on(1), 2);
}

// The plan is older than the drain of its destination.
TEST_F(DrainTest, ADrainOfTheDestinationStopsTheCallsToIt) {
  settings.balance.policy.max_segments_per_call = 1;
  for (int id = 14; id <= 20; ++id) cluster.placed[SegmentId{id}] = {NodeId{1}, 60};
  cluster.before_move = [this] {
    cluster.before_move = nullptr;
    EXPECT_TRUE(
        agent->ask(DrainRequest{cluster.calls.back().destinations.front(), true, "", "ann"}));
  };
  start();
  pass(2min);
  ASSERT_FALSE(cluster.calls.empty());
  const NodeId drained = drains().all().begin()->first;
  pass(10min);
  int arrived = 0;
  for (const auto& call : cluster.calls) arrived += call.destinations.front() == drained ? 1 : 0;
  EXPECT_EQ(arrived, 1) << "the call that was under way";
}

TEST_F(DrainTest, ANodeThatCannotBeDrainedIsNot) {
  begin();
  ask(true, 9);
  EXPECT_THAT(drains().all(), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::loop::drains_test
