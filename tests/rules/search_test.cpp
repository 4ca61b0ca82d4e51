// Swaps, chains and the fewest bytes where segments are coarse: what no single move leads to.

#include "rules/planner/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/rules/random_world.hpp"

namespace evenkeel::rules::test::search_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::uint32_t> exchanges_of(const Plan& plan) {
  std::vector<std::uint32_t> numbers;
  for (const Move& move : plan.moves) numbers.push_back(move.exchange);
  return numbers;
}

Plan planned_with(World world, std::int64_t effort) {
  world.policy.effort = effort;
  return world.planned();
}

// 10.5 and 4 GiB of 16. Segment 11 alone would make that 4 and 10.5, segment 12 alone 14 and 0.5.
World swap() {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 10.5).node(2, 4).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 6.5).segment(12, 5, 2, 3.5).sample();
  return world;
}

// Node 2 is to be relieved towards node 3, but would then be too far below node 1.
World chain() {
  World world;
  world.node(1, 12).node(2, 9).node(3, 2).replica(5, 100, {1, 2}).replica(6, 101, {2, 3});
  world.segment(11, 5, 1, 2).segment(21, 6, 2, 3.5).sample();
  return world;
}

// 2.8 GiB have to go. One by one, that is 2 and then 1.4.
World coarse() {
  World world;
  world.node(1, 12).node(2, 4).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 2).segment(12, 5, 1, 3.9).segment(13, 5, 1, 1.5).segment(14, 5, 1, 1.4);
  world.sample();
  return world;
}

TEST(Search, SwapsWhereNoSingleMoveHelps) {
  const World world = swap();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2", "12: 2 → 1"));
  EXPECT_THAT(exchanges_of(plan), ElementsAre(1, 1));
  for (const Move& move : plan.moves) EXPECT_EQ(move.urgency, Urgency::difference);
  EXPECT_DOUBLE_EQ(plan.worst_spread_after, 0.5 / 16);
  EXPECT_THAT(plan.unfixable, IsEmpty());
  EXPECT_THAT(world.admitted(plan).held, IsEmpty());
  EXPECT_THAT(planned_with(world, 0).moves, IsEmpty());
}

// Seen in a simulated world where each call took longer than the agent waits: it never ended.
TEST(Search, NoSwapFollowsOneThatWasLeftHalfDone) {
  World world = swap();
  const auto left_half_done = [&world] {
    world.ledger.exchanges().left_half_done(world.policy, world.now);
  };
  left_half_done();
  EXPECT_THAT(world.planned().moves, IsEmpty());
  Exchanges& exchanges = world.ledger.exchanges();
  const Duration rest = world.policy.failure_rest;
  EXPECT_FALSE(exchanges.rest(world.policy, world.now + rest));
  left_half_done();
  EXPECT_TRUE(exchanges.rest(world.policy, world.now + rest));
  EXPECT_FALSE(exchanges.rest(world.policy, world.now + 4 * rest));
  exchanges.left_half_done(world.policy, world.now + 20 * rest);
  EXPECT_FALSE(exchanges.rest(world.policy, world.now + 21 * rest)) << "it is long ago";
}

TEST(Search, MovesThatHelpByThemselvesFollowASwapThatWasLeftHalfDone) {
  World world = coarse();
  const Plan plan = world.planned();
  world.ledger.exchanges().left_half_done(world.policy, world.now);
  EXPECT_EQ(moves_of(world.planned()), moves_of(plan));
}

TEST(Search, ASwapNeedsRoomForBothCopiesAtOnce) {
  World world = swap();
  world.policy.loading_peak = 1.2;  // 3.5 × 1.2 on top of 10.5 GiB pass 14.4
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Search, ASwapIsNotBegunWhereItCannotBeEnded) {
  World world = swap();
  world.policy.max_moves_per_round = 1;
  EXPECT_THAT(world.planned().moves, IsEmpty());
  world.policy.max_moves_per_round = 2;
  EXPECT_THAT(world.planned().moves, testing::SizeIs(2));
  world.policy.max_bytes_per_round = gib(10) - 1;
  EXPECT_THAT(world.planned().moves, IsEmpty());
  world.policy.max_bytes_per_round = gib(10);
  EXPECT_THAT(world.planned().moves, testing::SizeIs(2));
}

TEST(Search, ASegmentThatMayNotMoveIsNotSwapped) {
  World world = swap();
  world.segment_at(12).state = SegmentState::growing;
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Search, ChainsThroughANodeThatTwoReplicasShare) {
  const World world = chain();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), UnorderedElementsAre("21: 2 → 3", "11: 1 → 2"));
  EXPECT_THAT(exchanges_of(plan), ElementsAre(1, 1));
  EXPECT_LE(plan.worst_spread_after, 0.3);
  EXPECT_THAT(planned_with(world, 0).moves, IsEmpty())
      << "21 alone would make replica 5 differ, 11 alone replica 6 more";
}

TEST(Search, TakesFewerBytesThanOneSegmentAfterTheOther) {
  const World world = coarse();
  EXPECT_THAT(moves_of(planned_with(world, 0)), ElementsAre("11: 1 → 2", "14: 1 → 2"));
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), UnorderedElementsAre("13: 1 → 2", "14: 1 → 2"));
  EXPECT_THAT(exchanges_of(plan), Each(0U)) << "each helps by itself";
  EXPECT_LE(plan.worst_spread_after, 0.15);
}

TEST(Search, RelievesWithTheFewestBytes) {
  World world;
  world.node(1, 15.4).node(2, 3).replica(5, 100, {1, 2});  // 1.32 to go
  world.segment(11, 5, 1, 1).segment(12, 5, 1, 0.7).segment(13, 5, 1, 0.65);
  world.segment(14, 5, 1, 0.5).sample();
  EXPECT_EQ(planned_with(world, 0).bytes(), gib(1.5)) << "1, and then what is enough";
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), UnorderedElementsAre("12: 1 → 2", "13: 1 → 2"));
  for (const Move& move : plan.moves) {
    EXPECT_EQ(move.urgency, Urgency::overload);
    EXPECT_EQ(move.exchange, 0U);
  }
}

TEST(Search, ExchangesOfSeveralPartsHaveNumbersOfTheirOwn) {
  World world = swap();
  world.node(11, 10.5).node(12, 4).replica(7, 100, {11, 12});
  world.segment(31, 7, 11, 6.5).segment(32, 7, 12, 3.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2", "12: 2 → 1", "31: 11 → 12", "32: 12 → 11"));
  EXPECT_THAT(exchanges_of(plan), ElementsAre(1, 1, 2, 2));
}

TEST(Search, ExchangesOfOnePartHaveNumbersOfTheirOwn) {
  World world = swap();
  world.node(11, 10.4).node(12, 4).replica(7, 100, {11, 12}).replica(9, 101, {2, 12});
  world.segment(31, 7, 11, 6.4).segment(32, 7, 12, 3.4).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan),
              UnorderedElementsAre("11: 1 → 2", "12: 2 → 1", "31: 11 → 12", "32: 12 → 11"));
  EXPECT_THAT(exchanges_of(plan), ElementsAre(1, 1, 2, 2));
}

TEST(Search, WhatItFindsBestAtOnceIsTheFirstPlan) {
  World world;
  world.node(1, 12).node(2, 4).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 2.81).segment(12, 5, 1, 2.9).segment(13, 5, 1, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"));
  EXPECT_THAT(moves_of(planned_with(world, 0)), ElementsAre("11: 1 → 2"));
}

TEST(Search, WhereNothingHelpsTheFirstPlanSaysWhy) {
  World world = swap();
  world.policy.max_moves_per_round = 1;
  const Plan plan = world.planned();
  const Plan first = planned_with(world, 0);
  EXPECT_EQ(rejections_of(plan), rejections_of(first));
  EXPECT_THAT(rejections_of(plan), testing::Not(IsEmpty()));
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_EQ(plan.unfixable.front().excess, first.unfixable.front().excess);
}

TEST(Search, WithHardlyAnyEffortThePlanIsTheFirst) {
  for (const World& world : {swap(), chain(), coarse()}) {
    EXPECT_EQ(moves_of(planned_with(world, 1)), moves_of(planned_with(world, 0)));
    EXPECT_EQ(moves_of(planned_with(world, -1)), moves_of(planned_with(world, 0)));
  }
}

// Too many nodes, or too many segments, to be searched: the first plan stands.
TEST(Search, AboveItsLimitsAClusterIsPlannedAllTheSame) {
  World nodes = coarse();
  for (int id = 3; id <= 25; ++id) {
    nodes.node(id, 8);
    nodes.cluster.replicas.front().nodes.push_back(NodeId{id});
  }
  nodes.sample();
  World segments = coarse();
  for (int i = 0; i < 509; ++i) segments.segment(1000 + i, 5, 2, 0.001);
  segments.sample();
  for (const World& world : {nodes, segments}) {
    EXPECT_THAT(world.planned().moves, testing::Not(IsEmpty()));
    EXPECT_EQ(moves_of(world.planned()), moves_of(planned_with(world, 0)));
  }
  segments.cluster.segments.pop_back();
  EXPECT_NE(moves_of(segments.planned()), moves_of(planned_with(segments, 0)));
}

TEST(Search, OnePartIsSearchedThoughAnotherIsTooLarge) {
  World world = swap();
  world.replica(8, 101, {});
  for (int id = 101; id <= 125; ++id) {
    world.node(id, id == 101 ? 12 : 4);
    world.cluster.replicas.back().nodes.push_back(NodeId{id});
  }
  for (int i = 0; i < 20; ++i) world.segment(1000 + i, 8, 101, 0.5);
  world.sample();
  const std::vector<std::string> moves = moves_of(world.planned());
  EXPECT_THAT(moves, testing::IsSupersetOf({"11: 1 → 2", "12: 2 → 1"}));
  EXPECT_GT(moves.size(), 2U);
}

TEST(SearchComponents, AreNodesThatShareSetsWorstFirst) {
  World world = swap();
  world.node(3, 8).node(4, 8).node(5, 13).node(6, 2).node(9, 1);
  world.replica(6, 101, {2, 3}).replica(7, 101, {5, 6}).replica(8, 101, {4}).sample();
  const Inventory inventory(borrowed(world.cluster));
  const Draft draft(inventory, world.judged(), world.policy, world.ledger, world.now);
  const std::vector<Component> parts = components(draft, Urgency::difference);
  ASSERT_EQ(parts.size(), 2U) << "node 4 has nothing to do, and node 9 no replica";
  EXPECT_THAT(parts[0].nodes, ElementsAre(4U, 5U));
  EXPECT_THAT(parts[1].nodes, ElementsAre(0U, 1U, 2U));
  EXPECT_EQ(parts[1].sets.size(), 2U);
  EXPECT_THAT(components(draft, Urgency::overload), IsEmpty());
}

TEST(SearchComponents, AnOverloadedNodeOfNoReplicaIsOneOfItsOwn) {
  World world = swap();
  world.node(9, 15.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_EQ(plan.unfixable.front().node, NodeId{9});
}

}  // namespace
}  // namespace evenkeel::rules::test::search_test
