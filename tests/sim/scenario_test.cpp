// Named worlds, what happens in them, and what becomes of it. In each, the checker holds every call
// and plan against its rules.

#include "agent/util/asio.hpp"

#include "tests/sim/scene.hpp"

namespace evenkeel::sim::scenario_test {
namespace {

TEST(Scenario, NothingShouldMove) {
  Scene scene = Scene().nodes(1, 4).collection(1);
  for (const int node : {1, 2, 3, 4}) scene.segments(6, 1, {node});
  scene.segments(3, 1, {1});  // 59 % against 41 %: different, and not by too much
  scene.world.manners.noise = 0.02;
  scene.world.busy = 2h;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.checker().calls(), 0u);
  EXPECT_EQ(run.outcome(), loop::Outcome::balanced);
}

TEST(Scenario, FortyNodesWithDataOnTwo) {
  Scene scene = Scene().nodes(1, 40).collection(1);
  for (int i = 0; i < 52; ++i) scene.segments(1, 0.25, {1 + i % 2});
  scene.world.busy = 20min;
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(run.worst_spread(), 0.30);
  EXPECT_EQ(most_often_sent(run), 1);
}

TEST(Scenario, OneNodeTwiceTheSizeTakesTwiceAsMuch) {
  Scene scene = Scene().node(1, 16).node(2, 16).node(3, 32).collection(1).segments(26, 0.5, {1});
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_GT(run.cluster().used(NodeId{3}), run.cluster().used(NodeId{2}));
  EXPECT_LE(run.worst_spread(), 0.30);
}

TEST(Scenario, TwoReplicasAreLevelledEachOnItsOwnNodes) {
  Scene scene;
  for (const int id : {1, 2}) scene.node(id);
  for (const int id : {3, 4}) scene.node(id, 16, 0.5, 1);
  scene.collection(1, {1, 2}).segments(10, 1, {1, 3});
  Simulation run(scene.world);
  expect_levelled(run);
  for (const Sent& sent : run.checker().sent()) {
    EXPECT_EQ(static_cast<int>(sent.move.from) <= 2, static_cast<int>(sent.move.to) <= 2);
  }
}

TEST(Scenario, TheDestinationDiesMidMove) {
  Scene scene = skewed().at(62s, Happening::node_dies, 2, 8s);
  scene.world.manners.load_speed = 128 * kMiB;
  Simulation run(scene.world);
  run.pass(61s);
  ASSERT_EQ(run.checker().sent().front().move.to, NodeId{2});
  expect_levelled(run);
  EXPECT_LE(std::abs(ratio(run, 1) - ratio(run, 3)), 0.30);
}

TEST(Scenario, TheSourceDiesMidMove) {
  Scene scene = skewed().at(62s, Happening::node_dies, 1, 8s);
  scene.world.manners.load_speed = 128 * kMiB;
  Simulation run(scene.world);
  run.pass(61s);
  ASSERT_FALSE(run.checker().sent().empty());
  expect_no_violation(run);
  EXPECT_LE(run.worst_spread(), 0.30);
}

TEST(Scenario, ANodeThatJoinsEmptyIsFilled) {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(10, 1, {1}).segments(10, 1, {2});
  scene.at(2min, Happening::node_joins, 3, 0s, 1, 16 * kGiB);
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_GT(ratio(run, 3), 0.3);
}

TEST(Scenario, ANodeThatRestartsIsAnotherNode) {
  Scene scene = skewed().at(62s, Happening::node_restarts, 2, 20s, 4);
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_GT(run.cluster().used(NodeId{4}), kGiB) << "under its new id";
}

TEST(Scenario, CompactionRenamesSegmentsUnderAPlan) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(24, 0.5, {1});
  for (const Duration time : {59s, 61s}) {
    scene.at(time, Happening::compaction, 0);
  }
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST(Scenario, GrowthIsLevelledOnceItIsSealed) {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(4, 1, {1}).segments(5, 1, {2});
  scene.at(1min, Happening::growth, 0, 8min, 0, 6 * kGiB / kRow);
  Simulation run(scene.world);
  expect_no_violation(run);
  for (const Sent& sent : run.checker().sent()) EXPECT_LT(sent.move.bytes, 8 * kGiB);
  EXPECT_NE(run.outcome(), loop::Outcome::cannot_judge);
}

TEST(Scenario, TheCoordinatorRestartsMidRound) {
  Scene scene = skewed().at(62s, Happening::coordinator_restarts, 0, 20s);
  scene.world.manners.load_speed = 128 * kMiB;
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST(Scenario, ACollectionIsReleasedMidMove) {
  Scene scene = skewed().at(62s, Happening::collection_released, 0);
  scene.world.manners.load_speed = 128 * kMiB;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.outcome(), loop::Outcome::balanced);
}

TEST(Scenario, ACollectionThatIsLoadedOntoOneNodeIsSpread) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(2, 1, {1}).segments(2, 1, {2});
  scene.at(90s, Happening::collection_loaded, 0, 30s, 0, 9);
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST(Scenario, MemoryThatFallsLateIsNotMovedTwice) {
  Scene scene = skewed();
  scene.world.manners.kept = 1;
  scene.world.manners.fall = 4min;
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(run.checker().sent().size(), 8u) << "of twelve";
}

TEST(Scenario, AStopMidMoveLeavesNothingHalfDoneThatANextAgentCouldNotSee) {
  Scene scene = skewed();
  scene.world.manners.load_speed = 20 * kMiB;
  scene.world.stop_at = 70s;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.checker().calls(), 1u);
  EXPECT_EQ(run.checker().sent().front().result, loop::MoveResult::unknown);
}

// ---- each thing that can be wrong with a node's metrics

struct Metrics : testing::TestWithParam<Happening> {};

TEST_P(Metrics, OfTheOnlyDestinationAreWrongForAWhile) {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(12, 1, {1});
  scene.at(20s, GetParam(), 2, 5min, 1);
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST_P(Metrics, OfTheSourceGoWrongBetweenTwoCalls) {
  Scene scene = skewed().at(62s, GetParam(), 1, 5min, 2);
  Simulation run(scene.world);
  expect_levelled(run);
}

INSTANTIATE_TEST_SUITE_P(Wrong, Metrics,
                         testing::Values(Happening::metrics_missing, Happening::metrics_hang,
                                         Happening::metrics_invalid, Happening::metrics_stall,
                                         Happening::metrics_old, Happening::metrics_lag,
                                         Happening::metrics_lie, Happening::id_claimed),
                         [](const auto& test) { return std::string(name(test.param)); });

// ---- each way in which calls come out

struct Calls : testing::TestWithParam<MoveEnd> {};

TEST_P(Calls, ComeOutSoForTenMinutesAndThenAllIsLevelled) {
  Scene scene = skewed().calls_come_out(GetParam());
  scene.world.busy = 10min;
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST_P(Calls, ComeOutSoWhileTheMoveIsNotShown) {
  Scene scene = skewed().calls_come_out(GetParam());
  scene.world.manners.transit_shown = false;
  scene.world.manners.load_speed = 32 * kMiB;
  scene.world.busy = 10min;
  Simulation run(scene.world);
  expect_levelled(run);
}

INSTANTIATE_TEST_SUITE_P(Come, Calls, testing::ValuesIn(kMoveEnds),
                         [](const auto& test) { return std::string(name(test.param)); });

// ---- each way to know a segment's size

struct Known : testing::TestWithParam<Sizes> {};

TEST_P(Known, SizesLevelACluster) {
  Scene scene = skewed();
  scene.world.manners.sizes = GetParam();
  scene.world.manners.stale_figures = true;
  scene.world.manners.schema_error = 1.25;
  Simulation run(scene.world);
  expect_levelled(run);
}

INSTANTIATE_TEST_SUITE_P(By, Known,
                         testing::Values(Sizes::reported, Sizes::figures, Sizes::schema));

// The agent dies in the moment at which a call has left it, which Milvus carries out later.
TEST(Scenario, WhatAKilledAgentHasSentIsNotSentAgain) {
  Scene scene =
      skewed().at(20s, Happening::agent_killed, 0, 1s, 0, 1).calls_come_out(MoveEnd::timeout_moved);
  scene.world.remembers = true;
  scene.world.manners.transit_shown = false;
  scene.world.settings.balance.interval = 15s;
  scene.world.settings.milvus.move_timeout = 120s;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_GT(run.checker().moves(), 0u);
}

// Each agent begins while the other's first moves load: nobody may pass a threshold for it.
TEST(Scenario, TwoAgentsDoNotFillOneNodeTogether) {
  for (const Duration after : {1s, 5s, 20s, 62s}) {
    Scene scene = Scene().nodes(1, 3).node(4).collection(1).segments(7, 1, {1});
    scene.collection(2).segments(8, 1, {1}).segments(4, 1, {3}).segments(4, 1, {4});
    scene.world.manners.load_speed = 40 * kMiB;
    scene.world.second_agent = after;
    Simulation run(scene.world);
    expect_no_violation(run);
    ASSERT_NE(run.second(), nullptr);
    EXPECT_GT(run.checker().moves() + run.second()->moves(), 0u);
    EXPECT_LE(run.highest_ratio(), scene.world.settings.balance.policy.overload_threshold);
  }
}

// What node 1 uses grows by 60 MiB a minute, from 78 % to 93 %.
Scene growing() {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(24, 0.5, {1}).segments(20, 0.5, {2});
  for (int minute = 1; minute <= 40; ++minute) {
    scene.at(minute * 1min, Happening::traffic, 1, 5h, 0, 60 * kMiB);
  }
  scene.world.busy = 50min;
  return scene;
}

double highest_of_node_1(const World& world) {
  Simulation run(world);
  double highest = 0;
  for (int second = 0; second < 50 * 60; second += 15) {
    run.pass(15s);
    highest = std::max(highest, ratio(run, 1));
  }
  expect_no_violation(run);
  return highest;
}

TEST(Scenario, AGrowingNodeIsRelievedWhenItIsOverloaded) {
  EXPECT_GT(highest_of_node_1(growing().world), 0.90);
}

TEST(Scenario, AGrowingNodeIsRelievedBeforeItIsOverloadedIfThatIsAskedFor) {
  Scene scene = growing();
  scene.world.settings.balance.policy.act_ahead = 15min;
  EXPECT_LT(highest_of_node_1(scene.world), 0.90);
}

}  // namespace
}  // namespace evenkeel::sim::scenario_test
