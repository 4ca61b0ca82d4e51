// Relief of nodes that are not overloaded yet, and surely will be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rules/room.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::ahead_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Node 1 grows by 48 MiB a minute, and will pass its threshold of 14.4 GiB; node 2 has room.
struct Ahead : testing::Test {
  Ahead() {
    world.policy.act_ahead = 15min;
    world.policy.max_difference = 0.85;
    world.node(1, 12).node(2, 3).replica(5, 100, {1, 2});
    for (int i = 0; i < 8; ++i) world.segment(11 + i, 5, 1, 0.5);
  }

  // Samples of so many minutes, during which a node grows by so much in each.
  void grow(int minutes, double gib_a_minute, std::int64_t node = 1) {
    const auto a_sample = gib(gib_a_minute / 4);
    for (int i = 0; i < minutes * 4; ++i) {
      world.sample(1);
      world.at(node).used += a_sample;
    }
    world.sample(1);
  }
  [[nodiscard]] double gib_used(std::int64_t node) {
    return static_cast<double>(world.at(node).used) / static_cast<double>(kGiB);
  }

  World world;
};

constexpr double kGrowth = 48.0 / 1024;

TEST_F(Ahead, IsForecastWhateverIsDoneAboutIt) {
  world.policy.act_ahead = 0s;
  grow(30, kGrowth);
  const NodeVerdict verdict = world.node_verdict(1);
  ASSERT_TRUE(verdict.forecast);
  const double minutes = (14.4 - gib_used(1)) / kGrowth;
  EXPECT_NEAR(std::chrono::duration<double>(verdict.forecast->likely - world.now).count() / 60,
              minutes, 0.1);
  EXPECT_TRUE(verdict.forecast->sure());
  EXPECT_FALSE(world.node_verdict(2).forecast);
}

TEST_F(Ahead, IsOffByDefault) {
  EXPECT_EQ(Policy().act_ahead, 0s);
  world.policy.act_ahead = 0s;
  grow(45, kGrowth);
  EXPECT_FALSE(world.node_verdict(1).ahead);
  EXPECT_EQ(world.node_verdict(1).to_grow, 0);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST_F(Ahead, WaitsUntilItWillBeOverloadedWithinTheTime) {
  grow(35, kGrowth);  // 13.6 GiB: over the threshold in 16 minutes
  EXPECT_TRUE(world.node_verdict(1).forecast);
  EXPECT_FALSE(world.node_verdict(1).ahead);
  EXPECT_THAT(world.planned().moves, IsEmpty());
  grow(3, kGrowth);
  EXPECT_TRUE(world.node_verdict(1).ahead);
  EXPECT_THAT(world.planned().moves, SizeIs(1));
}

TEST_F(Ahead, RelievesOnlyAsFarAsNeeded) {
  grow(40, kGrowth);  // 13.9 GiB, in 15 minutes 14.6: 0.5 more than the 14.08 to relieve down to
  const NodeVerdict verdict = world.node_verdict(1);
  EXPECT_EQ(verdict.state, NodeState::fine);
  EXPECT_NEAR(static_cast<double>(verdict.to_grow), static_cast<double>(gib(15 * kGrowth)), 1e6);
  const Plan plan = world.planned();
  ASSERT_THAT(plan.moves, SizeIs(testing::Le(2)));
  ASSERT_FALSE(plan.moves.empty());
  const Move& move = plan.moves.front();
  EXPECT_EQ(move.urgency, Urgency::overload);
  EXPECT_TRUE(move.ahead);
  EXPECT_THAT(words(move), HasSubstr("to relieve a node before it is overloaded"));
  EXPECT_NEAR(move.from_before, gib_used(1) / 16, 0.001) << "the ratios are those of now";
  EXPECT_THAT(words(verdict, world.policy), HasSubstr("will be over its threshold of 90.0 % soon"));
}

TEST_F(Ahead, ThatHasPassedIsNotActedOn) {
  grow(40, kGrowth);
  ASSERT_TRUE(world.node_verdict(1).ahead);
  grow(15, 0);
  EXPECT_FALSE(world.node_verdict(1).ahead);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST_F(Ahead, IsNotActedOnAgainBeforeANewCourseProvesIt) {
  grow(40, kGrowth);
  const Plan plan = world.planned();
  ASSERT_FALSE(plan.moves.empty());
  world.carry_out(plan);
  for (int minute = 0; minute < 19; ++minute) {
    grow(1, 2 * kGrowth);  // it goes on to grow, and faster
    if (world.node_verdict(1).state != NodeState::fine) break;
    EXPECT_FALSE(world.node_verdict(1).ahead) << minute;
  }
  EXPECT_NE(world.node_verdict(1).state, NodeState::fine) << "overload itself does not wait";
}

TEST_F(Ahead, MakesNoNodeFullerThanItselfIsNow) {
  world.at(2).used = gib(13);
  grow(40, kGrowth);  // node 1 is at 86.7 %, and node 2 would be at 84.4 %
  ASSERT_THAT(world.planned().moves, SizeIs(1));
  world.at(2).used = gib(13.4);
  world.sample(4);
  ASSERT_TRUE(world.node_verdict(1).ahead);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST_F(Ahead, WithoutRoomAnywhereIsNoFault) {
  world.at(2).used = gib(14);
  grow(40, kGrowth);
  ASSERT_TRUE(world.node_verdict(1).ahead);
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(plan.unfixable, IsEmpty());
  EXPECT_EQ(plan.why_nothing, WhyNothing::nothing_wrong);
}

TEST_F(Ahead, WithoutRoomLevellingGoesOn) {
  world.at(2).used = gib(15);
  world.at(2).capacity = gib(16.6);
  world.node(3, 10).node(4, 2).replica(6, 101, {3, 4});
  for (int i = 0; i < 8; ++i) world.segment(31 + i, 6, 3, 0.5);
  world.policy.max_difference = 0.3;
  world.policy.overload_threshold = 0.91;
  grow(41, kGrowth);
  ASSERT_TRUE(world.node_verdict(1).ahead);
  const Plan plan = world.planned();
  ASSERT_FALSE(plan.moves.empty());
  EXPECT_EQ(plan.moves.front().urgency, Urgency::difference);
  EXPECT_EQ(plan.moves.front().from, NodeId{3});
}

TEST_F(Ahead, KeepsRoomForTheGrowthOfADestination) {
  const auto room = [&] { return room_on(world.node_verdict(2), world.policy).left(world.policy); };
  grow(30, kGrowth, 2);
  const Bytes with = room();
  world.policy.act_ahead = 0s;
  EXPECT_NEAR(static_cast<double>(room() - with), static_cast<double>(gib(15 * kGrowth / 1.5)),
              1e6);
}

TEST_F(Ahead, DoesNotMakeOverloadWait) {
  world.node(3, 15).replica(6, 101, {3, 2}).segment(31, 6, 3, 1);
  grow(40, kGrowth);
  ASSERT_TRUE(world.judged().overloaded());
  ASSERT_TRUE(world.node_verdict(1).ahead);
  std::set<NodeId> sources;
  for (const Move& move : world.planned().moves) {
    sources.insert(move.from);
    EXPECT_FALSE(move.ahead);
  }
  EXPECT_THAT(sources, ElementsAre(NodeId{3}));
}

TEST_F(Ahead, DoesNotEndTheLevellingOfAReplicaThatIsLevelNow) {
  world.policy.difference_stop = 0.95;
  grow(40, kGrowth);
  world.ledger.remember({ReplicaId{5}});
  world.level(world.planned());
  EXPECT_TRUE(world.ledger.levelling(ReplicaId{5}));
}

}  // namespace
}  // namespace evenkeel::rules::test::ahead_test
