// What must not be believed is refused or set aside, and an operator is told why: every line of
// what a cluster can get wrong, and what judge and plan then say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
constexpr Bytes kLeast = std::numeric_limits<Bytes>::min();

// Node 1 of 16 GiB is overloaded, and its segment 11 would relieve it: to node 3, the emptiest.
World overloaded() {
  World world;
  world.node(1, 15).node(2, 8).node(3, 6).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 1).segment(12, 5, 1, 2).sample();
  return world;
}

// Node 1 is at 75 %, nodes 2 and 3 are at 25 %, and no node is overloaded.
World skewed() {
  World world;
  world.node(1, 12).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3});
  for (int i = 0; i < 16; ++i) world.segment(11 + i, 5, 1, 0.5);
  world.sample();
  return world;
}

std::vector<double> figures_of(const World& world) {
  std::vector<double> figures;
  for (const NodeVerdict& node : world.judged().nodes) figures.push_back(node.ratio);
  for (const ReplicaVerdict& replica : world.judged().replicas) {
    figures.insert(figures.end(), {replica.highest_ratio, replica.lowest_ratio, replica.spread});
  }
  const Plan plan = world.planned();
  figures.insert(figures.end(), {plan.worst_spread_before, plan.worst_spread_after,
                                 plan.worst_ratio_before, plan.worst_ratio_after});
  for (const Move& move : plan.moves) {
    figures.insert(figures.end(),
                   {move.from_before, move.from_after, move.to_before, move.to_after});
  }
  for (const Candidate& candidate : plan.rejected) figures.push_back(candidate.to_after);
  return figures;
}

void expect_numbers(const World& world) {
  for (const double figure : figures_of(world)) {
    EXPECT_TRUE(std::isfinite(figure) && figure >= 0) << figure;
  }
  EXPECT_GE(world.planned().bytes(), 0);
  for (const Unfixable& unfixable : world.planned().unfixable) {
    EXPECT_GE(unfixable.excess, 0);
    EXPECT_GE(unfixable.room_needed, 0);
  }
}

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

TEST(BadInputANegativeSize, IsTooSmallToMove) {
  for (const Bytes bytes : {Bytes{-1}, -kMost, kLeast}) {
    World world = overloaded();
    world.segment_at(11).bytes = bytes;
    EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 3"));
    EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::too_small));

    world = skewed();
    for (Segment& segment : world.cluster.segments) segment.bytes = bytes;
    EXPECT_THAT(world.planned().moves, IsEmpty());
    EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::too_small));
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
  EXPECT_EQ(world.node_verdict(9).reason, Reason::sample_missing);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::sample_missing);
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

TEST(BadInputDuplicateIds, OfNodesMakeThemAmbiguous) {
  World world = overloaded();
  world.node(3, 1, 64).sample();
  EXPECT_EQ(world.node_verdict(3).reason, Reason::node_ambiguous);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::node_ambiguous);
  EXPECT_THAT(world.judged().nodes, SizeIs(3));
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_unhealthy));
}

TEST(BadInputDuplicateIds, OfNodesThatAreAlikeMakeThemAmbiguousToo) {
  World world = overloaded();
  world.cluster.nodes.push_back(world.at(1));
  EXPECT_EQ(world.node_verdict(1).reason, Reason::node_ambiguous);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(BadInputDuplicateIds, OfSegmentsThatAreAlikeAreOneCopy) {
  World world = overloaded();
  world.segment(11, 5, 1, 1).segment(11, 5, 1, 1).sample();
  EXPECT_NE(world.replica_verdict(5).reason, Reason::segment_in_transit);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 3"));
  EXPECT_THAT(plan.rejected, IsEmpty());
}

TEST(BadInputDuplicateIds, OfReplicasThatAreAlikeAreOne) {
  World world = skewed();
  world.replica(5, 100, {3, 1, 2, 1});
  EXPECT_THAT(world.judged().replicas, SizeIs(1));
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(BadInputDuplicateIds, OfReplicasInTwoCollectionsMakeBothIncomplete) {
  World world = overloaded();
  world.replica(5, 101, {1, 2, 3}).sample();
  const Judgement judgement = world.judged();
  ASSERT_THAT(judgement.replicas, SizeIs(2));
  for (const ReplicaVerdict& replica : judgement.replicas) {
    EXPECT_EQ(replica.reason, Reason::collection_incomplete);
  }
  EXPECT_FALSE(judgement.all_healthy());
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
}

TEST(BadInputDuplicateIds, OfReplicasWithOtherNodesMakeThemIncomplete) {
  World world = overloaded();
  world.replica(5, 100, {1, 3}).sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_incomplete);
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
}

TEST(BadInputDuplicateIds, OfCollectionsCountAsIncompleteWhereOneIs) {
  World world = skewed();
  world.cluster.collections.push_back({CollectionId{100}, "book", true, ""});
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
  for (const bool first : {false, true}) {
    world.cluster.collections[0].complete = !first;
    world.cluster.collections[1].complete = first;
    EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_incomplete);
    EXPECT_THAT(world.planned().moves, IsEmpty());
  }
}

struct Contradiction {
  const char* what;
  void (*spoil)(Segment& copy);
};

void PrintTo(const Contradiction& contradiction, std::ostream* out) {
  *out << contradiction.what;
}

class BadInputContradictoryCopies : public testing::TestWithParam<Contradiction> {};

TEST_P(BadInputContradictoryCopies, AreSetAsideWithThatReason) {
  World world = overloaded();
  Segment copy = world.segment_at(11);
  GetParam().spoil(copy);
  for (const bool first : {false, true}) {
    World spoiled = world;
    auto& segments = spoiled.cluster.segments;
    segments.insert(first ? segments.begin() : segments.end(), copy);
    const Plan plan = spoiled.planned();
    EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
    ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::data_incomplete));
    EXPECT_EQ(plan.rejected.front().segment, SegmentId{11});
    expect_numbers(spoiled);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, BadInputContradictoryCopies,
    testing::Values(
        Contradiction{"bytes", [](Segment& copy) { copy.bytes *= 2; }},
        Contradiction{"negative_bytes", [](Segment& copy) { copy.bytes = -1; }},
        Contradiction{"rows", [](Segment& copy) { ++copy.rows; }},
        Contradiction{"state", [](Segment& copy) { copy.state = SegmentState::growing; }},
        Contradiction{"collection", [](Segment& copy) { copy.collection = CollectionId{7}; }}),
    [](const auto& tested) { return tested.param.what; });

TEST(BadInputAReplicaOfNoCollection, CannotBeJudgedAndItsSegmentsStay) {
  World world = overloaded();
  world.cluster.collections.clear();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_incomplete);
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
}  // namespace evenkeel::rules::test
