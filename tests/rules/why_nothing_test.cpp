// Every empty plan says why it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/random_world.hpp"
#include "tests/rules/troubled.hpp"

namespace evenkeel::rules::test::why_nothing_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string said(const World& world) {
  return why_nothing(world.planned(), world.judged(), world.policy);
}

TEST(WhyNothing, IsNotAskedWhereThereAreMoves) {
  for (const World& world : {overloaded(), skewed()}) {
    EXPECT_EQ(world.planned().why_nothing, WhyNothing::planned);
    EXPECT_EQ(said(world), "");
  }
}

TEST(WhyNothing, BecauseNothingIsWrong) {
  World world = skewed();
  world.policy.max_difference = 0.6;
  EXPECT_EQ(world.planned().why_nothing, WhyNothing::nothing_wrong);
  EXPECT_EQ(said(world), "nothing is wrong");
}

TEST(WhyNothing, BecauseTheCoordinatorDidNotAnswer) {
  for (World world : {overloaded(), skewed()}) {
    world.cluster.coordinator_complete = false;
    EXPECT_EQ(world.planned().why_nothing, WhyNothing::coordinator_incomplete);
  }
}

TEST(WhyNothing, BecauseOfAPolicyThatMakesNoSense) {
  for (World world : {overloaded(), skewed()}) {
    world.policy.overload_threshold = -1;
    EXPECT_EQ(world.planned().why_nothing, WhyNothing::policy_unusable);
    EXPECT_EQ(world.node_verdict(1).reason, Reason::policy_unusable);
    EXPECT_EQ(world.replica_verdict(5).reason, Reason::policy_unusable);
    for (const std::string& text : {said(world), words(world.node_verdict(1), world.policy),
                                    words(world.replica_verdict(5), world.policy)}) {
      EXPECT_THAT(text, HasSubstr("are no numbers or contradict each other"));
      EXPECT_THAT(text, Not(HasSubstr("%")));
    }
  }
}

TEST(WhyNothing, BecauseTheEvidenceIsNotComplete) {
  for (World world : {overloaded(), skewed()}) {
    world.ledger = Ledger();
    world.sample(2);
    EXPECT_EQ(world.planned().why_nothing, WhyNothing::waiting_for_evidence);
    EXPECT_EQ(said(world), "something looks wrong, but not yet in 3 samples");
  }
}

TEST(WhyNothing, BecauseANodeCannotBeJudged) {
  World world = skewed();
  world.node(9, 1).at(9).health = NodeHealth::unreachable;
  const Plan plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_EQ(plan.waits_for_node, NodeId{9});
  EXPECT_EQ(plan.waits_for_replica, std::nullopt);
  EXPECT_EQ(said(world),
            "levelling waits until all can be judged: node 9 cannot be judged: its metrics could "
            "not be read");
}

TEST(WhyNothing, BecauseAReplicaCannotBeJudged) {
  World world = skewed();
  world.replica(6, 101, {1}).replica(7, 102, {1, 2}).segment(41, 7, 3, 1).sample();
  const Plan plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_EQ(plan.waits_for_node, std::nullopt);
  EXPECT_EQ(plan.waits_for_replica, ReplicaId{7});
  EXPECT_THAT(said(world),
              HasSubstr("replica 7 of collection 102 cannot be judged: what was read "
                        "of its segments contradicts itself: 1 segment of replica 7 on node 3 "
                        "set aside: the node is not one of their replica's"));
}

TEST(WhyNothing, BecauseACollectionWasNotRead) {
  World world = skewed();
  world.policy.max_difference = 0.6;
  world.cluster.collections.push_back({CollectionId{101}, "film", false, "no shard leader"});
  const Plan plan = world.planned();
  EXPECT_EQ(plan.why_nothing, WhyNothing::waiting_for_health);
  EXPECT_EQ(plan.waits_for_replica, std::nullopt);
  EXPECT_EQ(said(world),
            "what can be judged is in order; a part cannot be judged: a collection could not be "
            "read completely; for ten minutes the others wait for it");
}

TEST(WhyNothing, BecauseOfTheBudget) {
  for (World world : {overloaded(), skewed()}) {
    world.policy.max_moves_per_round = 0;
    EXPECT_EQ(world.planned().why_nothing, WhyNothing::budget);
  }
}

TEST(WhyNothing, BecauseNothingHelps) {
  World world = overloaded();
  for (Segment& segment : world.cluster.segments) segment.state = SegmentState::growing;
  EXPECT_EQ(world.planned().why_nothing, WhyNothing::nothing_helps);
  EXPECT_EQ(said(world), words(world.planned().unfixable.front()));
}

TEST(WhyNothing, IsThereForEveryEmptyPlanAndForNoOther) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const World world = RandomWorld(seed).hostile();
    const Plan plan = world.planned();
    EXPECT_EQ(plan.why_nothing == WhyNothing::planned, !plan.moves.empty()) << "seed " << seed;
    EXPECT_EQ(said(world).empty(), !plan.moves.empty()) << "seed " << seed;
  }
}

TEST(ReplicaVerdict, TellsWhatItIsHeldAgainst) {
  World world = skewed();
  EXPECT_DOUBLE_EQ(world.replica_verdict(5).limit, world.policy.max_difference);
  world.level(world.planned());
  EXPECT_DOUBLE_EQ(world.replica_verdict(5).limit,
                   world.policy.max_difference * world.policy.difference_stop);
  EXPECT_THAT(words(world.replica_verdict(5), world.policy), HasSubstr("(limit 15)"));
  world.policy.max_difference = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(world.replica_verdict(5).limit, 0);
}

}  // namespace
}  // namespace evenkeel::rules::test::why_nothing_test
