// Ids that are there twice, and copies of one segment that contradict each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/troubled.hpp"

namespace evenkeel::rules::test::duplicates_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(BadInputDuplicateIds, OfNodesAreSaid) {
  World world = overloaded();
  world.node(3, 1, 64).sample();
  EXPECT_EQ(world.node_verdict(3).reason, Reason::node_listed_twice);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::node_listed_twice);
  EXPECT_THAT(world.judged().nodes, SizeIs(3));
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_unhealthy));
}

TEST(BadInputDuplicateIds, OfNodesThatAreAlikeAreSaidToo) {
  World world = overloaded();
  world.cluster.nodes.push_back(world.at(1));
  EXPECT_EQ(world.node_verdict(1).reason, Reason::node_listed_twice);
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

TEST(BadInputDuplicateIds, OfReplicasInTwoCollectionsMakeBothContradictory) {
  World world = overloaded();
  world.replica(5, 101, {1, 2, 3}).sample();
  const Judgement judgement = world.judged();
  ASSERT_THAT(judgement.replicas, SizeIs(2));
  for (const ReplicaVerdict& replica : judgement.replicas) {
    EXPECT_EQ(replica.reason, Reason::replica_contradictory);
  }
  EXPECT_FALSE(judgement.all_healthy());
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), ElementsAre(Rejection::data_incomplete));
}

TEST(BadInputDuplicateIds, OfReplicasWithOtherNodesMakeThemContradictory) {
  World world = overloaded();
  world.replica(5, 100, {1, 3}).sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::replica_contradictory);
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

}  // namespace
}  // namespace evenkeel::rules::test::duplicates_test
