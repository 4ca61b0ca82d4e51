// What would be enough where moving is not is computed, and enough: each test applies it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/random_world.hpp"
#include "tests/rules/troubled.hpp"
#include "tests/seeds.hpp"

namespace evenkeel::rules::test::unfixable_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Node 1 is at 75 %, node 2 at 25 %, and node 1 holds one segment.
World coarse(double segment_gib) {
  World world;
  world.node(1, 12).node(2, 4).replica(5, 100, {1, 2}).segment(11, 5, 1, segment_gib).sample();
  return world;
}

Unfixable given_up(const World& world) {
  const Plan plan = world.planned();
  EXPECT_THAT(plan.unfixable, SizeIs(1));
  return plan.unfixable.empty() ? Unfixable{} : plan.unfixable.front();
}

// The judge finds it no more once the node has so much more capacity, and still finds it with one
// per cent less than that.
void expect_own_capacity_is_enough(World world, const Unfixable& unfixable) {
  ASSERT_GT(unfixable.own_capacity, 0);
  Node& node = world.at(static_cast<std::int64_t>(unfixable.node));
  node.capacity += unfixable.own_capacity - node.capacity / 100;
  const auto still_found = [&] {
    return unfixable.urgency == Urgency::overload ? world.judged().overloaded()
                                                  : world.judged().different();
  };
  EXPECT_TRUE(still_found());
  node.capacity += node.capacity / 99;
  EXPECT_FALSE(still_found());
}

TEST(UnfixableDifference, OfSegmentsThatAreTooCoarse) {
  const World world = coarse(10);
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::too_coarse);
  EXPECT_EQ(unfixable.smallest, gib(10));
  EXPECT_NEAR(unfixable.mark, 0.55, 1e-9);
  EXPECT_NEAR(static_cast<double>(unfixable.own_capacity), (12 / 0.55 - 16) * kGiB, 100);
  EXPECT_EQ(unfixable.further_nodes, 0);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableDifference, WhereNothingMayMove) {
  World world = coarse(2);
  world.segment_at(11).state = SegmentState::growing;
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::nothing_movable);
  EXPECT_EQ(unfixable.smallest, 0);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableDifference, WhereNoOtherNodeHasRoom) {
  World world = coarse(4);
  world.policy.loading_peak = 100;
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::no_room);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableDifference, CountsTheFurtherNodesThatAreTooHigh) {
  World world = coarse(10);
  world.node(3, 11).cluster.replicas.front().nodes.push_back(NodeId{3});
  world.sample();
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.node, NodeId{1});
  EXPECT_EQ(unfixable.further_nodes, 1);
  world.at(1).capacity += unfixable.own_capacity;
  EXPECT_TRUE(world.judged().different());
  world.at(3).capacity = gib(11 / unfixable.mark + 0.01);
  EXPECT_FALSE(world.judged().different());
}

TEST(UnfixableDifference, OfSeveralReplicasIsToldOfEachByItself) {
  World world = coarse(8);
  for (int i = 1; i <= 3; ++i) {
    const int node = 10 * i;
    world.node(node, 12).node(node + 1, 4).replica(9 - i, 100 + i, {node, node + 1});
    world.segment(100 + i, 9 - i, node, 8 + i);
  }
  world.sample();
  const Plan plan = world.planned();
  ASSERT_THAT(plan.unfixable, SizeIs(4));
  for (const Unfixable& unfixable : plan.unfixable) {
    const auto node = static_cast<std::int64_t>(unfixable.node);
    EXPECT_EQ(unfixable.smallest, gib(8 + static_cast<double>(node / 10))) << node;
    EXPECT_EQ(unfixable.obstacle, Obstacle::too_coarse);
  }
}

TEST(UnfixableOverload, OfANodeInNoReplica) {
  World world;
  world.node(1, 15).sample();
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::in_no_replica);
  EXPECT_NEAR(static_cast<double>(unfixable.own_capacity), (15 / 0.9 - 16) * kGiB, 100);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableOverload, WhereNothingMayMove) {
  World world = overloaded();
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::nothing_movable);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableOverload, WhereNoOtherNodeHasRoom) {
  World world = overloaded();
  world.at(2).used = world.at(3).used = gib(14);
  world.sample();
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::no_room);
  EXPECT_EQ(unfixable.smallest, gib(1));
  EXPECT_GT(unfixable.room_needed, 0);
  expect_own_capacity_is_enough(world, unfixable);
}

TEST(UnfixableOverload, WhereAllSegmentsAreTooLittle) {
  World world = overloaded();
  world.cluster.segments.clear();
  world.segment(11, 5, 1, 0.1).sample();
  ASSERT_THAT(world.planned().moves, SizeIs(1));
  const Unfixable unfixable = given_up(world);
  EXPECT_EQ(unfixable.obstacle, Obstacle::too_little);
  world.carry_out(world.planned());
  world.sample(6);
  expect_own_capacity_is_enough(world, unfixable);
}

// Whatever could not be put right in random clusters that need no move first.
TEST(Unfixable, IsPutRightByTheCapacityItNames) {
  constexpr std::uint64_t kSeeds = evenkeel::test::seeds(1500);
  std::uint64_t overloads = 0;
  std::uint64_t differences = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world = RandomWorld(seed).healthy();
    for (Segment& segment : world.cluster.segments) {
      if (seed % 2 == 0) segment.state = SegmentState::growing;
    }
    const Plan plan = world.planned();
    if (!plan.moves.empty()) continue;
    for (const Unfixable& unfixable : plan.unfixable) {
      ASSERT_GT(unfixable.own_capacity, 0) << "seed " << seed;
      World larger = world;
      larger.at(static_cast<std::int64_t>(unfixable.node)).capacity += unfixable.own_capacity;
      if (unfixable.urgency == Urgency::overload) {
        ++overloads;
        EXPECT_NE(larger.judged().node(unfixable.node)->state, NodeState::overloaded) << seed;
      } else {
        ++differences;
        if (unfixable.further_nodes > 0) continue;
        EXPECT_NE(larger.judged().replica(*unfixable.replica)->state, ReplicaState::difference)
            << "seed " << seed;
      }
    }
  }
  EXPECT_GT(overloads, kSeeds / 75) << "or nothing was tried";
  EXPECT_GT(differences, kSeeds / 75) << "or nothing was tried";
}

}  // namespace
}  // namespace evenkeel::rules::test::unfixable_test
