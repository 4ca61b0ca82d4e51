// Drained nodes: emptied as far as there is room, no destination, and of no difference.

#include "rules/drains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/room.hpp"
#include "rules/transfer.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::drains_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Three nodes of 16 GiB, of which nothing is wrong. Node 3 has segments of 1, 2 and 3 GiB.
World calm() {
  World world;
  world.node(1, 6).node(2, 5).node(3, 8).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 1).segment(21, 5, 2, 1);
  world.segment(31, 5, 3, 1).segment(32, 5, 3, 2).segment(33, 5, 3, 3);
  return world;
}

void drain(World& world, std::int64_t node) {
  world.ledger.drains().begin(NodeId{node}, {world.now, "ann", "a rollout", world.now});
}

World drained(std::int64_t node = 3) {
  World world = calm();
  drain(world, node);
  world.sample();
  return world;
}

TEST(Drain, TheLargestLeavesFirstEachToTheNodeThatEndsLowest) {
  const Plan plan = drained().planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("33: 3 → 2", "32: 3 → 1", "31: 3 → 1"))
      << "8 GiB on node 2, then 8 on node 1; a tie goes to the lower id";
  for (const Move& move : plan.moves) EXPECT_EQ(move.urgency, Urgency::drain);
  EXPECT_THAT(words(plan.moves.front()), HasSubstr("to empty a drained node"));
}

TEST(Drain, NothingIsMovedToTheNodeHoweverLowItIs) {
  World world;
  world.node(1, 15).node(2, 12).node(3, 1).replica(5, 100, {1, 2, 3});
  for (std::int64_t id = 11; id <= 22; ++id) world.segment(id, 5, 1, 1);
  drain(world, 3);
  world.sample();
  for (const Move& move : world.planned().moves) EXPECT_NE(move.to, NodeId{3});
  EXPECT_EQ(room_on(world.node_verdict(3), world.policy).left(world.policy), 0);
  EXPECT_GT(room_on(world.node_verdict(2), world.policy).left(world.policy), 0);
}

TEST(Drain, AnEmptiedNodeIsOfNoDifference) {
  World world;
  world.node(1, 10).node(2, 9).node(3, 0.1).replica(5, 100, {1, 2, 3});
  for (std::int64_t id = 11; id <= 19; ++id) world.segment(id, 5, 1, 1);
  EXPECT_EQ(world.sample().replica_verdict(5).state, ReplicaState::difference);
  drain(world, 3);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::balanced);
  EXPECT_DOUBLE_EQ(world.replica_verdict(5).spread, 1.0 / 16);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Drain, TheOthersAreLevelledOnceNothingMoreCanLeave) {
  World world;
  world.node(1, 12).node(2, 2).node(3, 4).replica(5, 100, {1, 2, 3});
  for (std::int64_t id = 11; id <= 20; ++id) world.segment(id, 5, 1, 1);
  drain(world, 3);
  world.sample();
  const Plan plan = world.planned();
  ASSERT_FALSE(plan.moves.empty());
  for (const Move& move : plan.moves) {
    EXPECT_EQ(move.urgency, Urgency::difference);
    EXPECT_EQ(move.to, NodeId{2});
  }
}

TEST(Drain, WhatFindsNoRoomStaysAndSaysWhy) {
  World world = calm();
  world.at(1).used = gib(13);
  world.at(2).used = gib(11);
  drain(world, 3);
  world.sample();
  // Node 2 is full at 14.4 GiB: 3.4 of room, so 2.26 GiB while they load; node 1: 0.93.
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("32: 3 → 2"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::destination_overload));
  EXPECT_THAT(why_they_stay(NodeId{3}, world.judged(), plan, world.policy),
              ElementsAre(HasSubstr("would pass the threshold of 90.0 % there while it loads")));
}

TEST(Drain, OverloadComesFirst) {
  World world = calm();
  world.node(4, 15.5).replica(6, 100, {1, 4}).segment(41, 6, 4, 1.5);
  drain(world, 3);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("41: 4 → 1"));
}

TEST(Drain, AnOverloadThatNothingRelievesDoesNotHoldItUp) {
  World world = calm();
  world.node(4, 15.5).replica(6, 100, {4}).segment(41, 6, 4, 1.5);
  drain(world, 3);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_EQ(plan.moves.size(), 3U);
  ASSERT_EQ(plan.unfixable.size(), 1U);
  EXPECT_EQ(plan.unfixable.front().node, NodeId{4});
}

TEST(Drain, AnOverloadedNodeIsEmptiedAltogether) {
  World world = calm();
  world.at(3).used = gib(15);
  drain(world, 3);
  world.sample();
  EXPECT_EQ(world.planned().moves.size(), 3U);
}

TEST(Drain, ItsMemoryThatDoesNotFallKeepsNothingThere) {
  World world = drained();
  Judgement judgement = world.judged();
  for (NodeVerdict& verdict : judgement.nodes) verdict.memory_stays = true;
  const Plan plan = rules::plan(world.cluster, judgement, world.policy, world.ledger, world.now);
  EXPECT_EQ(plan.moves.size(), 3U);
}

TEST(Drain, TheRoundsBudgetHolds) {
  World world = calm();
  world.policy.max_moves_per_round = 1;
  drain(world, 3);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("33: 3 → 2"));
  EXPECT_THAT(rejections_of(plan), ElementsAre(Rejection::budget));
  world.policy.max_moves_per_round = 20;
  world.policy.max_bytes_per_round = gib(2.5);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("32: 3 → 2"));
}

TEST(Drain, WithNoOtherNodeItSaysSo) {
  World world = calm();
  drain(world, 1);
  drain(world, 2);
  drain(world, 3);
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(rejections_of(plan), Contains(Rejection::no_other_node));
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
}

TEST(Drain, ANodeThatCannotBeJudgedIsNotTouchedAndSaysSo) {
  World world = drained();
  world.at(3).health = NodeHealth::unreachable;
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(why_they_stay(NodeId{3}, world.judged(), world.planned(), world.policy),
              Contains(HasSubstr("node 3 cannot be judged")));
}

TEST(Drain, AnUnreachableDestinationIsNamed) {
  World world = calm();
  world.at(1).health = world.at(2).health = NodeHealth::unreachable;
  drain(world, 3);
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty());
  EXPECT_THAT(rejections_of(world.planned()), Contains(Rejection::destination_unhealthy));
}

TEST(Drain, IsNoLevellingSoNoReplicaIsBeingLevelledAfterIt) {
  World world = calm();
  world.at(1).used = gib(12);
  drain(world, 3);
  world.sample();
  ASSERT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  ASSERT_EQ(world.planned().moves.front().urgency, Urgency::drain);
  world.level(world.planned());
  EXPECT_FALSE(world.ledger.levelling(ReplicaId{5}));
}

TEST(Drain, PassesTheGatesAsAPersonsDemand) {
  const World world = drained();
  const Plan plan = world.planned();
  const auto calls = [&](const Conditions& conditions) {
    return world.admitted(plan, conditions).calls.size();
  };
  EXPECT_EQ(calls({}), 2U);
  EXPECT_EQ(calls({.outside_windows = "the next opens tomorrow", .relief_outside_windows = false}),
            2U);
  EXPECT_EQ(calls({.auto_balance = false}), 0U);
  EXPECT_EQ(calls({.paused = true}), 0U);
  EXPECT_EQ(calls({.unheld = "etcd does not answer"}), 0U)
      << "Milvus's own balancer would fill the node again";
}

TEST(Drain, ATransferToTheNodeNeedsForce) {
  const World world = drained();
  Transfer transfer;
  transfer.source = NodeId{1};
  transfer.destinations = {NodeId{3}};
  const auto planned = [&] {
    return plan_transfer(world.cluster, world.judged(), world.ledger, transfer, world.policy,
                         world.now);
  };
  const auto refused = planned();
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_THAT(std::get<Refusal>(refused).why,
              HasSubstr("node 3 is drained, and takes no segments until `evenkeel undrain 3`"));
  transfer.force = true;
  EXPECT_TRUE(std::holds_alternative<std::vector<Move>>(planned()));
}

TEST(Drain, ATransferOffTheNodeIsAllowed) {
  const World world = drained();
  Transfer transfer;
  transfer.source = NodeId{3};
  transfer.segments = {SegmentId{31}};
  const auto planned =
      plan_transfer(world.cluster, world.judged(), world.ledger, transfer, world.policy, world.now);
  EXPECT_TRUE(std::holds_alternative<std::vector<Move>>(planned));
}

// ---- which nodes may be drained

std::string refusal(const World& world, std::int64_t node) {
  return why_not_drained(world.cluster, world.ledger.drains(), NodeId{node});
}

TEST(WhyNotDrained, ANodeOfAReplicaWithOthersMayBe) {
  EXPECT_EQ(refusal(calm(), 3), "");
  EXPECT_EQ(refusal(drained(), 3), "") << "once more";
}

TEST(WhyNotDrained, AnUnknownNode) {
  EXPECT_EQ(refusal(calm(), 9), "there is no query node 9; the query nodes are 1, 2, 3");
}

TEST(WhyNotDrained, TheLastNodeOfAReplica) {
  World world = calm();
  world.node(4, 2).replica(7, 200, {4});
  EXPECT_EQ(refusal(world, 4), "") << "nothing of it is there";
  world.segment(41, 7, 4, 1);
  EXPECT_THAT(refusal(world, 4), HasSubstr("node 4 is the last node of replica 7 of collection"));
}

TEST(WhyNotDrained, TheLastThatIsNotDrained) {
  World world = calm();
  drain(world, 1);
  drain(world, 2);
  EXPECT_THAT(refusal(world, 3), HasSubstr("the last node of replica 5"));
}

TEST(WhyNotDrained, NodesThatTakeNoPart) {
  World world = calm();
  world.at(3).role = NodeRole::streaming;
  EXPECT_THAT(refusal(world, 3), HasSubstr("a streaming node"));
  world.at(3).role = NodeRole::leaving;
  EXPECT_THAT(refusal(world, 3), HasSubstr("emptied by Milvus already"));
}

TEST(WhyNotDrained, WhatCouldNotBeRead) {
  World world = calm();
  world.cluster.coordinator_complete = false;
  EXPECT_THAT(refusal(world, 3), HasSubstr("did not answer every question"));
}

// ---- what is remembered

TEST(Drains, ANodeThatIsGoneForAnHourIsForgotten) {
  World world = drained();
  std::erase_if(world.cluster.nodes, [](const Node& node) { return node.id == NodeId{3}; });
  world.now += kForgetDrain - 2 * kSampleInterval;
  world.sample(1);
  EXPECT_TRUE(world.ledger.drains().contains(NodeId{3}));
  world.sample(2);
  EXPECT_FALSE(world.ledger.drains().contains(NodeId{3}));
}

TEST(Drains, ANodeThatIsThereIsNotForgotten) {
  World world = drained();
  world.now += 10 * kForgetDrain;
  world.sample(1);
  EXPECT_TRUE(world.ledger.drains().contains(NodeId{3}));
}

TEST(Drains, OnceMoreKeepsTheTimeAndTakesTheReason) {
  Drains drains;
  const TimePoint early{std::chrono::hours{1}};
  drains.begin(NodeId{3}, {early, "ann", "a rollout", early});
  drains.begin(NodeId{3}, {early + std::chrono::hours{1}, "bob", "a new kernel", early});
  EXPECT_EQ(drains.all().at(NodeId{3}).since, early);
  EXPECT_EQ(drains.all().at(NodeId{3}).reason, "a new kernel");
  EXPECT_TRUE(drains.end(NodeId{3}));
  EXPECT_FALSE(drains.end(NodeId{3}));
}

TEST(Drains, WhatIsLeftCountsGrowingSegmentsApart) {
  World world = calm();
  world.segment(34, 5, 3, 4).segment_at(34).state = SegmentState::growing;
  const Remainder left = remainder_on(world.cluster, NodeId{3});
  EXPECT_EQ(left.segments, 3);
  EXPECT_EQ(left.bytes, gib(6));
  EXPECT_EQ(left.growing, 1);
}

}  // namespace
}  // namespace evenkeel::rules::test::drains_test
