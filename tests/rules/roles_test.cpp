// Nodes that take no part, replicas that wait alone, and destinations that rest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::roles_test {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Query nodes 3, 4 and 5, seven segments on the first, and the empty streaming node 2.
World with_streaming_node() {
  World world;
  world.node(2, 0.5).node(3, 10).node(4, 1).node(5, 1).replica(5, 100, {3, 4, 5});
  for (std::int64_t id = 11; id <= 17; ++id) world.segment(id, 5, 3, 1);
  world.at(2).role = NodeRole::streaming;
  world.cluster.replicas[0].streaming = {NodeId{2}};
  return world;
}

TEST(StreamingNode, IsNeitherADestinationNorPartOfTheDifference) {
  World world = with_streaming_node();
  world.sample();
  EXPECT_EQ(world.node_verdict(2).state, NodeState::exempt);
  EXPECT_EQ(world.node_verdict(2).reason, Reason::streaming_node);
  EXPECT_EQ(world.replica_verdict(5).lowest, NodeId{4});
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, Not(IsEmpty()));
  EXPECT_THAT(plan.moves, Each(Field(&Move::to, Not(NodeId{2}))));
}

TEST(StreamingNode, ThatCannotBeReadKeepsNothingWaiting) {
  World world = with_streaming_node();
  world.sample();
  world.at(2).health = NodeHealth::unreachable;
  world.sample(1);
  EXPECT_TRUE(world.judged().all_healthy());
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(StreamingNode, IsNotRelievedHoweverFullItIs) {
  World world = with_streaming_node();
  world.at(2).used = gib(15.9);
  world.segment(30, 5, 2, 1);
  world.sample();
  EXPECT_FALSE(world.judged().overloaded());
  EXPECT_THAT(world.planned().moves, Each(Field(&Move::from, Not(NodeId{2}))));
  EXPECT_LT(world.planned().worst_ratio_before, 0.9) << "its ratio is nobody's concern";
}

TEST(StreamingNode, WhatIsStrandedThereIsSaidAndNoContradiction) {
  World world = with_streaming_node();
  world.segment(30, 5, 2, 1);
  world.sample();
  const Judgement judgement = world.judged();
  ASSERT_THAT(judgement.set_aside, SizeIs(1));
  EXPECT_EQ(judgement.set_aside[0].why, Misfit::stranded);
  EXPECT_THAT(words(judgement.set_aside[0]), HasSubstr("sealed, on a streaming node"));
  EXPECT_TRUE(judgement.different());
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(StreamingNode, GrowingSegmentsAreAtHomeThere) {
  World world = with_streaming_node();
  world.segment(30, 5, 2, 1).segment_at(30).state = SegmentState::growing;
  world.sample();
  EXPECT_THAT(world.judged().set_aside, IsEmpty());
}

TEST(LeavingNode, IsNotFilledAgainAndNotEmptiedTwice) {
  World world = with_streaming_node();
  world.at(5).role = NodeRole::leaving;
  world.cluster.replicas[0].nodes = {NodeId{3}, NodeId{4}};
  world.cluster.replicas[0].leaving = {NodeId{5}};
  world.segment(30, 5, 5, 1);
  world.sample();
  EXPECT_EQ(world.node_verdict(5).reason, Reason::node_leaving);
  EXPECT_THAT(world.judged().set_aside, IsEmpty());
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, Not(IsEmpty()));
  EXPECT_THAT(plan.moves, Each(Field(&Move::to, NodeId{4})));
  EXPECT_THAT(plan.moves, Each(Field(&Move::from, NodeId{3})));
}

// A node that one replica is leaving may be another's for good.
TEST(LeavingNode, OfOneReplicaTakesPartInAnother) {
  World world;
  world.node(3, 10).node(4, 1).replica(5, 100, {3, 4}).replica(6, 200, {3});
  world.cluster.replicas[1].leaving = {NodeId{4}};
  for (std::int64_t id = 11; id <= 17; ++id) world.segment(id, 5, 3, 1);
  world.sample();
  EXPECT_EQ(world.node_verdict(4).state, NodeState::fine);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(UnknownRole, MovesNothingAndSaysWhy) {
  World world = with_streaming_node();
  for (Node& node : world.cluster.nodes) node.role = NodeRole::unknown;
  world.sample();
  EXPECT_EQ(world.node_verdict(3).reason, Reason::role_unknown);
  EXPECT_THAT(words(world.node_verdict(3), world.policy), HasSubstr("may be a streaming node"));
  EXPECT_THAT(world.planned().moves, IsEmpty());
  world.at(3).used = gib(15.9);
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "nor in relief";
}

// Two replicas of two collections on nodes of their own.
World two_replicas() {
  World world;
  world.node(1, 10).node(2, 1).node(3, 10).node(4, 1);
  world.replica(5, 100, {1, 2}).replica(6, 200, {3, 4});
  for (std::int64_t id = 11; id <= 17; ++id) world.segment(id, 5, 1, 1).segment(id + 10, 6, 3, 1);
  return world;
}

TEST(ReplicaThatLeavesUnknownNodes, WaitsAloneAndIsNotRelievedEither) {
  World world = two_replicas();
  world.cluster.replicas[0].unknown_leaving = 1;
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::nodes_leaving);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
  EXPECT_THAT(world.planned().moves, Each(Field(&Move::replica, ReplicaId{6})));
  world.at(1).used = gib(15.5);
  world.sample();
  EXPECT_TRUE(world.judged().overloaded());
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_FALSE(world.judged().balanced());
}

TEST(UnlistedCollection, KeepsReplicasOnItsNodesFromLevellingWhereItsMemoryIsThere) {
  World world = two_replicas();
  world.cluster.unlisted = {{CollectionId{4711}, NodeId{1}, gib(2)}};  // 10 − 7 are unexplained
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::memory_unlisted);
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
  EXPECT_THAT(world.planned().moves, Each(Field(&Move::replica, ReplicaId{6})));
  EXPECT_FALSE(world.judged().balanced());
  EXPECT_EQ(world.judged().unlisted_memory, NodeId{1});
}

TEST(UnlistedCollection, WhoseMemoryIsGoneHoldsNothingUp) {
  World world = two_replicas();
  world.cluster.unlisted = {{CollectionId{4711}, NodeId{1}, gib(5)}};  // metrics may be stale
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  world.cluster.unlisted = {{CollectionId{4711}, NodeId{1}, gib(0.1)}};  // and a little is noise
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
}

TEST(UnlistedCollection, WithoutAnyReplicaIsNotBalanced) {
  World world;
  world.node(1, 13).node(2, 0.4);
  world.cluster.unlisted = {{CollectionId{4711}, NodeId{1}, gib(12)}};
  world.sample();
  EXPECT_FALSE(world.judged().balanced());
  const Plan plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_THAT(why_nothing(plan, world.judged(), world.policy),
              HasSubstr("node 1 holds a collection that no list names"));
}

TEST(DestinationThatRefused, RestsAndTheOthersGoOn) {
  World world = with_streaming_node();
  world.sample();
  world.ledger.start(world.flight(11, 5, 3, 4, 1));
  world.ledger.destination_refused(key(11, 5), world.now, world.policy);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, Not(IsEmpty()));
  EXPECT_THAT(plan.moves, Each(Field(&Move::to, NodeId{5})));
  world.now += world.policy.segment_cooldown;
  world.sample();
  bool again = false;
  for (const Move& move : world.planned().moves) again = again || move.to == NodeId{4};
  EXPECT_TRUE(again);
}

TEST(Channels, BindSegmentsToTheirNodes) {
  World world;
  world.node(1, 10).node(2, 4).node(3, 1).node(4, 1).replica(5, 100, {1, 2, 3, 4});
  world.cluster.replicas[0].channels = {{NodeId{1}, NodeId{2}}, {NodeId{3}, NodeId{4}}};
  for (std::int64_t id = 11; id <= 19; ++id) {
    world.segment(id, 5, 1, 1);
    world.segment_at(id).channel = 1;
  }
  world.segment(30, 5, 3, 0.1).segment_at(30).channel = 2;
  world.segment(31, 5, 3, 0.1).segment_at(31).channel = 1;  // not where it belongs
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, Not(IsEmpty()));
  for (const Move& move : plan.moves) {
    EXPECT_EQ(move.from, NodeId{1});
    EXPECT_EQ(move.to, NodeId{2});
  }
  EXPECT_THAT(world.judged().set_aside, IsEmpty()) << "31 is the built-in balancer's to fetch";
  world.cluster.replicas[0].channels.clear();
  bool further = false;
  for (const Move& move : world.planned().moves) further = further || move.to > NodeId{2};
  EXPECT_TRUE(further) << "without exclusive mode it goes to the emptiest";
}

// What one channel has more than another cannot be levelled, so their nodes rest as they are.
TEST(Channels, AreLevelledOnlyWhereTheirOwnNodesDiffer) {
  World world;
  world.node(1, 12).node(2, 8).node(3, 1).node(4, 1).replica(5, 100, {1, 2, 3, 4});
  world.cluster.replicas[0].channels = {{NodeId{1}, NodeId{2}}, {NodeId{3}, NodeId{4}}};
  for (std::int64_t id = 11; id <= 19; ++id) {
    world.segment(id, 5, 1, 1);
    world.segment_at(id).channel = 1;
  }
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference) << "12 and 1 of 16 GiB";
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "12 and 8 of 16 GiB are within 30 %";
}

}  // namespace
}  // namespace evenkeel::rules::test::roles_test
