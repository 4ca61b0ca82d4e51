// A collection that cannot be read in full holds the others for ten minutes and no longer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::stuck_test {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Replica 5 has all on node 1; collection 300 does not get beyond some of its segments.
struct Stuck : World {
  Stuck() {
    node(1, 12).node(2, 1).replica(5, 100, {1, 2}).replica(9, 300, {1, 2});
    for (int id = 1; id <= 10; ++id) segment(id, 5, 1, 1);
    cluster.collections.back().complete = false;
    sample(3);
  }
  void pass(Duration time) {
    for (auto steps = time / kSampleInterval; steps > 0; --steps) sample(1);
  }
};

TEST(StuckCollection, HoldsTheOthersForTenMinutesOnly) {
  Stuck world;
  world.pass(minutes{9});
  EXPECT_EQ(world.replica_verdict(9).reason, Reason::collection_incomplete);
  EXPECT_FALSE(world.judged().all_healthy());
  const Plan held = world.planned();
  EXPECT_EQ(held.why_nothing, WhyNothing::waiting_for_health);
  world.pass(minutes{1});
  EXPECT_EQ(world.replica_verdict(9).reason, Reason::collection_stuck);
  EXPECT_THAT(words(world.replica_verdict(9), world.policy), HasSubstr("no longer wait for it"));
  EXPECT_TRUE(world.judged().all_healthy());
  EXPECT_FALSE(world.judged().balanced());
  EXPECT_EQ(world.judged().stuck, CollectionId{300});
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(StuckCollection, IsNamedWhereNothingElseIsWrong) {
  Stuck world;
  world.at(1).used = gib(4);
  world.pass(minutes{11});
  Plan plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_THAT(why_nothing(plan, world.judged(), world.policy),
              HasSubstr("replica 9 of collection 300"));
  world.cluster.replicas.pop_back();  // as where the question for them failed
  world.sample(1);
  plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_THAT(why_nothing(plan, world.judged(), world.policy),
              HasSubstr("collection 300, which the others no longer wait for"));
}

TEST(StuckCollection, HasTenMinutesAgainOnceItWasWhole) {
  Stuck world;
  world.pass(minutes{9});
  world.cluster.collections.back().complete = true;
  world.sample(1);
  world.cluster.collections.back().complete = false;
  world.pass(minutes{9});
  EXPECT_FALSE(world.judged().all_healthy());
  world.pass(minutes{1} + kSampleInterval);
  EXPECT_TRUE(world.judged().all_healthy());
}

TEST(StuckCollection, DoesNotGetOlderWhileNothingIsListed) {
  Stuck world;
  world.pass(minutes{5});
  const std::vector<Collection> collections = world.cluster.collections;
  world.cluster.coordinator_complete = false;
  world.cluster.collections.clear();
  world.pass(minutes{1});
  world.cluster.coordinator_complete = true;
  world.cluster.collections = collections;
  world.pass(minutes{3});
  EXPECT_FALSE(world.judged().all_healthy());
  world.pass(minutes{2});
  EXPECT_TRUE(world.judged().all_healthy()) << "nor is it forgotten meanwhile";
}

TEST(StuckCollection, CountsAsMemoryThatSegmentsDoNotExplain) {
  Stuck world;
  world.at(2).used = gib(5);  // of that collection's segments, which nobody lists
  world.pass(minutes{9});
  EXPECT_EQ(world.node_verdict(2).unexplained, 0) << "not read so far";
  world.pass(minutes{2});
  EXPECT_EQ(world.node_verdict(2).unexplained, gib(5));
}

}  // namespace
}  // namespace evenkeel::rules::test::stuck_test
