#include "rules/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::judge_test {
namespace {

using std::chrono::seconds;

// Node 1 high, node 2 low, and a replica on both.
World skewed(double high = 12.8, double low = 3.2) {
  World world;
  world.node(1, high).node(2, low).replica(5, 100, {1, 2});
  world.segment(11, 5, 1, 2).segment(12, 5, 1, 3);
  return world;
}

TEST(JudgeNode, IsFineAtItsThresholdAndOverloadedAboveIt) {
  World world = skewed();
  world.policy.overload_threshold = 0.875;
  world.at(1).used = gib(14);
  world.sample();
  EXPECT_EQ(world.node_verdict(1).state, NodeState::fine);

  world.at(1).used += gib(0.1);
  world.sample();
  const NodeVerdict verdict = world.node_verdict(1);
  EXPECT_EQ(verdict.state, NodeState::overloaded);
  EXPECT_EQ(verdict.reason, Reason::none);
  EXPECT_EQ(verdict.samples, 3);
  EXPECT_GT(verdict.ratio, 0.875);
  EXPECT_TRUE(world.judged().overloaded());
}

TEST(JudgeNode, GathersUntilAllSamplesOfTheEvidenceAreOver) {
  World world = skewed(14.5);
  world.sample(2);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  EXPECT_EQ(world.node_verdict(1).reason, Reason::too_few_samples);
  EXPECT_EQ(world.node_verdict(1).samples, 2);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
}

TEST(JudgeNode, ASingleSampleBelowBreaksTheEvidence) {
  World world = skewed(14.5);
  world.sample(1);
  world.at(1).used = gib(14);
  world.sample(1);
  world.at(1).used = gib(14.5);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  EXPECT_FALSE(world.judged().overloaded());
  EXPECT_TRUE(world.judged().gathering());
}

TEST(JudgeNode, ASampleBelowNowEndsItWhateverWasBefore) {
  World world = skewed(14.5);
  world.sample(3);
  world.at(1).used = gib(10);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::fine);
}

TEST(JudgeNode, IsFineWithFewerSamplesWhereNothingLooksWrong) {
  World world = skewed();
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::fine);
  EXPECT_EQ(world.node_verdict(1).samples, 1);
}

TEST(JudgeNode, CountsOnlySamplesSinceAMoveLastTouchedIt) {
  World world = skewed(14.5);
  world.sample(3);
  world.ledger.start(world.flight(11, 5, 2, 1, 0));
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  EXPECT_EQ(world.node_verdict(1).reason, Reason::move_in_flight);
  world.land(key(11, 5), world.now);
  world.sample(2);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  EXPECT_EQ(world.node_verdict(1).reason, Reason::moved_since);
  EXPECT_EQ(world.node_verdict(1).samples, 2);
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
}

TEST(JudgeNode, SamplesFromBeforeAGapAreNoEvidence) {
  World world = skewed(14.5);
  world.sample(2);
  world.now += world.policy.max_sample_age;
  world.sample(1);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::gathering);
  EXPECT_EQ(world.node_verdict(1).samples, 1);
}

TEST(JudgeNode, GoesByWhatTheLedgerExpectsAndNotByTheMetricAlone) {
  World world = skewed(14.5);
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.sample(3);  // the memory of node 1 does not fall
  const NodeVerdict verdict = world.node_verdict(1);
  EXPECT_EQ(verdict.state, NodeState::fine);
  EXPECT_EQ(verdict.used, gib(14.5));
  EXPECT_EQ(verdict.expected, gib(12.5));
  world.now += world.policy.settle;
  world.sample(3);
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded) << "it never fell";
}

TEST(JudgeNode, RatiosAreOfItsOwnCapacity) {
  World world;
  world.node(1, 7.5, 8).node(2, 7.5, 64).replica(5, 100, {1, 2}).sample();
  EXPECT_EQ(world.node_verdict(1).state, NodeState::overloaded);
  EXPECT_EQ(world.node_verdict(2).state, NodeState::fine);
}

TEST(Trap11MemoryDrifts, ANodeAroundItsThresholdIsNotOverloaded) {
  World world = skewed();
  for (const double used : {14.3, 14.5, 14.45, 14.39, 14.6, 14.5, 14.35}) {
    world.at(1).used = gib(used);
    world.sample(1);
    EXPECT_NE(world.node_verdict(1).state, NodeState::overloaded) << used;
  }
}

struct CannotJudge {
  const char* what;
  Reason reason;
  void (*spoil)(World&);
};

void PrintTo(const CannotJudge& cannot, std::ostream* out) {
  *out << cannot.what;
}

class JudgeNodeCannot : public testing::TestWithParam<CannotJudge> {};

TEST_P(JudgeNodeCannot, SayAnythingAndSaysWhy) {
  World world = skewed(15);
  world.sample(3);
  GetParam().spoil(world);
  world.ledger.observe(world.cluster, world.policy);
  const NodeVerdict verdict = world.node_verdict(1);
  EXPECT_EQ(verdict.state, NodeState::cannot_judge);
  EXPECT_EQ(verdict.reason, GetParam().reason);
  EXPECT_EQ(verdict.ratio, 0);
  const ReplicaVerdict replica = world.replica_verdict(5);
  EXPECT_EQ(replica.state, ReplicaState::cannot_judge);
  EXPECT_EQ(replica.reason, GetParam().reason);
  EXPECT_FALSE(world.judged().all_healthy());
  EXPECT_FALSE(world.judged().balanced());
  EXPECT_TRUE(world.planned().moves.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, JudgeNodeCannot,
    testing::Values(CannotJudge{"unreachable", Reason::node_unreachable,
                                [](World& world) { world.at(1).health = NodeHealth::unreachable; }},
                    CannotJudge{"ambiguous", Reason::node_ambiguous,
                                [](World& world) { world.at(1).health = NodeHealth::ambiguous; }},
                    CannotJudge{"unlisted", Reason::node_unlisted,
                                [](World& world) { world.at(1).health = NodeHealth::unlisted; }},
                    CannotJudge{"stopping", Reason::node_stopping,
                                [](World& world) { world.at(1).health = NodeHealth::stopping; }},
                    CannotJudge{"invalid", Reason::node_invalid,
                                [](World& world) { world.at(1).health = NodeHealth::invalid; }},
                    CannotJudge{"capacity_zero", Reason::capacity_unknown,
                                [](World& world) { world.at(1).capacity = 0; }},
                    CannotJudge{"capacity_negative", Reason::capacity_unknown,
                                [](World& world) { world.at(1).capacity = -gib(16); }},
                    CannotJudge{"listed_twice", Reason::node_listed_twice,
                                [](World& world) { world.cluster.nodes.push_back(world.at(1)); }},
                    CannotJudge{"listed_three_times", Reason::node_listed_twice,
                                [](World& world) { world.node(1, 3).node(1, 5); }},
                    CannotJudge{"gone_but_in_the_replica", Reason::node_unreachable,
                                [](World& world) {
                                  world.cluster.nodes.erase(world.cluster.nodes.begin());
                                }},
                    CannotJudge{"stale", Reason::sample_stale,
                                [](World& world) {
                                  world.now += world.policy.max_sample_age + seconds{1};
                                  world.at(2).sampled_at = world.now;
                                }},
                    CannotJudge{"never_sampled", Reason::sample_missing,
                                [](World& world) {
                                  world.ledger = Ledger();
                                  world.at(1).sampled_at = TimePoint{};
                                }}),
    [](const auto& tested) { return tested.param.what; });

TEST(JudgeReplica, DiffersAboveTheLimitInAllTheEvidence) {
  World world = skewed();
  world.sample(2);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::too_few_samples);
  world.sample(1);
  const ReplicaVerdict verdict = world.replica_verdict(5);
  EXPECT_EQ(verdict.state, ReplicaState::difference);
  EXPECT_EQ(verdict.reason, Reason::none);
  EXPECT_EQ(verdict.highest, NodeId{1});
  EXPECT_EQ(verdict.lowest, NodeId{2});
  EXPECT_NEAR(verdict.spread, 0.6, 1e-9);
  EXPECT_NEAR(world.judged().worst_spread(), 0.6, 1e-9);
  EXPECT_TRUE(world.judged().different());
  EXPECT_TRUE(world.judged().all_healthy());
  EXPECT_FALSE(world.judged().balanced());
}

TEST(JudgeReplica, IsBalancedAtTheLimit) {
  World world = skewed(8, 4);
  world.policy.max_difference = 0.25;
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::balanced);
  EXPECT_TRUE(world.judged().balanced());
}

TEST(JudgeReplica, TheLowestOfTheHighestMustBeClearOfTheHighestOfTheLowest) {
  World world = skewed(10, 5);  // 31 %
  world.sample(2);
  world.at(1).used = gib(12);
  world.at(2).used = gib(6);  // 37.5 %, but 10 − 6 is 25 %
  world.sample(1);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::too_few_samples);
}

TEST(JudgeReplica, WaitsForSamplesSinceTheLastMoveOfItsEnds) {
  World world = skewed();
  world.sample(3);
  world.ledger.start(world.flight(11, 5, 1, 2, 0));
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::move_in_flight);
  world.land(key(11, 5), world.now);
  world.sample(2);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::moved_since);
  world.sample(1);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
}

TEST(JudgeReplica, WaitsForItsLowestNodeAsWell) {
  World world = skewed();
  world.node(9, 8).sample();
  world.ledger.start(world.flight(21, 6, 2, 9, 0));
  world.land(key(21, 6), world.now);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::gathering);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::moved_since);
}

TEST(JudgeReplica, OfOneNodeIsBalancedAndBlocksNothing) {
  World world = skewed(8, 8);
  world.replica(6, 101, {1}).sample();
  const ReplicaVerdict verdict = world.replica_verdict(6);
  EXPECT_EQ(verdict.state, ReplicaState::balanced);
  EXPECT_EQ(verdict.reason, Reason::single_node);
  EXPECT_TRUE(world.judged().balanced());
}

TEST(JudgeReplica, WithoutNodesCannotBeJudgedAndBlocksNothing) {
  World world = skewed();
  world.replica(6, 101, {}).sample();
  EXPECT_EQ(world.replica_verdict(6).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::no_nodes);
  EXPECT_TRUE(world.judged().all_healthy());
  EXPECT_FALSE(world.planned().moves.empty());
}

TEST(JudgeReplica, OfAnIncompleteCollectionCannotBeJudged) {
  World world = skewed();
  world.cluster.collections.front().complete = false;
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_incomplete);
  world.cluster.collections.clear();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::collection_unlisted);
}

TEST(JudgeReplica, ListedTwiceIsFineAlikeAndNotWhereTheListsDiffer) {
  World world = skewed();
  world.replica(5, 100, {2, 1, 2}).sample();
  EXPECT_EQ(world.judged().replicas.size(), 1U);
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  world.replica(5, 100, {1});
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::replica_contradictory);
}

TEST(Trap04SegmentOnTwoNodes, WhileItMovesItsReplicaIsNotLevelled) {
  World world = skewed();
  world.segment(11, 5, 2, 2).sample();
  const ReplicaVerdict verdict = world.replica_verdict(5);
  EXPECT_EQ(verdict.state, ReplicaState::cannot_judge);
  EXPECT_EQ(verdict.reason, Reason::segment_in_transit);
  EXPECT_NEAR(verdict.spread, 0.6, 1e-9) << "the figures are known all the same";
  EXPECT_FALSE(world.judged().all_healthy());
}

TEST(Trap04SegmentOnTwoNodes, OncePerReplicaIsNoMove) {
  World world = skewed();
  world.node(3, 8).node(4, 8).replica(6, 100, {3, 4}).segment(12, 6, 3, 3).sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  EXPECT_EQ(world.replica_verdict(6).state, ReplicaState::balanced);
}

TEST(JudgeReplica, WithALoadingSegmentIsNotLevelled) {
  World world = skewed();
  world.segment_at(12).state = SegmentState::loading;
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::segment_in_transit);
}

TEST(Judgement, OfAnIncompleteClusterIsNeitherHealthyNorBalanced) {
  World world = skewed(8, 8);
  world.sample();
  EXPECT_TRUE(world.judged().balanced());
  world.cluster.coordinator_complete = false;
  EXPECT_FALSE(world.judged().all_healthy());
  EXPECT_FALSE(world.judged().balanced());
}

TEST(Judgement, OfAClusterWithAnUnreadCollectionIsNotHealthy) {
  World world = skewed(8, 8);
  world.cluster.collections.push_back({CollectionId{101}, "film", false, "no shard leader"});
  world.sample();
  EXPECT_FALSE(world.judged().all_healthy()) << "its replicas may not even be listed";
}

TEST(Judgement, OfAnEmptyClusterIsBalanced) {
  World world;
  world.sample();
  EXPECT_TRUE(world.judged().balanced());
  EXPECT_EQ(world.judged().worst_spread(), 0);
  EXPECT_EQ(world.judged().node(NodeId{1}), nullptr);
  EXPECT_EQ(world.judged().replica(ReplicaId{1}), nullptr);
}

TEST(Judgement, IsSortedWhateverTheOrderOfTheLists) {
  World world;
  world.node(3, 1).node(1, 1).node(2, 1);
  world.replica(9, 101, {3, 1}).replica(8, 102, {1}).replica(7, 101, {7, 2}).sample();
  const Judgement judgement = world.judged();
  std::vector<NodeId> nodes;
  for (const NodeVerdict& verdict : judgement.nodes) nodes.push_back(verdict.id);
  EXPECT_THAT(nodes, testing::ElementsAre(NodeId{1}, NodeId{2}, NodeId{3}, NodeId{7}));
  std::vector<ReplicaId> replicas;
  for (const ReplicaVerdict& verdict : judgement.replicas) replicas.push_back(verdict.id);
  EXPECT_THAT(replicas, testing::ElementsAre(ReplicaId{7}, ReplicaId{9}, ReplicaId{8}));
}

TEST(Judgement, StaysANumberWhateverThePolicySays) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  World world = skewed();
  world.sample();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.policy.overload_threshold = world.policy.max_difference = kNaN;
  world.policy.loading_peak = kNaN;
  world.policy.evidence_samples = -1;
  world.policy.max_sample_age = Duration::max();
  world.policy.settle = Duration::max();
  const Judgement judgement = world.judged();
  for (const NodeVerdict& verdict : judgement.nodes) EXPECT_GE(verdict.ratio, 0);
  EXPECT_GE(judgement.worst_spread(), 0);
  EXPECT_FALSE(judgement.overloaded());
  EXPECT_FALSE(judgement.different());
}

}  // namespace
}  // namespace evenkeel::rules::test::judge_test
