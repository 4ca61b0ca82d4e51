// Levelling that has begun goes on to the stop mark, though a budget cuts it into rounds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::hysteresis_test {
namespace {

using testing::IsEmpty;
using testing::Not;

// 12 GiB and 4 of 16: 50 % apart, where 30 % is the limit and 15 % the stop mark.
World skewed(double segment_gib = 0.5) {
  World world;
  world.node(1, 12).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3});
  for (int i = 0; i * segment_gib < 10; ++i) world.segment(11 + i, 5, 1, segment_gib);
  world.policy.max_moves_per_round = 5;
  return world.sample();
}

// A round as the agent makes it, and what it planned.
Plan round(World& world) {
  const Plan plan = world.planned();
  world.level(plan);
  world.carry_out(plan);
  world.sample();
  return plan;
}

bool levelling(const World& world) {
  return world.ledger.levelling(ReplicaId{5});
}

// After a first round of five moves: 28 % apart.
World begun() {
  World world = skewed();
  round(world);
  return world;
}

TEST(Hysteresis, WhatIsBeingLevelledDiffersDownToTheStopMark) {
  World world = skewed();
  EXPECT_FALSE(levelling(world));
  EXPECT_DOUBLE_EQ(world.replica_verdict(5).limit, 0.3);
  EXPECT_EQ(round(world).moves.size(), 5U);
  EXPECT_TRUE(levelling(world));
  const ReplicaVerdict verdict = world.replica_verdict(5);
  EXPECT_LT(verdict.spread, 0.3);
  EXPECT_DOUBLE_EQ(verdict.limit, 0.15);
  EXPECT_EQ(verdict.state, ReplicaState::difference);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(Hysteresis, WithoutItsMemoryTheSameClusterIsBalanced) {
  World world = begun();
  world.ledger = Ledger{};
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::balanced);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Hysteresis, EndsAtTheStopMark) {
  World world = begun();
  int rounds = 0;
  while (!round(world).moves.empty()) ASSERT_LT(++rounds, 10);
  EXPECT_GT(rounds, 0);
  EXPECT_LE(world.replica_verdict(5).spread, 0.15);
  EXPECT_FALSE(levelling(world));
  EXPECT_DOUBLE_EQ(world.replica_verdict(5).limit, 0.3);
  world.at(1).used += gib(1.5);
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::balanced) << "below the limit again";
}

TEST(Hysteresis, EndsWhereNothingMoreCanBeDone) {
  World world = begun();
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  EXPECT_THAT(round(world).moves, IsEmpty());
  EXPECT_FALSE(levelling(world));
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::balanced);
  EXPECT_GT(world.replica_verdict(5).spread, 0.15);
}

TEST(Hysteresis, DoesNotBeginWhereNothingCanBeDone) {
  World world = skewed();
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  round(world);
  EXPECT_FALSE(levelling(world));
}

TEST(Hysteresis, EndsWithItsReplica) {
  World world = begun();
  world.cluster.replicas.front().id = ReplicaId{6};
  world.cluster.coordinator_complete = false;
  world.level(Plan{});
  EXPECT_TRUE(levelling(world)) << "it may only not have been told";
  world.cluster.coordinator_complete = true;
  world.cluster.collections.front().complete = false;
  world.level(Plan{});
  EXPECT_TRUE(levelling(world)) << "nor read";
  world.cluster.collections.front().complete = true;
  world.level(Plan{});
  EXPECT_FALSE(levelling(world));
}

TEST(Hysteresis, EndsWithItsReplicaThoughANodeIsOverloaded) {
  World world = begun();
  world.node(9, 15.5).sample();
  world.cluster.replicas.front().id = ReplicaId{6};
  world.level(Plan{});
  EXPECT_FALSE(levelling(world));
}

TEST(Hysteresis, WaitsWhileANodeIsOverloaded) {
  for (World world : {skewed(), begun()}) {
    const bool before = levelling(world);
    world.node(8, 15.5).node(9, 2).replica(6, 101, {8, 9}).segment(81, 6, 8, 2).sample();
    ASSERT_TRUE(world.judged().overloaded());
    EXPECT_THAT(round(world).moves, Not(IsEmpty()));
    EXPECT_EQ(levelling(world), before);
  }
}

TEST(Hysteresis, WaitsWhileEvidenceIsGathered) {
  World world = begun();
  world.ledger.start(world.flight(99, 7, 1, 2, 0.1));
  world.land(key(99, 7), world.now);
  ASSERT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  world.level(world.planned());
  EXPECT_TRUE(levelling(world));
}

TEST(Hysteresis, WaitsWhileNotAllIsHealthy) {
  World world = begun();
  world.node(9, 4).at(9).health = NodeHealth::unreachable;
  world.level(world.planned());
  EXPECT_TRUE(levelling(world));
}

TEST(Hysteresis, IsEachReplicasOwn) {
  World world = skewed();
  world.node(7, 8).node(8, 4).replica(6, 101, {7, 8}).segment(71, 6, 7, 1).sample();
  round(world);
  EXPECT_TRUE(levelling(world));
  EXPECT_FALSE(world.ledger.levelling(ReplicaId{6}));
  EXPECT_DOUBLE_EQ(world.replica_verdict(6).limit, 0.3);
  EXPECT_EQ(world.replica_verdict(6).state, ReplicaState::balanced) << "25 % apart";
}

}  // namespace
}  // namespace evenkeel::rules::test::hysteresis_test
