#include "rules/planner/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::plan_test {
namespace {

using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

World overloaded() {
  World world;
  world.node(1, 15).node(2, 4).replica(5, 100, {1, 2}).segment(11, 5, 1, 2).sample();
  return world;
}

World skewed() {
  World world;
  world.node(1, 12).node(2, 2).replica(5, 100, {1, 2});
  for (int i = 0; i < 16; ++i) world.segment(11 + i, 5, 1, 0.5);
  world.sample();
  return world;
}

TEST(Plan, OfABalancedClusterIsEmptyAndSaysHowLevelItIs) {
  World world;
  world.node(1, 8).node(2, 6).replica(5, 100, {1, 2}).segment(11, 5, 1, 2).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(plan.rejected, IsEmpty());
  EXPECT_THAT(plan.unfixable, IsEmpty());
  EXPECT_DOUBLE_EQ(plan.worst_spread_before, 0.125);
  EXPECT_DOUBLE_EQ(plan.worst_spread_after, 0.125);
  EXPECT_DOUBLE_EQ(plan.worst_ratio_before, 0.5);
  EXPECT_DOUBLE_EQ(plan.worst_ratio_after, 0.5);
}

TEST(Plan, OfAnEmptyClusterIsEmpty) {
  World world;
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_EQ(world.planned().worst_ratio_before, 0);
}

TEST(Plan, IsEmptyWhereTheCoordinatorDidNotAnswerEverything) {
  for (World world : {overloaded(), skewed()}) {
    ASSERT_THAT(world.planned().moves, Not(IsEmpty()));
    Judgement judgement = world.judged();
    judgement.coordinator_complete = false;
    EXPECT_THAT(plan(world.cluster, judgement, world.policy, world.ledger, world.now).moves,
                IsEmpty());
    world.cluster.coordinator_complete = false;
    EXPECT_THAT(world.planned().moves, IsEmpty());
  }
}

TEST(Plan, IsEmptyWhileEvidenceIsGathered) {
  World world = overloaded();
  world.ledger = Ledger();
  world.sample(2);
  ASSERT_TRUE(world.judged().gathering());
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Plan, IsEmptyWithAPolicyThatMakesNoSense) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (World world : {overloaded(), skewed()}) {
    const Judgement judgement = world.judged();
    const Policy sane = world.policy;
    double Policy::*const figures[] = {&Policy::overload_threshold, &Policy::max_difference,
                                       &Policy::overload_margin, &Policy::difference_stop,
                                       &Policy::loading_peak};
    for (double Policy::*figure : figures) {
      for (const double value : {kNaN, kInfinity, -kInfinity, -1.0}) {
        Policy policy = sane;
        policy.*figure = value;
        const Plan plan = rules::plan(world.cluster, judgement, policy, world.ledger, world.now);
        EXPECT_THAT(plan.moves, IsEmpty()) << value;
        EXPECT_EQ(plan.worst_ratio_before, plan.worst_ratio_after);
      }
    }
  }
}

TEST(Plan, DoesNotDependOnTheOrderOfTheLists) {
  for (World world : {overloaded(), skewed()}) {
    const Plan forward = world.planned();
    std::reverse(world.cluster.nodes.begin(), world.cluster.nodes.end());
    std::reverse(world.cluster.segments.begin(), world.cluster.segments.end());
    for (Replica& replica : world.cluster.replicas) {
      std::reverse(replica.nodes.begin(), replica.nodes.end());
    }
    EXPECT_EQ(moves_of(forward), moves_of(world.planned()));
  }
}

TEST(Plan, HoldsNoMoreRejectionsThanItsBound) {
  World world = overloaded();
  world.segment_at(11).state = SegmentState::growing;
  for (int i = 0; i < 500; ++i) {
    world.replica(1000 + i, 100, {1, 2}).segment(2000 + i, 1000 + i, 1, 0.001);
    world.cluster.segments.back().state = SegmentState::growing;
  }
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(plan.rejected, SizeIs(kMaxRejected));
}

TEST(Plan, SurvivesFiguresAtTheEndOfTheirRange) {
  constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
  for (const Bytes capacity : {Bytes{1}, kMost / 2, kMost}) {
    for (const Bytes used : {Bytes{0}, kMost / 3, kMost}) {
      World world;
      world.node(1, 1).node(2, 0).node(3, 0).replica(5, 100, {1, 2, 3});
      for (Node& node : world.cluster.nodes) node.capacity = capacity;
      world.at(1).used = used;
      world.at(3).used = used / 2;
      for (int i = 0; i < 4; ++i) world.segment(11 + i, 5, 1, 0);
      world.segment_at(11).bytes = kMost;
      world.segment_at(12).bytes = std::numeric_limits<Bytes>::min();
      world.segment_at(13).bytes = kMost / 4;
      world.segment_at(14).bytes = kMost / 3;
      world.policy.max_bytes_per_round = kMost;
      world.policy.segment_cooldown = world.policy.settle = Duration::max();
      world.sample();
      world.carry_out(world.planned());
      world.sample();
      const Plan plan = world.planned();
      EXPECT_GE(plan.worst_spread_after, 0);
      EXPECT_GE(plan.bytes(), 0);
    }
  }
}

TEST(Plan, OfAThousandNodesWithAHundredThousandSegmentsLevelsThem) {
  World world;
  Replica replica;
  replica.id = ReplicaId{5};
  replica.collection = CollectionId{100};
  for (std::int64_t id = 1; id <= 1000; ++id) {
    world.node(id, id % 10 == 0 ? 12 : 4);
    replica.nodes.push_back(NodeId{id});
  }
  world.replica(5, 100, {});
  world.cluster.replicas.front() = replica;
  for (std::int64_t i = 0; i < 100'000; ++i) {
    world.segment(10'000 + i, 5, 1 + i % 1000, 0.01 + 0.0001 * static_cast<double>(i % 100));
  }
  world.policy.max_moves_per_round = 1000;
  world.policy.max_bytes_per_round = gib(1000);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, SizeIs(1000U));
  EXPECT_LE(plan.worst_spread_after, plan.worst_spread_before);
}

}  // namespace
}  // namespace evenkeel::rules::test::plan_test
