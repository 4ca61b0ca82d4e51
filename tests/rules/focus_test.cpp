#include "rules/focus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/inventory.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::focus_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Scope kNode2{.node = NodeId{2}};

// Node 1 is full, nodes 2 and 3 are not; two collections, of which both have segments to move.
World skewed() {
  World world;
  world.node(1, 12).node(2, 2).node(3, 2);
  world.replica(5, 100, {1, 2, 3}).replica(6, 101, {1, 2, 3});
  for (int id = 11; id <= 14; ++id) world.segment(id, 5, 1, 1);
  for (int id = 21; id <= 24; ++id) world.segment(id, 6, 1, 1);
  world.sample();
  return world;
}

FocusedPlan cut_to(const World& world, const Scope& scope) {
  return cut(world.planned(), Focus(scope), world.cluster, world.judged());
}

Move move_of(int segment, int from, int to, Urgency urgency, std::uint32_t exchange = 0) {
  Move move;
  move.segment = SegmentId{segment};
  move.collection = CollectionId{100};
  move.replica = ReplicaId{5};
  move.from = NodeId{from};
  move.to = NodeId{to};
  move.bytes = gib(1);
  move.urgency = urgency;
  move.exchange = exchange;
  return move;
}

TEST(Focus, WithoutAScopeIsEverything) {
  EXPECT_TRUE(Focus().everything());
  EXPECT_TRUE(Focus(Scope{}).everything());
  EXPECT_FALSE(Focus(kNode2).everything());
  EXPECT_TRUE(Focus().concerns(move_of(1, 2, 3, Urgency::overload)));
}

TEST(Focus, ConcernsMovesFromAndToItsNode) {
  const Focus focus(kNode2);
  EXPECT_TRUE(focus.concerns(move_of(1, 2, 3, Urgency::overload)));
  EXPECT_TRUE(focus.concerns(move_of(1, 3, 2, Urgency::overload)));
  EXPECT_FALSE(focus.concerns(move_of(1, 3, 4, Urgency::overload)));
}

TEST(Focus, OfSeveralConditionsAllMustHold) {
  const Move move = move_of(1, 2, 3, Urgency::overload);
  EXPECT_TRUE(Focus({.collection = CollectionId{100}, .node = NodeId{2}, .replica = ReplicaId{5}})
                  .concerns(move));
  EXPECT_FALSE(Focus({.collection = CollectionId{101}, .node = NodeId{2}}).concerns(move));
  EXPECT_FALSE(Focus({.node = NodeId{2}, .replica = ReplicaId{6}}).concerns(move));
  EXPECT_FALSE(Focus({.collection = CollectionId{100}, .node = NodeId{9}}).concerns(move));
}

TEST(Focus, OfSeveralScopesOneIsEnough) {
  Focus focus(kNode2);
  focus.widen(Focus({.node = NodeId{9}}));
  EXPECT_TRUE(focus.concerns(move_of(1, 1, 9, Urgency::overload)));
  EXPECT_TRUE(focus.concerns(move_of(1, 1, 2, Urgency::overload)));
  EXPECT_FALSE(focus.concerns(move_of(1, 1, 3, Urgency::overload)));
}

TEST(Focus, WidenedByTheWholeClusterIsTheWholeCluster) {
  Focus focus(kNode2);
  focus.widen(Focus());
  EXPECT_TRUE(focus.everything());
  focus.widen(Focus(kNode2));
  EXPECT_TRUE(focus.everything()) << "and stays it";
}

TEST(Focus, OfTooManyScopesIsTheWholeCluster) {
  Focus focus({.node = NodeId{0}});
  for (int id = 1; id < static_cast<int>(Focus::kMaxScopes); ++id) {
    focus.widen(Focus({.node = NodeId{id}}));
  }
  EXPECT_THAT(focus.scopes(), SizeIs(Focus::kMaxScopes));
  focus.widen(Focus({.node = NodeId{1000}}));
  EXPECT_TRUE(focus.everything());
}

TEST(Focus, HasWords) {
  EXPECT_EQ(words(Focus()), "");
  EXPECT_EQ(words(Focus(kNode2)), "node 2");
  EXPECT_EQ(words(Focus({.collection = CollectionId{7}, .node = NodeId{2}})),
            "collection 7 on node 2");
  EXPECT_EQ(words(Focus({.collection = CollectionId{7}, .replica = ReplicaId{70}})),
            "replica 70 of collection 7");
  Focus focus;
  for (int id = 1; id <= 5; ++id) {
    if (focus.everything()) {
      focus = Focus({.node = NodeId{id}});
    } else {
      focus.widen(Focus({.node = NodeId{id}}));
    }
  }
  EXPECT_EQ(words(focus), "node 1 or node 2 or node 3 or 2 others");
}

TEST(Cut, ToEverythingChangesNothing) {
  const World world = skewed();
  const Plan whole = world.planned();
  const auto focused = cut(whole, Focus(), world.cluster, world.judged());
  EXPECT_EQ(moves_of(focused.plan), moves_of(whole));
  EXPECT_EQ(focused.left_out, 0U);
  EXPECT_EQ(focused.words, "");
}

TEST(Cut, ToACollectionLeavesTheOthersWhereTheyAre) {
  const World world = skewed();
  const Plan whole = world.planned();
  const auto focused = cut_to(world, {.collection = CollectionId{101}});
  ASSERT_FALSE(focused.plan.moves.empty());
  for (const Move& move : focused.plan.moves) EXPECT_EQ(move.collection, CollectionId{101});
  EXPECT_EQ(focused.plan.moves.size() + focused.left_out, whole.moves.size());
  EXPECT_THAT(focused.words, HasSubstr("left out, since collection 101 was asked for"));
  EXPECT_EQ(focused.plan.why_nothing, WhyNothing::planned);
}

TEST(Cut, TellsTheRatiosOfWhatStaysWithoutWhatWent) {
  const World world = skewed();
  const auto focused = cut_to(world, kNode2);
  ASSERT_FALSE(focused.plan.moves.empty());
  EXPECT_DOUBLE_EQ(focused.plan.moves.front().from_before, 12.0 / 16);
  EXPECT_DOUBLE_EQ(focused.plan.moves.front().to_before, 2.0 / 16);
  EXPECT_DOUBLE_EQ(focused.plan.moves.front().to_after, 3.0 / 16);
  const auto moved = static_cast<double>(focused.plan.moves.size());
  EXPECT_DOUBLE_EQ(focused.plan.worst_ratio_after, (12 - moved) / 16);
  EXPECT_DOUBLE_EQ(focused.plan.worst_spread_after, (12 - moved - 2) / 16) << "node 3 stays at 2";
}

TEST(Cut, ToWhatNoMoveConcernsSaysSo) {
  const World world = skewed();
  const auto focused = cut_to(world, {.node = NodeId{9}});
  EXPECT_THAT(focused.plan.moves, IsEmpty());
  EXPECT_EQ(focused.plan.why_nothing, WhyNothing::outside_focus);
  EXPECT_EQ(focused.left_out, world.planned().moves.size());
  EXPECT_DOUBLE_EQ(focused.plan.worst_spread_after, focused.plan.worst_spread_before);
}

TEST(Cut, KeepsAnExchangeWhole) {
  World world = skewed();
  Plan plan;
  Move there = move_of(11, 1, 2, Urgency::difference, 1);
  Move back = move_of(31, 3, 1, Urgency::difference, 1);
  there.bytes = gib(3);
  back.to_after = 10.0 / 16;
  plan.moves = {there, back, move_of(12, 1, 3, Urgency::difference)};
  const auto focused = cut(plan, Focus(kNode2), world.cluster, world.judged());
  EXPECT_THAT(moves_of(focused.plan), ElementsAre("11: 1 → 2", "31: 3 → 1"));
  EXPECT_EQ(focused.words, "1 move (1.0 GiB) left out, since node 2 was asked for");
  plan.moves.pop_back();
  EXPECT_THAT(cut(plan, Focus({.node = NodeId{3}}), world.cluster, world.judged()).plan.moves,
              SizeIs(2))
      << "its second move alone concerns node 3";
}

TEST(Cut, MakesRoomForWhatItIsAbout) {
  World world;
  world.policy.loading_peak = 1;
  world.node(1, 15.4).node(2, 13.4).node(3, 4);
  world.replica(5, 100, {1, 2}).replica(6, 101, {2, 3}).segment(11, 5, 1, 2);
  world.segment(21, 6, 2, 2).sample();
  const auto focused = cut_to(world, {.node = NodeId{1}});
  EXPECT_THAT(moves_of(focused.plan), ElementsAre("21: 2 → 3"))
      << "it has nothing of node 1, but is for its segment 11";
  EXPECT_THAT(cut_to(world, {.collection = CollectionId{100}}).plan.moves, SizeIs(1));
  EXPECT_THAT(cut_to(world, {.node = NodeId{9}}).plan.moves, IsEmpty());
}

TEST(Cut, KeepsTogetherWhatMakesRoomForOneSegment) {
  World world = skewed();
  Plan plan;
  plan.moves = {move_of(11, 2, 3, Urgency::overload), move_of(12, 1, 3, Urgency::overload),
                move_of(13, 1, 3, Urgency::overload)};
  plan.moves[0].makes_room_for = plan.moves[1].makes_room_for = SegmentId{99};
  const auto focused = cut(plan, Focus(kNode2), world.cluster, world.judged());
  EXPECT_THAT(moves_of(focused.plan), ElementsAre("11: 2 → 3", "12: 1 → 3"));
}

// Node 2 first gives to node 3, and would be the worst with what it gets then.
TEST(Cut, LeavesOutAMoveThatHelpsOnlyAfterOneThatIsLeftOut) {
  World world;
  world.node(1, 8).node(2, 7.5).node(3, 1).replica(5, 100, {1, 2, 3}).sample();
  Plan plan;
  plan.moves = {move_of(21, 2, 3, Urgency::difference), move_of(11, 1, 2, Urgency::difference)};
  plan.moves[0].bytes = gib(3);
  plan.moves[1].to_after = 5.5 / 16;
  const auto focused = cut(plan, Focus({.node = NodeId{1}}), world.cluster, world.judged());
  EXPECT_THAT(focused.plan.moves, IsEmpty());
  EXPECT_EQ(focused.left_out, 2U);
}

// Where the destination is large, its ratio rises little, and all the same more is lost than won.
TEST(Cut, LeavesOutAMoveThatLowersNoPotentialByItself) {
  World world;
  world.node(1, 8).node(2, 79, 160).node(3, 1, 160).replica(5, 100, {1, 2, 3}).sample();
  Plan plan;
  plan.moves = {move_of(21, 2, 3, Urgency::difference), move_of(11, 1, 2, Urgency::difference)};
  plan.moves[0].bytes = gib(30);
  EXPECT_THAT(cut(plan, Focus({.node = NodeId{1}}), world.cluster, world.judged()).plan.moves,
              IsEmpty());
  EXPECT_THAT(cut(plan, Focus(kNode2), world.cluster, world.judged()).plan.moves, SizeIs(2));
}

// Of larger capacity, node 1 is still helped, but node 2 would end above it.
TEST(Cut, LeavesOutAMoveThatWouldEndTooHighWithoutOneThatIsLeftOut) {
  World world;
  world.node(1, 16, 32).node(2, 6).node(3, 1).replica(5, 100, {1, 2, 3}).sample();
  Plan plan;
  plan.moves = {move_of(21, 2, 3, Urgency::difference), move_of(11, 1, 2, Urgency::difference)};
  plan.moves[1].bytes = gib(2.5);
  plan.moves[1].to_after = 7.5 / 16;
  EXPECT_THAT(cut(plan, Focus({.node = NodeId{1}}), world.cluster, world.judged()).plan.moves,
              IsEmpty());
  plan.moves[1].to_after = 8.5 / 16;
  EXPECT_THAT(cut(plan, Focus({.node = NodeId{1}}), world.cluster, world.judged()).plan.moves,
              SizeIs(1))
      << "so it was planned";
}

TEST(Cut, KeepsReliefThoughItLowersNoPotential) {
  World world;
  world.node(1, 8).node(2, 7.5).node(3, 1).replica(5, 100, {1, 2, 3}).sample();
  Plan plan;
  plan.moves = {move_of(11, 1, 2, Urgency::overload)};
  EXPECT_THAT(cut(plan, Focus(kNode2), world.cluster, world.judged()).plan.moves, SizeIs(1));
}

}  // namespace
}  // namespace evenkeel::rules::test::focus_test
