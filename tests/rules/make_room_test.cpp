// Overload where no other node has room at once: a neighbour gives something further first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::make_room_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Node 1 is 1 GiB over its 14.4, and its segment of 2 would find 1 GiB of room on node 2. Node 2
// shares a replica with node 3, which has plenty.
World world_without_room() {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 15.4).node(2, 13.4).node(3, 4);
  return world.replica(5, 100, {1, 2}).replica(6, 101, {2, 3}).segment(11, 5, 1, 2);
}

TEST(MakeRoom, TheNeighboursSegmentGoesFirstAndTheOverloadedNodesFollows) {
  World world = world_without_room();
  world.segment(21, 6, 2, 2).sample();
  const Plan first = world.planned();
  ASSERT_THAT(moves_of(first), ElementsAre("21: 2 → 3"));
  EXPECT_EQ(first.moves.front().makes_room_for, SegmentId{11});
  EXPECT_EQ(first.moves.front().urgency, Urgency::overload);
  EXPECT_EQ(first.moves.front().exchange, 0U);
  EXPECT_THAT(first.unfixable, IsEmpty());
  EXPECT_THAT(words(first.moves.front()),
              testing::EndsWith("to make room for segment 11 of an overloaded node"));
  EXPECT_THAT(world.admitted(first).held, IsEmpty());

  world.carry_out(first);
  world.sample();
  const Plan second = world.planned();
  ASSERT_THAT(moves_of(second), ElementsAre("11: 1 → 2"));
  EXPECT_EQ(second.moves.front().makes_room_for, std::nullopt);
  world.carry_out(second);
  world.sample();
  EXPECT_FALSE(world.judged().overloaded());
}

TEST(MakeRoom, InsideOneReplicaAsWell) {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 15.4).node(2, 13).node(3, 12).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 3).segment(12, 5, 2, 1.9).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("12: 2 → 3"))
      << "3 GiB have room on neither, but on node 2 without the 1.9";
  world.carry_out(world.planned());
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 2"));
}

TEST(MakeRoom, CountsTheLoadingPeakOfWhatFollows) {
  World world = world_without_room();
  world.policy.loading_peak = 1.5;  // 3 GiB for segment 11: 2 more than there are
  world.segment(21, 6, 2, 1.9).segment(22, 6, 2, 2.1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("22: 2 → 3"));
}

TEST(MakeRoom, TakesTheSmallestThatIsEnoughElseTheLargest) {
  World world = world_without_room();
  world.segment(21, 6, 2, 0.5).segment(22, 6, 2, 0.7).segment(23, 6, 2, 0.4).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("22: 2 → 3", "23: 2 → 3"));
  for (const Move& move : world.planned().moves) EXPECT_EQ(move.makes_room_for, SegmentId{11});
  world.segment(24, 6, 2, 1.1).segment(25, 6, 2, 3);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("24: 2 → 3"));
}

TEST(MakeRoom, ForTheSegmentThatSufficesRatherThanForOneAndThenForAnother) {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 15.4).node(2, 14).node(3, 4).replica(5, 100, {1, 2}).replica(6, 101, {2, 3});
  world.segment(11, 5, 1, 0.9).segment(12, 5, 1, 1.2);  // 1 GiB is too much
  world.segment(21, 6, 2, 0.6).segment(22, 6, 2, 1).sample();
  const Plan plan = world.planned();
  ASSERT_THAT(moves_of(plan), ElementsAre("22: 2 → 3"));
  EXPECT_EQ(plan.moves.front().makes_room_for, SegmentId{12});
}

TEST(MakeRoom, OfSeveralNeighboursTheOneThatTakesTheFewestBytes) {
  World world = world_without_room();
  world.node(4, 13.4).replica(7, 100, {1, 4}).replica(8, 101, {4, 3});
  world.segment(12, 7, 1, 2).segment(21, 6, 2, 2).segment(41, 8, 4, 1.2).sample();
  const Plan plan = world.planned();
  ASSERT_THAT(moves_of(plan), ElementsAre("41: 4 → 3"));
  EXPECT_EQ(plan.moves.front().makes_room_for, SegmentId{12});
}

void expect_no_room(World world) {
  world.sample();
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  EXPECT_EQ(plan.unfixable.front().node, NodeId{1});
  EXPECT_GT(plan.unfixable.front().room_needed, 0);
}

TEST(MakeRoom, NotWhereTheNeighboursSegmentHasNowhereToGo) {
  World full = world_without_room();
  full.at(3).used = gib(13);  // room for 1.4
  full.segment(21, 6, 2, 2);
  expect_no_room(full);
  World alone = world_without_room();
  alone.segment(21, 6, 2, 2).cluster.replicas.back().nodes.pop_back();
  expect_no_room(alone);
  World gone = world_without_room();
  gone.segment(21, 6, 2, 2).at(3).health = NodeHealth::unreachable;
  expect_no_room(gone);
}

TEST(MakeRoom, NotWhereANodeInvolvedHasAMoveUnderWay) {
  for (const int busy : {2, 3}) {
    World world = world_without_room();
    world.node(9, 4).segment(21, 6, 2, 2).sample();
    world.ledger.start(world.flight(99, 8, 9, busy, 0.01));
    EXPECT_THAT(world.planned().moves, IsEmpty()) << busy;
  }
}

TEST(MakeRoom, NotOnANodeWhoseMemoryMayNotHaveFallenYet) {
  World world = world_without_room();
  world.segment(21, 6, 2, 2).segment(22, 6, 2, 0.01).sample();
  ASSERT_THAT(moves_of(world.planned()), ElementsAre("21: 2 → 3"));
  world.ledger.start(world.flight(22, 6, 2, 3, 0.01));
  world.ledger.land(key(22, 6), world.now);
  world.segment_at(22).node = NodeId{3};
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "first to see what that brought";
  world.now += world.policy.settle;
  world.sample();
  world.ledger.expire(world.cluster, world.now, world.policy);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("21: 2 → 3"));
}

// Node 2 was higher by 0.5 GiB a little while ago, and may be again.
TEST(MakeRoom, KeepsFreeWhatSegmentsDoNotExplain) {
  World world = world_without_room();
  world.segment(21, 6, 2, 1.1).segment(22, 6, 2, 1.6);
  world.sample();
  ASSERT_THAT(moves_of(world.planned()), ElementsAre("21: 2 → 3")) << "1 GiB is missing";
  world.at(2).used = gib(13.9);
  world.sample();
  world.at(2).used = gib(13.4);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("22: 2 → 3")) << "1.5 GiB are";
}

TEST(MakeRoom, NotBackToTheOverloadedNode) {
  World world = world_without_room();
  world.segment(22, 5, 2, 2);
  expect_no_room(world);
}

TEST(MakeRoom, NotAboveTheWorstOfTheReplica) {
  World world = world_without_room();
  world.segment(21, 6, 2, 2).at(3).capacity = gib(4);
  world.at(3).used = gib(1.5);
  expect_no_room(world);  // 87.5 % and node 2 had 83.75 %
  world.at(3).used = gib(1.3);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("21: 2 → 3"));
}

TEST(MakeRoom, NotWhereAllInAllNothingGetsBetter) {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 15.4).node(2, 9.6).node(3, 49.4, 64).node(4, 14.08);
  world.replica(5, 100, {1, 2}).replica(6, 101, {2, 3, 4});
  world.segment(11, 5, 1, 6).segment(21, 6, 2, 5);
  expect_no_room(world);
  world.at(3).used = gib(40);
  world.sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("21: 2 → 3"));
}

TEST(MakeRoom, NotOnANeighbourThatIsOverloadedItself) {
  World world = world_without_room();
  world.at(2).used = gib(14.8);
  world.segment(21, 6, 2, 1).segment(22, 6, 2, 2.5).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("21: 2 → 3")) << "which relieves node 2";
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  EXPECT_EQ(plan.unfixable.front().node, NodeId{1});
}

TEST(MakeRoom, OnlyOnceAllThatCanGoAtOnceIsPlanned) {
  World world = world_without_room();
  world.node(4, 15).replica(7, 102, {3, 4});
  world.segment(21, 6, 2, 2).segment(41, 7, 4, 1).sample();
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("41: 4 → 3", "21: 2 → 3"))
      << "though node 1 is the worse of the two";
}

TEST(MakeRoom, IsForOneNodeOnly) {
  World world = world_without_room();
  world.node(4, 15.2).replica(7, 102, {2, 4});
  world.segment(41, 7, 4, 2).segment(21, 6, 2, 2).segment(22, 6, 2, 2).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), SizeIs(1));
  EXPECT_EQ(plan.moves.front().makes_room_for, SegmentId{11});
  ASSERT_THAT(plan.unfixable, SizeIs(1));
  EXPECT_EQ(plan.unfixable.front().node, NodeId{4});
}

// Node 2 would take what leaves node 5, but room is made on it for node 1 already.
TEST(MakeRoom, DoesNotUseTheRoomThatIsMade) {
  World world = world_without_room();
  world.segment_at(11).bytes = gib(2.5);
  world.at(2).used = gib(12.4);
  world.node(4, 15.2).node(5, 13.4).replica(7, 102, {4, 5}).replica(8, 103, {5, 2});
  world.segment(41, 7, 4, 2).segment(51, 8, 5, 1).segment(21, 6, 2, 2).sample();
  const Plan plan = world.planned();
  EXPECT_THAT(moves_of(plan), ElementsAre("21: 2 → 3"));
  EXPECT_EQ(plan.unfixable.size(), 1U);
  world.segment_at(11).state = SegmentState::growing;
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("51: 5 → 2")) << "else it would";
}

TEST(MakeRoomBudget, IsKeptAndNothingIsBegunBeyondIt) {
  World world = world_without_room();
  world.segment(21, 6, 2, 0.6).segment(22, 6, 2, 0.6).sample();
  EXPECT_THAT(world.planned().moves, SizeIs(2));
  world.policy.max_moves_per_round = 1;
  EXPECT_THAT(world.planned().moves, IsEmpty());
  world.policy.max_moves_per_round = 2;
  EXPECT_THAT(world.planned().moves, SizeIs(2));
  world.policy.max_bytes_per_round = gib(1.1);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(MakeRoomBudget, TakesAtMostFiveSegments) {
  World world = world_without_room();
  for (int i = 0; i < 6; ++i) world.segment(21 + i, 6, 2, 0.18);
  expect_no_room(world);
  for (int i = 0; i < 5; ++i) world.segment_at(21 + i).bytes = gib(0.21);
  world.sample();
  EXPECT_THAT(world.planned().moves, SizeIs(5));
}

}  // namespace
}  // namespace evenkeel::rules::test::make_room_test
