// What must not be believed is refused or set aside, and an operator is told why: every line of
// what a cluster can get wrong, and what judge and plan then say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/troubled.hpp"

namespace evenkeel::rules::test::bad_input_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
constexpr Bytes kLeast = std::numeric_limits<Bytes>::min();

TEST(BadInputZeroOrUnknownCapacity, OfADestinationIsSaidAndNothingMovesThere) {
  for (const Bytes capacity : {Bytes{0}, Bytes{-1}, kLeast}) {
    World world = overloaded();
    world.at(3).capacity = capacity;
    EXPECT_EQ(world.node_verdict(3).reason, Reason::capacity_unknown);
    EXPECT_EQ(world.replica_verdict(5).reason, Reason::capacity_unknown);
    const Plan plan = world.planned();
    EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
    ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_unhealthy));
    EXPECT_EQ(plan.rejected.front().to, NodeId{3});
    expect_numbers(world);
  }
}

TEST(BadInputZeroOrUnknownCapacity, OfEveryNodeIsSaidAndNothingIsPlanned) {
  for (World world : {overloaded(), skewed()}) {
    for (Node& node : world.cluster.nodes) node.capacity = 0;
    for (const NodeVerdict& node : world.judged().nodes) {
      EXPECT_EQ(node.reason, Reason::capacity_unknown);
    }
    EXPECT_FALSE(world.judged().all_healthy());
    EXPECT_THAT(world.planned().moves, IsEmpty());
    expect_numbers(world);
  }
}

TEST(BadInputZeroOrUnknownCapacity, OfOneNodeKeepsEverythingFromBeingLevelled) {
  World world = skewed();
  world.node(9, 1, 0).sample();
  ASSERT_TRUE(world.judged().different());
  EXPECT_EQ(world.node_verdict(9).reason, Reason::capacity_unknown);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(BadInputCapacityAtTheEndOfItsRange, GivesNumbersAllTheSame) {
  for (const Bytes capacity : {Bytes{1}, kMost - 1, kMost}) {
    for (World world : {overloaded(), skewed()}) {
      world.at(1).capacity = world.at(2).capacity = capacity;
      expect_numbers(world);
    }
  }
}

TEST(BadInputANodeInNoReplica, IsJudgedAndNothingMovesThere) {
  World world = overloaded();
  world.node(9, 0.1).sample();
  EXPECT_EQ(world.node_verdict(9).state, NodeState::fine);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  world.at(2).used = world.at(3).used = gib(14);
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::destination_overload));
}

TEST(BadInputANodeInNoReplica, ThatIsOverloadedIsUnfixableAndItsSegmentsAreContradictory) {
  World world = overloaded();
  world.at(1).used = gib(8);
  world.node(9, 15).segment(21, 5, 9, 2).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  EXPECT_EQ(plan.unfixable.front().node, NodeId{9});
  EXPECT_EQ(plan.unfixable.front().room_needed, 0) << "room is not what is missing";
  EXPECT_EQ(plan.unfixable.front().obstacle, Obstacle::in_no_replica);
  EXPECT_EQ(world.node_verdict(9).reason, Reason::in_no_replica);
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::data_incomplete));
  EXPECT_EQ(plan.rejected.front().segment, SegmentId{21});
}

TEST(BadInputAReplicaWithNoNodes, IsSaidAndItsSegmentsStayWhereTheyAre) {
  World world = overloaded();
  world.replica(6, 101, {}).segment(21, 6, 1, 1).sample();
  EXPECT_EQ(world.replica_verdict(6).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::no_nodes);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 3"));
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::data_incomplete));
  EXPECT_EQ(plan.rejected.front().segment, SegmentId{21});
  expect_numbers(world);
}

TEST(BadInputAReplicaWithNoNodes, KeepsNoOtherFromBeingLevelled) {
  World world = skewed();
  world.replica(6, 101, {}).sample();
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(BadInputASegmentOnANodeThatIsGone, IsLeftAloneAndItsReplicaIsNotLevelled) {
  World world = skewed();
  world.replica(6, 101, {1, 2, 9}).segment(41, 6, 9, 1).sample();
  EXPECT_EQ(world.node_verdict(9).reason, Reason::node_unreachable);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::node_unreachable);
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "not all is healthy";

  world.at(1).used = gib(15);
  world.sample();
  EXPECT_THAT(world.planned().moves, Not(IsEmpty())) << "overload does not wait for it";
  for (const Move& move : world.planned().moves) {
    EXPECT_NE(move.segment, SegmentId{41});
    EXPECT_NE(move.to, NodeId{9});
  }
}

TEST(BadInputASegmentOnANodeThatIsGone, ThatNoReplicaNamesIsNeverMoved) {
  for (World world : {overloaded(), skewed()}) {
    world.segment(41, 5, 9, 1).sample();
    EXPECT_EQ(world.judged().node(NodeId{9}), nullptr);
    for (const Move& move : world.planned().moves) EXPECT_NE(move.segment, SegmentId{41});
    expect_numbers(world);
  }
}

TEST(BadInputASegmentOnANodeThatIsGone, AndOnAnotherIsInTransit) {
  World world = overloaded();
  world.segment(11, 5, 9, 1).sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::segment_in_transit);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::in_transit));
}

TEST(BadInputASegmentOnTwoNodes, IsInTransitForItsReplicaAndForThePlan) {
  World world = overloaded();
  world.segment(11, 5, 2, 1).segment(11, 5, 3, 1).sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::segment_in_transit);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::in_transit));

  World level = skewed();
  level.segment(11, 5, 2, 0.5).sample();
  EXPECT_THAT(level.planned().moves, IsEmpty());
  EXPECT_EQ(level.replica_verdict(5).reason, Reason::segment_in_transit);
}

TEST(BadInputANegativeSize, IsSetAside) {
  for (const Bytes bytes : {Bytes{-1}, -kMost, kLeast}) {
    World world = overloaded();
    world.segment_at(11).bytes = bytes;
    EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 3"));
    EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));

    world = skewed();
    for (Segment& segment : world.cluster.segments) segment.bytes = bytes;
    EXPECT_THAT(world.planned().moves, IsEmpty());
    EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
    expect_numbers(world);
  }
}

TEST(BadInputASizeLargerThanItsNode, IsContradictory) {
  for (const Bytes bytes : {gib(15.5), kMost - 1, kMost}) {
    World world = overloaded();
    world.segment_at(11).bytes = bytes;
    EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 3"));
    EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));

    world = skewed();
    for (Segment& segment : world.cluster.segments) segment.bytes = bytes;
    EXPECT_THAT(world.planned().moves, IsEmpty());
    ASSERT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
    EXPECT_EQ(world.planned().rejected.front().count, 16);
    expect_numbers(world);
  }
}

// Sizes that are possible one by one and whose sum is not.
TEST(BadInputSizesWhoseSumOverflows, AreMovedOnlyAsFarAsThereIsRoom) {
  for (World world : {overloaded(), skewed()}) {
    for (Node& node : world.cluster.nodes) {
      node.used = node.used / kGiB * (kMost / 16);
      node.capacity = kMost;
    }
    for (Segment& segment : world.cluster.segments) segment.bytes = kMost / 9;
    world.policy.max_bytes_per_round = kMost;
    world.sample();
    const Plan plan = world.planned();
    EXPECT_THAT(plan.moves, Not(IsEmpty()));
    for (const Move& move : plan.moves) EXPECT_LE(move.to_after, 0.9);
    EXPECT_LE(plan.worst_ratio_after, plan.worst_ratio_before);
    expect_numbers(world);
  }
}

TEST(BadInputSizesWhoseSumOverflows, OfMovesUnderWayFillTheirDestination) {
  World world = overloaded();
  for (const std::int64_t segment : {21, 22, 23}) {
    Flight flight = world.flight(segment, 6, 9, 3, 0);
    flight.bytes = kMost / 2;
    world.ledger.start(flight);
  }
  EXPECT_EQ(world.node_verdict(3).expected, kMost);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"));
  expect_numbers(world);
}

TEST(BadInputANegativeMemoryFigure, IsNoSample) {
  World world = overloaded();
  world.node(9, 1).replica(6, 101, {1, 9});
  world.at(9).used = -1;
  world.sample();
  EXPECT_EQ(world.node_verdict(9).reason, Reason::node_invalid);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::node_invalid);
}

TEST(BadInputANegativeMemoryFigure, AfterGoodSamplesIsNotCoveredUpByThem) {
  World world = skewed();
  world.at(2).used = -1;
  world.sample(1);
  EXPECT_EQ(world.node_verdict(2).state, NodeState::cannot_judge);
  EXPECT_EQ(world.node_verdict(2).reason, Reason::node_invalid);
  EXPECT_THAT(world.planned().moves, IsEmpty());
  world.at(2).used = gib(4);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(2).state, NodeState::fine);
}

// Ten millions of them are measured by tests/bench/plan_bench.cpp.
TEST(BadInputAHundredThousandSegmentsOnOneNode, AreLevelled) {
  World world;
  world.node(1, 12).node(2, 1).replica(5, 100, {1, 2});
  for (int i = 0; i < 100'000; ++i) world.segment(1000 + i, 5, 1, 0.00005);
  for (int i = 0; i < 50; ++i) world.segment(900 + i, 5, 1, 0.1);
  world.policy.max_moves_per_round = 1'000'000;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_LE(plan.worst_spread_after, 0.15);
  EXPECT_LT(plan.moves.size(), 50U) << "4.3 GiB have to go, not in crumbs";
}

TEST(BadInputAHundredThousandSegmentsOnOneNode, RelieveItAndThoseThatMayNotMoveAreOneLine) {
  World world;
  world.node(1, 15).node(2, 1).replica(5, 100, {1, 2});
  for (int i = 0; i < 100'000; ++i) world.segment(1000 + i, 5, 1, 0.0001);
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  for (int i = 0; i < 10; ++i) world.segment(900 + i, 5, 1, 0.1);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, SizeIs(10)) << "0.92 GiB have to go";
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::not_sealed));
  EXPECT_EQ(plan.rejected.front().count, 100'000);
}

TEST(BadInputAReplicaOfNoCollection, CannotBeJudgedAndItsSegmentsStay) {
  World world = overloaded();
  world.cluster.collections.clear();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_unlisted);
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
}

TEST(BadInputASegmentOfNoReplica, StaysWithThatReason) {
  World world = overloaded();
  world.segment_at(11).replica = ReplicaId{77};
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 3"));
  ASSERT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
  EXPECT_EQ(world.planned().rejected.front().replica, ReplicaId{77});
}

}  // namespace
}  // namespace evenkeel::rules::test::bad_input_test
