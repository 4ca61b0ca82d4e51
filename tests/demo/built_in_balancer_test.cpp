// The built-in balancer of the simulated cluster, which takes moves back; and streaming nodes as
// ends of moves.
#include <gmock/gmock.h>

#include "agent/demo/simulation.hpp"
#include "tests/demo/recorded_world.hpp"

namespace evenkeel::demo::built_in_balancer_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class BuiltInBalancerTest : public testing::Test {
 protected:
  static Simulation::Time at(std::chrono::milliseconds since_start) {
    return Simulation::Time{} + since_start;
  }
  static World contested() {
    auto world = small_world();
    world.takes_back_after = 3s;
    return world;
  }
  rules::NodeId holder_of_1(std::chrono::milliseconds time) {
    return simulation.world(at(time)).collections[0].segments[0].node;
  }
  void move_1(int from, int to, std::chrono::milliseconds time) {
    ASSERT_TRUE(simulation.load_balance({"book", node(from), {node(to)}, {segment(1)}}, at(time)));
  }
  std::vector<rules::NodeId> nodes_of_1(std::chrono::milliseconds time) {
    return simulation.segments(*simulation.find("book"), at(time))[0].nodes;
  }

  Simulation simulation{contested(), at(0ms)};
};

// Segments of small_world load in a second.
TEST_F(BuiltInBalancerTest, TakesAMoveBackAndLeavesItThere) {
  move_1(1, 3, 0ms);
  EXPECT_EQ(holder_of_1(1'000ms), node(3));
  EXPECT_THAT(nodes_of_1(3'999ms), ElementsAre(node(3)));
  EXPECT_THAT(nodes_of_1(4'500ms), ElementsAre(node(3), node(1))) << "on its way";
  EXPECT_THAT(nodes_of_1(5'000ms), ElementsAre(node(1)));
  EXPECT_THAT(nodes_of_1(60s), ElementsAre(node(1)));
}

TEST_F(BuiltInBalancerTest, TakesItBackEvenIfNobodyLooksMeanwhile) {
  move_1(1, 3, 0ms);
  EXPECT_EQ(holder_of_1(60s), node(1));
  EXPECT_EQ(simulation.loads(0, at(60s)).count, 1);
}

TEST_F(BuiltInBalancerTest, BringsASegmentHomeFromItsSecondMove) {
  move_1(1, 3, 0ms);
  move_1(3, 2, 2'000ms);  // lands after 3 s, so it is due after 6
  EXPECT_THAT(nodes_of_1(5'900ms), ElementsAre(node(2)));
  EXPECT_EQ(holder_of_1(7'000ms), node(1));
}

TEST_F(BuiltInBalancerTest, HasNothingToDoWhereTheSegmentWasBroughtHome) {
  move_1(1, 3, 0ms);
  move_1(3, 1, 2'000ms);
  EXPECT_EQ(holder_of_1(60s), node(1));
  EXPECT_EQ(simulation.loads(0, at(60s)).count, 1) << "the second move alone";
  EXPECT_EQ(simulation.loads(2, at(60s)).count, 1);
}

TEST_F(BuiltInBalancerTest, HoldsStillWhileItIsSuspended) {
  move_1(1, 3, 0ms);
  simulation.suspend_balance(true, at(2s));
  EXPECT_TRUE(simulation.balance_suspended());
  EXPECT_EQ(holder_of_1(60s), node(3));
  simulation.suspend_balance(false, at(60s));
  EXPECT_EQ(holder_of_1(63'900ms), node(3)) << "its time begins anew";
  EXPECT_EQ(holder_of_1(64'000ms), node(1));
}

TEST(StreamingNode, IsADestinationThatNothingComesBackFrom) {
  Simulation simulation(recorded_world(), Simulation::Time{});
  const auto id = segment(470781385398490114);
  const auto done = simulation.load_balance({"book", node(3), {node(2)}, {id}}, Simulation::Time{});
  ASSERT_TRUE(done);
  EXPECT_EQ(simulation.world(*done).collections[0].segments[0].node, node(2));
  const auto back = simulation.load_balance({"book", node(2), {node(3)}, {id}}, *done);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, 901);
}

TEST(StreamingNode, GivesBackBefore2_6_14) {
  Simulation simulation(recorded_world("2.6.13"), Simulation::Time{});
  const auto id = segment(470781385398490114);
  const auto done = simulation.load_balance({"book", node(3), {node(2)}, {id}}, Simulation::Time{});
  ASSERT_TRUE(done);
  EXPECT_TRUE(simulation.load_balance({"book", node(2), {node(3)}, {id}}, *done));
}

TEST(StreamingNode, CountsTheCollectionsThatItLeads) {
  Simulation simulation(recorded_world(), Simulation::Time{});
  const auto led = simulation.holdings(3, Simulation::Time{});
  ASSERT_EQ(led.size(), 2U);
  EXPECT_EQ(led[0].name, "book");
  EXPECT_EQ(led[0].segments, 0);
  EXPECT_EQ(led[1].database, "db2");
  EXPECT_EQ(simulation.holdings(1, Simulation::Time{}).size(), 1U) << "a query node does not";
}

TEST(StreamingNode, IsNotChosenByMilvusItself) {
  Simulation simulation(recorded_world(), Simulation::Time{});
  const auto done = simulation.load_balance({"book", node(3), {}, {}}, Simulation::Time{});
  ASSERT_TRUE(done);
  const auto after = simulation.world(*done);
  for (const auto& each : after.collections[0].segments) {
    EXPECT_NE(each.node, node(2));
    EXPECT_NE(each.node, node(3));
  }
}

}  // namespace
}  // namespace evenkeel::demo::built_in_balancer_test
