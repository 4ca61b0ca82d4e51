// Difference: levelled only when all is healthy, down to the stop mark, harming nobody.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::level_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Node 1 at 75 %, nodes 2 and 3 at 25 % of 16 GiB: 50 % apart, the limit is 30 %, the stop mark 15
// %.
World skewed() {
  World world;
  world.node(1, 12).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3});
  return world;
}

World with_small_segments(World world, int segments = 24, double size_gib = 0.5) {
  for (int i = 0; i < segments; ++i) world.segment(11 + i, 5, 1, size_gib);
  world.sample();
  return world;
}

TEST(Level, BringsTheSpreadInsideTheStopMark) {
  World world = with_small_segments(skewed());
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, SizeIs(testing::Gt(0U)));
  EXPECT_DOUBLE_EQ(plan.worst_spread_before, 0.5);
  EXPECT_LE(plan.worst_spread_after, 0.15);
  for (const Move& move : plan.moves) {
    EXPECT_EQ(move.urgency, Urgency::difference);
    EXPECT_LT(move.to_after, move.from_before);
    EXPECT_GT(move.from_after, move.to_before);
  }
  EXPECT_THAT(plan.unfixable, IsEmpty());
}

TEST(Level, MovesNoMoreThanTheStopMarkNeeds) {
  World world = with_small_segments(skewed());
  // The mean is 41.67 %: node 1 has to come down to 49.17 %, by 4.13 GiB.
  EXPECT_LE(world.planned().bytes(), gib(4.5));
}

TEST(Level, PrefersTheOneSegmentThatDoesItAlone) {
  World world = skewed();
  world.cluster.replicas.front().nodes.pop_back();
  world.cluster.nodes.pop_back();
  world.segment(11, 5, 1, 0.2).segment(12, 5, 1, 3).segment(13, 5, 1, 4).segment(14, 5, 1, 5);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 2"));
}

TEST(Level, ACoarseSegmentMovesWhereItHelpsAtAll) {
  World world = skewed();
  world.segment(11, 5, 1, 6).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"))
      << "6 and 10 instead of 12 and 4";
}

TEST(Level, NothingMovesWhereASegmentWouldOvershoot) {
  World world = skewed();
  world.policy.loading_peak = 1;
  world.segment(11, 5, 1, 8).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty()) << "4 and 12 instead of 12 and 4";
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::no_improvement));
  EXPECT_EQ(plan.rejected.front().count, 2) << "neither to node 2 nor to node 3";
}

TEST(Level, NothingMovesInsideTheLimitThoughOutsideTheStopMark) {
  World world = with_small_segments(skewed());
  world.at(1).used = gib(8.5);
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "28 % apart";
}

TEST(Trap11MemoryDrifts, AfterLevellingADriftStartsNothingNew) {
  World world = with_small_segments(skewed());
  world.carry_out(world.planned());
  world.sample();
  for (const double drift : {0.3, -0.3, 0.6, -0.5, 0.2}) {
    world.at(1).used += gib(drift);
    world.at(2).used -= gib(drift / 2);
    world.sample(3);
    EXPECT_THAT(world.planned().moves, IsEmpty());
  }
}

TEST(Level, OnlyTheReplicasOwnSegmentsAreMoved) {
  World world = skewed();
  world.node(4, 12).replica(6, 101, {1, 4});
  world.segment(11, 6, 1, 3).sample();
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "segment 11 may not leave nodes 1 and 4";
}

TEST(Level, ReplicasOnTheSameNodesAreLevelledAsOne) {
  World world = skewed();
  world.replica(6, 101, {3, 2, 1});
  world.segment(11, 5, 1, 2).segment(12, 6, 1, 2.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), testing::UnorderedElementsAre("11: 1 → 2", "12: 1 → 3"));
  EXPECT_LE(plan.worst_spread_after, 0.15);
}

TEST(Level, GoesByEachNodesOwnCapacity) {
  World world;
  world.node(1, 6, 8).node(2, 8, 32).replica(5, 100, {1, 2});
  for (int i = 0; i < 12; ++i) world.segment(11 + i, 5, 1, 0.5);
  for (int i = 0; i < 12; ++i) world.segment(31 + i, 5, 2, 0.5);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_LE(plan.worst_spread_after, 0.15);
  for (const Move& move : plan.moves) EXPECT_EQ(move.to, NodeId{2}) << "the big node takes more";
}

TEST(Level, TriesTheNextLowestWhereTheLowestHasNoRoom) {
  World world;
  world.node(1, 14).node(2, 4, 8).node(3, 9, 16).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 2.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 3"))
      << "4 of 8 is lower, but 4 + 1.5 × 2.5 would pass 7.2";
}

TEST(Level, TriesTheNextHighestWhereTheHighestHasNothingToGive) {
  World world;
  world.node(1, 12).node(2, 11).node(3, 2).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 2, 3).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 2 → 3"));
}

TEST(Level, NoOtherReplicaIsPushedOverItsLimit) {
  World world = skewed();
  // Nodes 2 and 9 are 20 % apart; a move to node 2 beyond 1.6 GiB would make that more than 30 %.
  world.node(9, 0.8).replica(6, 101, {2, 9});
  world.segment(11, 5, 1, 3).segment(12, 5, 1, 1.5).sample();
  const Plan plan = world.planned();
  for (const Move& move : plan.moves) {
    EXPECT_TRUE(move.to != NodeId{2} || move.to_after - 0.05 <= 0.3 + 1e-9);
  }
  EXPECT_THAT(moves_of(plan), Contains("11: 1 → 3"));
}

TEST(Level, WhatWasStuckIsTriedAgainOnceASharedNodeHasChanged) {
  World world;
  world.node(1, 2).node(2, 7).node(3, 14).node(4, 7.5);
  world.replica(5, 100, {1, 2, 4}).replica(6, 101, {2, 3});
  world.segment(11, 5, 4, 2.5).segment(12, 6, 3, 3).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 4 → 1", "12: 3 → 2"))
      << "12 alone would push node 2 further above node 1 than node 3 is above node 2";
}

TEST(Level, ReplicasThatShareANodeAreBothLevelled) {
  World world;
  world.node(1, 2).node(2, 7).node(3, 14).replica(5, 100, {1, 2}).replica(6, 101, {2, 3});
  for (int i = 0; i < 20; ++i) world.segment(11 + i, 5, 2, 0.25).segment(41 + i, 6, 3, 0.25);
  world.policy.max_moves_per_round = 100;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_LE(plan.worst_spread_after, 0.3);
  for (const Move& move : plan.moves) {
    EXPECT_EQ(move.from, move.replica == ReplicaId{5} ? NodeId{2} : NodeId{3});
  }
}

TEST(Level, AReplicaThatCannotBeLevelledDoesNotHoldUpAnother) {
  World world;
  world.node(1, 13).node(2, 2).node(3, 10).node(4, 3);
  world.replica(5, 100, {1, 2, 3}).replica(6, 101, {3, 4}).segment(11, 6, 3, 3).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 3 → 4"));
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  EXPECT_EQ(plan.unfixable.front().replica, ReplicaId{5});
}

TEST(Level, AReplicaInsideItsLimitIsLeftAloneWhileAnotherIsLevelled) {
  World world = skewed();
  world.node(7, 6.4).node(8, 2.4).replica(6, 101, {7, 8});
  for (int i = 0; i < 8; ++i) world.segment(71 + i, 6, 7, 0.5);
  world = with_small_segments(world);
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, SizeIs(testing::Gt(0U)));
  for (const Move& move : plan.moves) EXPECT_EQ(move.replica, ReplicaId{5});
}

TEST(Level, ALowNodeIsFilledFromNodesThatAreNotTooHighWithoutEmptyingThem) {
  World world;
  world.replica(5, 100, {1, 2, 3, 4, 5, 6}).node(6, 2);
  for (int id = 1; id <= 5; ++id) {
    world.node(id, 8).segment(10 * id, 5, id, 4).segment(10 * id + 1, 5, id, 2);
  }
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, SizeIs(2)) << "the mean is 7: from 2 to 5.8 GiB at the least";
  for (const Move& move : plan.moves) EXPECT_EQ(move.bytes, gib(2)) << "8 − 4 would be too low";
}

TEST(Level, NodesInsideTheBandAreLeftAloneWhereTheOneOutsideCannotMove) {
  World world;
  world.node(1, 9.6).node(2, 9).node(3, 8.8).node(4, 0.1, 1).replica(5, 100, {1, 2, 3, 4});
  world.segment(11, 5, 1, 0.3).segment(12, 5, 1, 0.7).sample();
  ASSERT_TRUE(world.judged().different());
  world.segment_at(11).state = SegmentState::growing;
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty()) << "nodes 1 to 3 are level, and 12 is too large for node 4";
  EXPECT_THAT(plan.unfixable, SizeIs(1));
}

TEST(Level, ADestinationIsNeverLiftedOverItsThreshold) {
  World world;
  world.node(1, 14).node(2, 8.6).replica(5, 100, {1, 2});
  world.policy.overload_threshold = 0.9;
  world.segment(11, 5, 1, 4).sample();
  ASSERT_TRUE(world.judged().different());
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty()) << "8.6 + 1.5 × 4 is more than 14.4";
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_overload));
}

TEST(Level, WaitsUntilEverythingIsHealthy) {
  World world = with_small_segments(skewed());
  world.node(9, 1).sample();
  ASSERT_THAT(world.planned().moves, testing::Not(IsEmpty()));
  world.at(9).health = NodeHealth::unreachable;
  EXPECT_TRUE(world.judged().different());
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "though node 9 is in no replica";
}

TEST(Level, ADestinationWithAMoveUnderWayIsPassedOver) {
  World world = skewed();
  world.at(3).used = gib(5);
  world.node(4, 4).node(9, 8);
  world.cluster.replicas.front().nodes.push_back(NodeId{4});
  world = with_small_segments(world);
  world.ledger.start(world.flight(99, 7, 9, 3, 0.1));
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, testing::Not(IsEmpty()));
  for (const Move& move : plan.moves) EXPECT_NE(move.to, NodeId{3});
}

// Two replicas drain the same node: what the one has taken off it, the other need not. The quick
// way alone, as in a large cluster.
TEST(LevelOverlap, CountsWhatTheOtherReplicaHasTakenOffTheirNode) {
  World world;
  world.policy.effort = 0;
  world.node(1, 3).node(2, 13).node(3, 3).replica(5, 100, {1, 2}).replica(6, 101, {2, 3});
  world.segment(11, 5, 2, 0.5).segment(12, 5, 2, 2).segment(13, 5, 2, 1);
  world.segment(21, 6, 2, 2).segment(22, 6, 2, 3).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 2 → 1", "22: 2 → 3", "11: 2 → 1"))
      << "0.5 GiB suffice in the end, where 13 would be 1";
  EXPECT_LE(plan.worst_spread_after, 0.15);
}

TEST(LevelBudget, OfMovesCutsThePlanAtItsMostUsefulMoves) {
  World world = with_small_segments(skewed());
  world.policy.max_moves_per_round = 3;
  const Plan plan = world.planned();
  EXPECT_EQ(plan.moves.size(), 3U);
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  EXPECT_LT(plan.worst_spread_after, plan.worst_spread_before);
  EXPECT_THAT(plan.unfixable, IsEmpty());
}

TEST(LevelBudget, OfBytesIsKept) {
  World world = with_small_segments(skewed());
  world.policy.max_bytes_per_round = gib(1.2);
  const Plan plan = world.planned();
  EXPECT_EQ(plan.bytes(), gib(1));
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  EXPECT_THAT(plan.unfixable, IsEmpty());
}

// The quick way alone, as in a large cluster.
TEST(LevelBudget, IsNoReasonToGiveAReplicaUp) {
  World world = with_small_segments(skewed());
  world.policy.effort = 0;
  world.policy.max_bytes_per_round = gib(1.2);
  const Plan plan = world.planned();
  EXPECT_EQ(plan.bytes(), gib(1));
  EXPECT_GT(plan.worst_spread_after, world.policy.max_difference);
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  EXPECT_THAT(plan.unfixable, IsEmpty()) << "the next round goes on";
}

// 2 GiB are enough. The largest that a round may move would be 1.5, and 1 more later.
TEST(LevelBudget, BeginsWhatTakesTheFewestBytesInAll) {
  World world;
  world.node(1, 10.4).node(2, 4).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 1.5).segment(12, 5, 1, 1).segment(13, 5, 1, 1).sample();
  world.policy.max_bytes_per_round = gib(1.6);
  const Plan plan = world.planned();
  EXPECT_EQ(plan.bytes(), gib(1));
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  world.policy.max_bytes_per_round = gib(4);
  EXPECT_EQ(world.planned().bytes(), gib(2));
}

// The fewest bytes in all would be an exchange, and a round of one move would make half of it.
TEST(LevelBudget, BeginsNoExchangeThatItCannotEnd) {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 12).node(2, 6).node(3, 7).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 4.5).segment(12, 5, 3, 2).segment(13, 5, 2, 5).sample();
  world.policy.max_moves_per_round = 1;
  const Plan plan = world.planned();
  ASSERT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
  EXPECT_EQ(plan.moves.front().exchange, 0U);
  world.policy.max_moves_per_round = 20;
  EXPECT_GT(world.planned().moves.front().exchange, 0U);
}

TEST(LevelUnfixable, SaysWhichNodeIsTooHighAndByHowMuch) {
  World world = skewed();
  world.segment(11, 5, 2, 1).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  const Unfixable& unfixable = plan.unfixable.front();
  EXPECT_EQ(unfixable.urgency, Urgency::difference);
  EXPECT_EQ(unfixable.node, NodeId{1});
  EXPECT_EQ(unfixable.replica, ReplicaId{5});
  EXPECT_NEAR(static_cast<double>(unfixable.excess), 0.2 * 16 * kGiB, 8);
  EXPECT_EQ(unfixable.room_needed, 0);
}

TEST(LevelUnfixable, IsNotAReplicaThatGetsInsideItsLimitThoughNotToTheStopMark) {
  World world;
  world.node(1, 12).node(2, 4).replica(5, 100, {1, 2}).segment(11, 5, 1, 2.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
  EXPECT_GT(plan.worst_spread_after, 0.15);
  EXPECT_THAT(plan.unfixable, IsEmpty());
}

TEST(LevelUnfixable, ExplainsWhatHoldsTheHighestNodesSegments) {
  World world = with_small_segments(skewed());
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  const Plan plan = world.planned();
  ASSERT_THAT(plan.rejected, SizeIs(1));
  EXPECT_EQ(plan.rejected.front().why, Rejection::not_sealed);
  EXPECT_EQ(plan.rejected.front().count, 24);
  EXPECT_THAT(plan.unfixable, SizeIs(1));
}

}  // namespace
}  // namespace evenkeel::rules::test::level_test
