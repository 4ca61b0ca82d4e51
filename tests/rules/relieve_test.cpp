// Overload: relieved at once, with few bytes, and never by overloading another node.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/arithmetic.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::relieve_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// Node 1 of 16 GiB over its 90 %; nodes 2 and 3 have room. To 88 % it is 14.08 GiB.
World overloaded(double used = 15) {
  World world;
  world.node(1, used).node(2, 8).node(3, 6).replica(5, 100, {1, 2, 3});
  return world;
}

TEST(Relieve, MovesTheSmallestSegmentThatSufficesToTheNodeThatEndsLowest) {
  World world = overloaded();
  world.segment(11, 5, 1, 0.5).segment(12, 5, 1, 1).segment(13, 5, 1, 4).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  const Move& move = plan.moves.front();
  EXPECT_EQ(move.urgency, Urgency::overload);
  EXPECT_EQ(move.replica, ReplicaId{5});
  EXPECT_EQ(move.collection, CollectionId{100});
  EXPECT_EQ(move.bytes, gib(1));
  EXPECT_EQ(move.rows, gib(1) / 512);
  EXPECT_DOUBLE_EQ(move.from_before, 15.0 / 16);
  EXPECT_DOUBLE_EQ(move.from_after, 14.0 / 16);
  EXPECT_DOUBLE_EQ(move.to_before, 6.0 / 16);
  EXPECT_DOUBLE_EQ(move.to_after, 7.0 / 16);
  EXPECT_DOUBLE_EQ(plan.worst_ratio_before, 15.0 / 16);
  EXPECT_DOUBLE_EQ(plan.worst_ratio_after, 14.0 / 16);
  EXPECT_TRUE(plan.unfixable.empty());
}

TEST(Relieve, TakesTheLargestFirstWhereNoneSufficesAlone) {
  World world = overloaded();
  world.segment(11, 5, 1, 0.3).segment(12, 5, 1, 0.5).segment(13, 5, 1, 0.4);
  world.segment(14, 5, 1, 2).segment_at(14).state = SegmentState::growing;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3", "13: 1 → 3", "11: 1 → 3"))
      << "0.92 to go, then 0.42, then 0.02: the smallest that suffices each time";
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::not_sealed));
  EXPECT_EQ(plan.rejected.front().count, 1) << "though it was looked at for each move";
}

// The quick way alone, as in a large cluster.
TEST(Relieve, TakesTwoRatherThanOneThatIsFarTooLarge) {
  World world = overloaded();
  world.policy.effort = 0;
  world.segment(11, 5, 1, 0.5).segment(12, 5, 1, 0.45).segment(13, 5, 1, 4).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3", "12: 1 → 3"));
}

TEST(Relieve, GoesAMarginBelowTheThresholdAndNoFurther) {
  World world = overloaded(14.5);
  for (int i = 0; i < 20; ++i) world.segment(11 + i, 5, 1, 0.1);
  world.sample();
  EXPECT_EQ(world.planned().moves.size(), 5U) << "14.5 − 5 × 0.1 is at most 14.08";
}

TEST(Relieve, WorstNodeFirst) {
  World world = overloaded(14.6);
  world.node(4, 15.5).replica(6, 100, {4, 2, 3});
  world.segment(11, 5, 1, 1).segment(12, 6, 4, 2).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 4 → 3", "11: 1 → 2"))
      << "and then node 3 with 8 GiB of 16 is as low as node 2";
}

TEST(Relieve, CountsTheLoadingPeakOfAllThatMayLoadAtOnce) {
  World world = overloaded(15.6);
  world.at(2).used = gib(12);  // 2.4 GiB below its threshold: 1.6 GiB may load
  world.at(3).used = gib(12);
  world.segment(11, 5, 1, 1.7).segment(12, 5, 1, 1.5).segment(13, 5, 1, 0.2).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 2", "13: 1 → 3"))
      << "11 has no room anywhere, and 12 leaves 0.1 GiB on node 2";
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::destination_overload));
}

TEST(Relieve, CountsWhatIsInFlightTowardsADestination) {
  World world = overloaded();
  world.segment(11, 5, 1, 1).sample();
  world.at(2).used = gib(13);
  world.at(3).used = gib(12);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  world.ledger.start(world.flight(21, 6, 9, 3, 1));
  world.ledger.land(key(21, 6), world.now + std::chrono::seconds{1});
  EXPECT_EQ(world.planned().moves.size(), 0U)
      << "13 GiB are on node 3 by now, and 1.5 GiB more would pass 14.4";
}

TEST(Relieve, DoesNotUseANodeThatAMoveIsUnderWayTo) {
  World world = overloaded();
  world.segment(11, 5, 1, 1).sample();
  world.ledger.start(world.flight(21, 6, 9, 3, 0.1));
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2")) << "one stuck move blocks nothing else";
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::in_flight));
}

TEST(Relieve, MovesOnlyTowardsNodesThatCanBeJudged) {
  World world = overloaded();
  world.segment(11, 5, 1, 1);
  world.at(3).health = NodeHealth::unreachable;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 2"));
  ASSERT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_unhealthy));
  EXPECT_EQ(plan.rejected.front().to, NodeId{3});

  world.at(2).health = NodeHealth::unreachable;
  EXPECT_TRUE(world.planned().moves.empty());
  ASSERT_EQ(world.planned().unfixable.size(), 1U);
  EXPECT_EQ(world.planned().unfixable.front().room_needed, 0) << "room is not what is missing";
}

TEST(Relieve, GoesByEachNodesOwnCapacity) {
  World world = overloaded();
  world.at(2).capacity = gib(64);  // 8 of 64 is lower than 6 of 16
  world.segment(11, 5, 1, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"));
}

TEST(Relieve, SegmentsOfIncompleteCollectionsStay) {
  World world = overloaded();
  world.replica(6, 101, {1, 2, 3}).segment(11, 5, 1, 1).segment(12, 6, 1, 1.1);
  world.cluster.collections.front().complete = false;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::data_incomplete));
}

TEST(Trap05OtherReplicaIsRefused, SegmentsStayAmongTheNodesOfTheirReplica) {
  World world = overloaded();
  world.node(4, 1).replica(6, 100, {4}).segment(11, 5, 1, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"))
      << "node 4 is emptier, but of the other replica";
}

TEST(Trap06NeverToItself, ANodeAloneInItsReplicaIsToldToGrow) {
  World world;
  world.node(1, 15).replica(5, 100, {1, 1}).segment(11, 5, 1, 1).sample();
  const Plan plan = world.planned();
  EXPECT_TRUE(plan.moves.empty());
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_GT(plan.unfixable.front().room_needed, 0);
}

struct Unmovable {
  const char* what;
  Rejection why;
  void (*spoil)(World&);
};

void PrintTo(const Unmovable& unmovable, std::ostream* out) {
  *out << unmovable.what;
}

class RelieveRejects : public testing::TestWithParam<Unmovable> {};

TEST_P(RelieveRejects, ASegmentThatMayNotMoveAndTakesAnother) {
  World world = overloaded();
  world.segment(11, 5, 1, 1).segment(12, 5, 1, 2).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  GetParam().spoil(world);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  ASSERT_EQ(plan.rejected.size(), 1U);
  EXPECT_EQ(plan.rejected.front().why, GetParam().why);
  EXPECT_EQ(plan.rejected.front().segment, SegmentId{11});
  EXPECT_EQ(plan.rejected.front().from, NodeId{1});
  EXPECT_EQ(plan.rejected.front().count, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, RelieveRejects,
    testing::Values(
        Unmovable{"cooling_down", Rejection::cooling_down,
                  [](World& world) {
                    // It came a while ago: that there is evidence again shows how long.
                    world.ledger.start(world.flight(11, 5, 2, 1, 1));
                    world.ledger.land(key(11, 5), world.now);
                    world.sample(3);
                  }},
        Unmovable{"resting", Rejection::resting,
                  [](World& world) {
                    for (int i = 0; i < 3; ++i) {
                      world.ledger.start(world.flight(11, 5, 1, 2, 1));
                      world.ledger.fail(key(11, 5), world.now, world.policy);
                    }
                    world.sample(3);
                  }},
        Unmovable{"in_flight", Rejection::in_flight,
                  [](World& world) { world.ledger.start(world.flight(11, 5, 7, 8, 1)); }},
        Unmovable{"in_transit", Rejection::in_transit,
                  [](World& world) { world.segment(11, 5, 2, 1); }},
        Unmovable{"growing", Rejection::not_sealed,
                  [](World& world) { world.segment_at(11).state = SegmentState::growing; }},
        Unmovable{"empty", Rejection::too_small,
                  [](World& world) { world.segment_at(11).bytes = 0; }},
        Unmovable{"negative", Rejection::data_incomplete,
                  [](World& world) { world.segment_at(11).bytes = -gib(1); }},
        Unmovable{"larger_than_its_node", Rejection::data_incomplete,
                  [](World& world) { world.segment_at(11).bytes = gib(15.5); }},
        Unmovable{"listed_twice_and_not_alike", Rejection::data_incomplete,
                  [](World& world) { world.segment(11, 5, 1, 1.5); }},
        Unmovable{"of_another_collection", Rejection::data_incomplete,
                  [](World& world) { world.segment_at(11).collection = CollectionId{7}; }},
        Unmovable{"of_an_unknown_replica", Rejection::data_incomplete,
                  [](World& world) { world.segment_at(11).replica = ReplicaId{7}; }},
        Unmovable{"of_no_replica", Rejection::data_incomplete,
                  [](World& world) { world.segment_at(11).replica = ReplicaId{}; }}),
    [](const auto& tested) { return tested.param.what; });

// Found by worlds with two agents: each relieved the same node to the same destination, the one of
// a collection that the other did not look at.
TEST(Relieve, NotTowardsANodeThatFillsUpByAnothersHand) {
  World world = overloaded();
  world.replica(6, 200, {1, 2, 3}).segment(11, 5, 1, 2).segment(21, 6, 1, 4).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  world.segment(21, 6, 3, 4).sample(1);
  const Bytes coming = scaled_up(gib(4), world.policy.loading_peak);
  EXPECT_EQ(world.node_verdict(3).may_arrive, coming);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"));

  World own = overloaded();
  own.replica(6, 200, {1, 2, 3}).segment(11, 5, 1, 2).segment(21, 6, 1, 4).segment(21, 6, 3, 4);
  own.ledger.start(own.flight(21, 6, 1, 3, 4));
  own.sample();
  EXPECT_EQ(own.node_verdict(3).may_arrive, 0) << "the ledger has it";
  own.ledger.land(key(21, 6), own.now);
  own.sample(1);
  EXPECT_EQ(own.node_verdict(3).may_arrive, 0) << "that list is from before";
  EXPECT_TRUE(own.ledger.sent(key(21, 6), own.now - kSampleInterval));
  EXPECT_FALSE(own.ledger.sent(key(21, 6), own.now)) << "nothing of ours has landed since";
}

TEST(Relieve, ASegmentListedTwiceAlikeIsOne) {
  World world = overloaded();
  world.segment(11, 5, 1, 1).segment(11, 5, 1, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  EXPECT_EQ(world.node_verdict(1).may_arrive, 0);
}

TEST(Relieve, ASegmentOnANodeThatIsGoneIsSetAside) {
  World world = overloaded();
  world.segment(11, 5, 9, 1).segment(12, 5, 1, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 1 → 3"));
}

TEST(Relieve, ASegmentOutsideItsReplicaIsSetAside) {
  World world = overloaded();
  world.node(4, 15).segment(11, 5, 4, 1).sample();
  const Plan plan = world.planned();
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::data_incomplete));
}

TEST(Relieve, NothingMovesBackInsideItsCoolDown) {
  World world;
  world.policy.unexplained_window = Duration{0};  // the nodes' own memory is to change places
  world.node(1, 15).node(2, 2).replica(5, 100, {1, 2}).segment(11, 5, 1, 1).sample();
  const Plan there = world.planned();
  ASSERT_THAT(moves_of(there), ElementsAre("11: 1 → 2"));
  world.carry_out(there);
  world.at(1).used = gib(2);
  world.at(2).used = gib(15);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), Contains(Rejection::cooling_down));
  world.now += world.policy.segment_cooldown;
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 2 → 1"));
}

TEST(RelieveBudget, OfMovesCutsThePlan) {
  World world = overloaded();
  for (int i = 0; i < 20; ++i) world.segment(11 + i, 5, 1, 0.1);
  world.policy.max_moves_per_round = 3;
  world.sample();
  const Plan plan = world.planned();
  EXPECT_EQ(plan.moves.size(), 3U);
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  EXPECT_THAT(plan.unfixable, IsEmpty()) << "the next round goes on";
}

TEST(RelieveBudget, OfBytesLeavesRoomForSmallerSegments) {
  World world = overloaded();
  world.segment(11, 5, 1, 2).segment(12, 5, 1, 0.5).sample();
  world.policy.max_bytes_per_round = gib(1);
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("12: 1 → 3"));
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::budget));
  EXPECT_LE(plan.bytes(), world.policy.max_bytes_per_round);
}

TEST(RelieveBudget, OfNothingPlansNothing) {
  World world = overloaded();
  world.segment(11, 5, 1, 2).sample();
  world.policy.max_moves_per_round = -1;
  EXPECT_TRUE(world.planned().moves.empty());
  world.policy.max_moves_per_round = 5;
  world.policy.max_bytes_per_round = -1;
  EXPECT_TRUE(world.planned().moves.empty());
}

TEST(RelieveUnfixable, SaysByHowMuchAndWhatRoomWouldBeEnough) {
  World world = overloaded(15.4);
  world.at(2).used = world.at(3).used = gib(14);
  world.segment(11, 5, 1, 0.6).segment(12, 5, 1, 0.6).segment(13, 5, 1, 0.9).sample();
  const Plan plan = world.planned();
  EXPECT_TRUE(plan.moves.empty());
  ASSERT_EQ(plan.unfixable.size(), 1U);
  const Unfixable& unfixable = plan.unfixable.front();
  EXPECT_EQ(unfixable.urgency, Urgency::overload);
  EXPECT_EQ(unfixable.node, NodeId{1});
  EXPECT_EQ(unfixable.replica, ReplicaId{5});
  EXPECT_NEAR(static_cast<double>(unfixable.excess), 1.0 * kGiB, 2);
  // 0.9 and one of 0.6 GiB, loading with 1.5 × into a node that may be 90 % full.
  EXPECT_NEAR(static_cast<double>(unfixable.room_needed), 1.5 * 1.5 / 0.9 * kGiB, 8);
  ASSERT_EQ(plan.rejected.size(), 1U);
  EXPECT_EQ(plan.rejected.front().why, Rejection::destination_overload);
  EXPECT_EQ(plan.rejected.front().count, 3) << "alike ones are folded";
  EXPECT_EQ(plan.rejected.front().segment, std::nullopt);

  world.node(4, 0, 2.6).cluster.replicas.front().nodes.push_back(NodeId{4});
  world.sample();
  world.carry_out(world.planned());
  world.sample();
  EXPECT_FALSE(world.judged().overloaded()) << "2.6 GiB more were enough, as was said";
}

TEST(RelieveUnfixable, IsNotANodeThatGetsBelowItsThresholdThoughNotByTheMargin) {
  World world = overloaded(14.5);
  world.segment(11, 5, 1, 0.2).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
  EXPECT_THAT(world.planned().unfixable, IsEmpty());
}

TEST(RelieveUnfixable, NeedsNoRoomWhereItsSegmentsAreNotTheReason) {
  World world = overloaded();
  world.segment(11, 5, 1, 0.1).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 3")) << "what helps is done";
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_EQ(plan.unfixable.front().room_needed, 0);
  EXPECT_EQ(plan.unfixable.front().replica, std::nullopt);
  EXPECT_NEAR(static_cast<double>(plan.unfixable.front().excess), 0.5 * kGiB, 2);
}

TEST(RelieveUnfixable, NamesNoReplicaWhereSeveralLackRoom) {
  World world = overloaded(15.4);
  world.at(2).used = world.at(3).used = gib(14);
  world.replica(6, 101, {1, 2}).segment(11, 5, 1, 0.6).segment(12, 6, 1, 0.6).sample();
  const Plan plan = world.planned();
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_GT(plan.unfixable.front().room_needed, 0);
  EXPECT_EQ(plan.unfixable.front().replica, std::nullopt);
}

TEST(Relieve, ComesBeforeAnyLevelling) {
  World world = overloaded();
  world.node(7, 12).node(8, 1).replica(6, 101, {7, 8});
  world.segment(11, 5, 1, 1).segment(21, 6, 7, 4).sample();
  ASSERT_TRUE(world.judged().different());
  const Plan plan = world.planned();
  for (const Move& move : plan.moves) EXPECT_EQ(move.urgency, Urgency::overload);
  EXPECT_THAT(moves_of(plan), ElementsAre("11: 1 → 3"));
}

}  // namespace
}  // namespace evenkeel::rules::test::relieve_test
