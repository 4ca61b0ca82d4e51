// What lies exactly on a limit, and what looks wrong and is not proven yet.

#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::judge_limits_test {
namespace {

// Node 1 high, node 2 low, and a replica on both.
World skewed(double high, double low = 3.2) {
  World world;
  world.node(1, high).node(2, low).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 2).segment(12, 5, 1, 3);
  return world;
}

TEST(JudgeLimits, ASampleAtTheThresholdIsNoEvidenceOfOverload) {
  World world = skewed(14);
  world.policy.overload_threshold = 0.875;
  world.sample(1);
  world.at(1).used = gib(14.5);
  world.sample(2);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
}

TEST(JudgeLimits, SamplesJustAsFarApartAsIsAllowedAreEvidence) {
  World world = skewed(14.5);
  world.sample(2);
  world.now += world.policy.max_sample_age - kSampleInterval;
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
}

TEST(JudgeLimits, ASampleOfJustTheAgeThatIsAllowedIsBelieved) {
  World world = skewed(14.5);
  world.sample(3);
  world.now += world.policy.max_sample_age;
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
  world.now += Duration{1};
  EXPECT_EQ(world.node_verdict(1).reason, Reason::sample_stale);
}

TEST(JudgeLimits, EvidenceJustAtTheLimitIsNoDifference) {
  World world = skewed(8, 4);
  world.policy.max_difference = 0.25;
  world.sample(1);
  world.at(1).used = gib(9);
  world.sample(2);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  world.sample(1);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
}

TEST(JudgeLimits, WhatLooksWrongIsNotBalancedThoughNothingIsProvenYet) {
  for (World world : {skewed(14.5, 14), skewed(12.8)}) {
    world.sample(2);
    EXPECT_TRUE(world.judged().all_healthy());
    EXPECT_FALSE(world.judged().overloaded() || world.judged().different());
    EXPECT_FALSE(world.judged().balanced());
  }
}

}  // namespace
}  // namespace evenkeel::rules::test::judge_limits_test
