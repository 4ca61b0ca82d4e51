#include "agent/util/asio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::agent_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::FakeCluster;
using test::kMiB;
using test::NodeId;
using test::SegmentId;

TEST_F(AgentTest, LevelsASkewedClusterAndThenLeavesItAlone) {
  start();
  pass(3min);
  EXPECT_LT(ratio(1) - std::min(ratio(2), ratio(3)), 0.30);
  const auto calls = cluster.calls.size();
  EXPECT_GE(calls, 2u);
  pass(1h);
  EXPECT_EQ(cluster.calls.size(), calls) << "a levelled cluster stays as it is";
  EXPECT_EQ(last().outcome, Outcome::balanced);
  EXPECT_EQ(last().words, "nodes differ by 6 points (limit 30)");
}

TEST_F(AgentTest, RelievesANodeOverItsThreshold) {
  cluster.nodes[NodeId{1}].capacity = 640 * kMiB;  // 610 of 640 MiB used: 95 %
  settings.balance.policy.max_difference = 0.89;   // only the overload rule can fire
  start();
  pass(3min);
  EXPECT_LE(ratio(1), settings.balance.policy.overload_threshold);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_LE(count("evenkeel_moves_total", {{"urgency", "overload"}, {"result", "succeeded"}}), 2u)
      << "no more than is needed";
}

TEST_F(AgentTest, DoesNotActBeforeTheEvidenceIsComplete) {
  settings.balance.interval = 10s;  // a sample at 0 s, and one with each round
  start();
  pass(15s);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(rounds(Outcome::gathering), 1u);
  pass(10s);
  EXPECT_FALSE(cluster.calls.empty()) << "three samples are enough";
}

TEST_F(AgentTest, DryRunPlansAndMovesNothing) {
  start(true);
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_FALSE(last().plan.moves.empty());
}

TEST_F(AgentTest, AutoBalanceOffPlansAndMovesNothing) {
  settings.balance.auto_balance = false;
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::held);
}

TEST_F(AgentTest, NothingMovesTowardsANodeThatDiedAfterThePlanWasMade) {
  start();
  int sent = 0;
  // The first call arrives, and the other node dies: the second call of the same round must not be
  // sent to it.
  cluster.before_move = [&] {
    if (sent++ > 0) return;
    const NodeId other =
        cluster.calls.front().destinations.front() == NodeId{2} ? NodeId{3} : NodeId{2};
    cluster.nodes[other].dead = true;
  };
  pass(30min);
  ASSERT_FALSE(cluster.calls.empty());
  for (const auto& call : cluster.calls) {
    EXPECT_EQ(call.destinations, cluster.calls.front().destinations);
  }
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
}

// The calls of one round may take minutes, and each goes by the newest picture.
struct AgentsLaterCallsTest : AgentTest {
  AgentsLaterCallsTest() {
    cluster.move_time = 50s;  // long enough for samples to be too old, and for new pictures
    cluster.before_move = [this] {
      if (cluster.calls.size() == 1) spoil();
    };
  }
  void expect_one_call() {
    start();
    pass(3min);
    EXPECT_EQ(cluster.calls.size(), 1u);
    ASSERT_FALSE(agent->snapshot()->decisions.empty());
    EXPECT_GT(agent->snapshot()->decisions.back()->admission.calls.size(), 1u);
  }
  std::function<void()> spoil = [] {};
};

TEST_F(AgentsLaterCallsTest, AreNotSentOnceTheCoordinatorsPictureIsPartial) {
  spoil = [this] { cluster.node_list_down = true; };
  expect_one_call();
}

TEST_F(AgentsLaterCallsTest, AreNotSentOnceTheSamplesAreOld) {
  spoil = [this] { cluster.freeze(); };
  expect_one_call();
}

TEST_F(AgentsLaterCallsTest, CountWhatHasLandedOnTopOfASampleThatIsOlder) {
  cluster.nodes.erase(NodeId{3});
  settings.scrape.targets = cluster.targets();
  settings.balance.policy.max_segments_per_call = 2;
  cluster.move_time = 5s;
  spoil = [this] {
    cluster.nodes[NodeId{2}].base += 650 * kMiB;  // 660 MiB, and 120 more land: no room for 180
    cluster.freeze();
  };
  expect_one_call();
}

TEST_F(AgentsLaterCallsTest, AreNotSentOnceTheSourceIsAmbiguous) {
  spoil = [this] {
    settings.scrape.targets.push_back("http://localhost:1/metrics");
    agent->reload(settings);
  };
  expect_one_call();
}

TEST_F(AgentTest, Trap16ADeadNodeThatTheCoordinatorStillListsGetsNothing) {
  cluster.nodes[NodeId{3}].dead = true;
  start();
  pass(10min);
  for (const auto& call : cluster.calls) EXPECT_NE(call.destinations.front(), NodeId{3});
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  EXPECT_NE(last().words.find('3'), std::string::npos) << last().words;
}

TEST_F(AgentTest, RecoversWhenANodeComesBack) {
  cluster.nodes[NodeId{3}].dead = true;
  start();
  pass(10min);
  cluster.nodes[NodeId{3}].dead = false;
  pass(10min);
  EXPECT_EQ(last().outcome, Outcome::balanced);
  EXPECT_LT(ratio(1) - std::min(ratio(2), ratio(3)), 0.30);
}

TEST_F(AgentTest, ACoordinatorThatIsDownStopsEverythingAndItsReturnResumes) {
  cluster.coordinator_down = true;
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  EXPECT_GT(count("evenkeel_coordinator_failures_total", {{"kind", "transport"}}), 0u);
  cluster.coordinator_down = false;
  pass(5min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::balanced);
}

TEST_F(AgentTest, Trap16ReplicasThatCannotBeReadStopTheCollectionsMoves) {
  cluster.refuse_replicas = true;
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  EXPECT_NE(last().words.find("shard leader"), std::string::npos) << last().words;
}

TEST_F(AgentTest, AFailingMoveIsRestedAfterThreeFailuresAndTheAgentGoesOn) {
  cluster.reply = FakeCluster::Reply::refuse;
  start();
  pass(2h);
  std::map<SegmentId, int> tries;
  for (const auto& call : cluster.calls) {
    for (const auto segment : call.segments) ++tries[segment];
  }
  ASSERT_FALSE(tries.empty());
  for (const auto& [segment, count] : tries) EXPECT_LE(count, 6) << "at most three tries an hour";
  EXPECT_GE(rounds(Outcome::failed), 1u);
}

TEST_F(AgentTest, AnUnknownEndIsLearntFromALaterObservation) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] {
    for (const auto id : cluster.calls.back().segments) {
      cluster.put_in_transit(id, cluster.calls.back().destinations.front());
    }
  };
  start();
  pass(4min);
  ASSERT_EQ(cluster.calls.size(), 1u) << "nothing else is sent while a move's end is unknown";
  EXPECT_GT(agent->snapshot()->moves_in_flight, 0u);
  cluster.move(cluster.calls.back(), cluster.calls.back().segments.size());
  cluster.reply = FakeCluster::Reply::obey;
  cluster.before_move = nullptr;
  pass(10min);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0u);
  EXPECT_EQ(last().outcome, Outcome::balanced);
}

TEST_F(AgentTest, AnEmptyClusterIsBalanced) {
  cluster.placed.clear();
  cluster.collection_dropped = true;
  start();
  pass(2min);
  EXPECT_EQ(last().outcome, Outcome::balanced);
  EXPECT_EQ(last().words, "no segments are loaded");
}

TEST_F(AgentTest, OneNodeIsNothingToLevel) {
  cluster.nodes.erase(NodeId{2});
  cluster.nodes.erase(NodeId{3});
  settings.scrape.targets = cluster.targets();
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::balanced);
}

TEST_F(AgentTest, NoQueryNodeAtAllCannotBeJudgedNorMoved) {
  cluster.nodes.clear();
  settings.scrape.targets.clear();
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_NE(last().outcome, Outcome::moved);
}

TEST_F(AgentTest, OneOverloadedNodeThatNothingCanRelieveSaysWhatIsMissing) {
  for (const int id : {1, 2, 3}) cluster.nodes[NodeId{id}].capacity = 660 * kMiB;
  for (int id = 21; id <= 30; ++id) cluster.placed[SegmentId{id}] = {NodeId{2}, 58};
  for (int id = 31; id <= 40; ++id) cluster.placed[SegmentId{id}] = {NodeId{3}, 58};
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::cannot_fix);
  EXPECT_NE(last().words.find("node 1"), std::string::npos) << last().words;
}

TEST_F(AgentTest, StopEndsPromptlyWithNothingUnderWay) {
  start(true);
  pass(1min);
  const auto before = clock.now();
  agent->stop();
  EXPECT_TRUE(clock.drive(io, 10s, [this] { return ended; }));
  EXPECT_LT(clock.now() - before, 1s);
}

TEST_F(AgentTest, StopDuringAMoveEndsWithinFiveSecondsAndRecordsItAsUnknown) {
  cluster.reply = FakeCluster::Reply::hang;
  start();
  pass(90s);
  ASSERT_EQ(cluster.calls.size(), 1u);
  const auto before = clock.now();
  agent->stop();
  EXPECT_TRUE(clock.drive(io, 10s, [this] { return ended; }));
  EXPECT_LT(clock.now() - before, 5s);
  EXPECT_EQ(last().outcome, Outcome::failed);
  EXPECT_EQ(last().moves.front().result, MoveResult::unknown);
}

TEST_F(AgentTest, ReloadTakesEffectAtOnceAndKeepsTheCounters) {
  settings.balance.auto_balance = false;
  start();
  pass(5min);
  ASSERT_TRUE(cluster.calls.empty());
  const auto before = rounds(Outcome::held);
  settings.balance.auto_balance = true;
  agent->reload(settings);
  EXPECT_TRUE(agent->snapshot()->last_reload_ok);
  EXPECT_EQ(rounds(Outcome::held), before);
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
  agent->reload_failed();
  EXPECT_FALSE(agent->snapshot()->last_reload_ok);
  EXPECT_EQ(count("evenkeel_config_reload_failures_total"), 1u);
}

TEST_F(AgentTest, TwoTargetsThatClaimOneNodeLeaveItAmbiguousAndUntouched) {
  settings.scrape.targets.push_back("http://localhost:2/metrics");
  start();
  pass(5min);
  for (const auto& call : cluster.calls) EXPECT_NE(call.destinations.front(), NodeId{2});
  const auto& cluster_seen = *agent->snapshot()->cluster;
  const auto node = std::find_if(cluster_seen.nodes.begin(), cluster_seen.nodes.end(),
                                 [](const auto& n) { return n.id == NodeId{2}; });
  ASSERT_NE(node, cluster_seen.nodes.end());
  EXPECT_EQ(node->health, rules::NodeHealth::ambiguous);
}

// What Milvus's own balancer does to a cluster that it finds level by rows: it moves back what was
// moved.
TEST_F(AgentTest, Trap12ABalancerThatMovesSegmentsBackIsNotFoughtWithinTheCooldown) {
  std::map<SegmentId, rules::TimePoint> sent;
  int sent_again = 0;
  cluster.before_move = [&] {
    for (const SegmentId id : cluster.calls.back().segments) {
      const auto [last, first_time] = sent.try_emplace(id, clock.now());
      if (first_time) continue;
      ++sent_again;
      EXPECT_GE(clock.now() - last->second, 4 * settings.balance.policy.segment_cooldown);
      last->second = clock.now();
    }
  };
  int moved_back = 0;
  cluster.before_node_list = [&] {
    for (auto& [id, at] : cluster.placed) {
      moved_back += at.first == NodeId{1} ? 0 : 1;
      at.first = NodeId{1};
    }
  };
  start();
  pass(120min);
  EXPECT_GT(moved_back, 0);
  EXPECT_GT(sent_again, 0) << "what rests is not given up";
}

// The built-in balancer, held off by a key under a lease, is back once the lease has run out.
TEST_F(AgentTest, Trap13WhenASuspensionOfTheOtherBalancerRunsOutNothingIsMovedTwice) {
  bool suspended = true;
  cluster.before_node_list = [&] {
    if (suspended) return;
    for (auto& [id, at] : cluster.placed) at.first = NodeId{1};
  };
  start();
  pass(5min);
  EXPECT_EQ(last().outcome, Outcome::balanced) << "levelled while nobody was against it";
  std::set<SegmentId> sent;
  for (const auto& call : cluster.calls) sent.insert(call.segments.begin(), call.segments.end());
  const auto calls = cluster.calls.size();

  suspended = false;
  pass(4min);  // of the cool-down of ten
  for (auto i = calls; i < cluster.calls.size(); ++i) {
    for (const SegmentId id : cluster.calls[i].segments) EXPECT_FALSE(sent.contains(id));
  }
  EXPECT_NE(last().outcome, Outcome::balanced) << "and it is seen";
}

// Before 2.2.9 there are no databases, and every name gives the same collections.
TEST_F(AgentTest, ACollectionThatTwoDatabasesListIsOne) {
  cluster.database_names = {"default", "shop"};
  start(true);
  pass(1min);
  const auto& seen = *agent->snapshot()->cluster;
  EXPECT_EQ(seen.collections.size(), 1U);
  EXPECT_EQ(seen.segments.size(), 10U);
  EXPECT_TRUE(seen.coordinator_complete);
}

TEST_F(AgentTest, AListOfSizesThatFailsIsSaidAndNotFetchedAtEachLook) {
  cluster.version = "2.5.6";
  cluster.sizes_fail = {.kind = milvus::FailureKind::refused, .message = "HTTP 500: node 3"};
  start(true);
  pass(5min);
  EXPECT_GE(cluster.sizes_asked, 4);
  EXPECT_LE(cluster.sizes_asked, 6) << "once a minute";
  cluster.sizes_asked = 0;
  int unsaid = 0;
  agent->on_publish([&](const loop::SnapshotPtr& snapshot) {
    const auto& problems = snapshot->cluster->problems;
    const bool said = problems.size() == 1 &&
                      problems[0].text.find("the sizes of segments could not be read") == 0;
    if (!said) ++unsaid;
  });
  pass(2min);
  EXPECT_EQ(unsaid, 0) << "also while it is not asked for";
}

TEST_F(AgentTest, Trap18TheNodeListIsNotAskedForSoOftenThatTheProxysCacheNeverEnds) {
  settings.scrape.interval = 1s;
  settings.scrape.timeout = 1s;
  rules::TimePoint last_asked{};
  cluster.before_node_list = [&] {
    EXPECT_GT(clock.now() - last_asked, 6s);
    last_asked = clock.now();
  };
  start();
  pass(1min);
  EXPECT_GE(cluster.observations, 8) << "and often enough to see nodes come and go";
  // Nor more often where it fails: a proxy that hangs or is behind may have asked all the same.
  cluster.coordinator_down = true;
  pass(20s);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  cluster.coordinator_down = false;
  pass(8s);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
}

TEST_F(AgentTest, Trap19ACoordinatorThatHasJustComeBackIsNotBelievedWhenItListsNothing) {
  start(true);
  pass(2min);
  cluster.coordinator_down = true;
  pass(1min);
  cluster.coordinator_down = false;
  cluster.collection_dropped = true;  // what it says for its first seconds
  pass(20s);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  EXPECT_EQ(rounds(Outcome::balanced), 0u) << "nothing loaded would count as balanced";
  cluster.collection_dropped = false;
  pass(2min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  EXPECT_EQ(last().outcome, Outcome::held);
}

TEST_F(AgentTest, Trap19ACoordinatorThatWasAwayBetweenTwoObservationsIsNotBelievedEither) {
  start(true);
  pass(2min);
  cluster.collection_dropped = true;
  pass(20s);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  cluster.collection_dropped = false;
  pass(2min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  EXPECT_EQ(rounds(Outcome::balanced), 0u);
}

TEST_F(AgentTest, Trap19WhatAPartialLookListedIsMissedInTheEmptyOne) {
  cluster.node_list_down = true;  // each look so far is partial, but lists the collection
  start(true);
  pass(20s);
  cluster.coordinator_down = true;
  pass(20s);
  cluster.coordinator_down = false;
  cluster.node_list_down = false;
  cluster.collection_dropped = true;  // what it says for its first seconds
  pass(20s);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  EXPECT_EQ(rounds(Outcome::balanced), 0u);
  pass(1min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up) << "and believed where it says so for long";
}

TEST_F(AgentTest, ACollectionThatIsDroppedWhileAllIsWellIsBelievedToBeGone) {
  start(true);
  pass(2min);
  cluster.collection_dropped = true;
  pass(2min);
  EXPECT_EQ(last().outcome, Outcome::balanced);
}

TEST_F(AgentTest, ATargetThatIsReadNoMoreTakesItsCountersAlong) {
  start(true);
  pass(1min);
  const auto series = [&](const char* family) {
    return tests::series_of(*agent->instruments(), family).size();
  };
  EXPECT_EQ(series("evenkeel_scrapes_total"), 3u);
  EXPECT_EQ(series("evenkeel_scrape_failures_total"), 12u);
  settings.scrape.targets.pop_back();
  agent->reload(settings);
  pass(1min);
  EXPECT_EQ(series("evenkeel_scrapes_total"), 2u);
  EXPECT_EQ(series("evenkeel_scrape_failures_total"), 8u);
}

TEST_F(AgentTest, ScrapesGoOnBetweenRounds) {
  start();
  pass(10min);
  EXPECT_GE(cluster.observations, 35);
  EXPECT_LE(cluster.observations, 55);
}

TEST_F(AgentTest, Trap16SegmentsListedOnANodeThatIsGoneMakeItWaitOnlyUntilTheyAreNot) {
  cluster.placed[SegmentId{777}] = {NodeId{9}, 10};
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  EXPECT_NE(last().words.find("on node 9 set aside: the node is gone"), std::string::npos)
      << last().words;
  cluster.placed[SegmentId{777}].first = NodeId{2};
  pass(5min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::balanced);
}

// A move of before the start, or of another agent that began at the same time.
TEST_F(AgentTest, NothingIsMovedBeforeWhatWasOnItsWayAtTheStartHasSettled) {
  cluster.put_in_transit(SegmentId{11}, NodeId{3});
  start();
  pass(30s);
  cluster.move({"book", NodeId{1}, {NodeId{3}}, {SegmentId{11}}}, 1);
  pass(settings.balance.policy.settle - 1min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_THAT(last().words, testing::HasSubstr("on their way when the agent started"));
  pass(10min);
  EXPECT_FALSE(cluster.calls.empty());
}

// A collection that cannot be read at first does not keep an overloaded node from being relieved:
// the agent's first whole look is one during a move of its own.
struct AgentsOwnMoveTest : AgentTest {
  AgentsOwnMoveTest() {
    cluster.nodes[NodeId{1}].base = 390 * kMiB;     // 99 % used, two moves too many
    settings.balance.policy.max_difference = 0.89;  // only the overload rule can fire
    for (const int id : {2, 3}) cluster.nodes[NodeId{id}].base = 200 * kMiB;
    settings.balance.policy.max_moves_per_round = 1;
    cluster.other_is_unreadable = true;
  }
  void expect_no_rest() {
    start();
    pass(settings.balance.policy.settle - 1min);
    EXPECT_GE(cluster.calls.size(), 2u) << last().words;
    EXPECT_LE(ratio(1), settings.balance.policy.overload_threshold);
  }
};

TEST_F(AgentsOwnMoveTest, UnderWayInTheFirstWholeLookIsNotTakenForAnothers) {
  cluster.move_time = 50s;
  cluster.before_move = [&] { cluster.other_is_unreadable = false; };
  expect_no_rest();
}

TEST_F(AgentsOwnMoveTest, ThatLandedDuringTheFirstWholeLookIsNotTakenForAnothers) {
  cluster.move_time = 20s;
  cluster.before_move = [&] {
    cluster.other_is_unreadable = false;
    cluster.node_list_delay = 20s;  // from 15 s to 35 s after the call, the segments at its begin
  };
  expect_no_rest();
}

TEST_F(AgentTest, WithNothingOnItsWayAtTheStartNothingIsWaitedFor) {
  start();
  pass(settings.balance.policy.settle - 1min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(AgentTest, AMoveThatACoordinatorForgotWhenItDiedIsOverSoonAfterItIsBack) {
  cluster.reply = FakeCluster::Reply::refuse;
  cluster.refusal = {milvus::FailureKind::transport, "connection reset"};
  cluster.before_move = [this] { cluster.coordinator_down = true; };
  start();
  pass(150s);
  ASSERT_EQ(cluster.calls.size(), 1U);
  EXPECT_NE(agent->snapshot()->moves_in_flight, 0U);
  cluster.before_move = nullptr;
  cluster.coordinator_down = false;
  pass(20s);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0U);
}

// A cluster may have thousands of replicas, and each decision a verdict for each of them.
TEST_F(AgentTest, OnlyTheNewestDecisionKeepsWhatItWasJudgedBy) {
  start();
  pass(10min);
  const auto decisions = agent->snapshot()->decisions;
  ASSERT_GT(decisions.size(), 2U);
  EXPECT_NE(decisions.front()->judgement, nullptr);
  for (std::size_t i = 1; i < decisions.size(); ++i) {
    EXPECT_EQ(decisions[i]->judgement, nullptr);
    EXPECT_TRUE(decisions[i]->coordinator_complete);
  }
  EXPECT_GT(decisions.back()->worst_spread, 0.5);
  EXPECT_EQ(decisions.front()->why_nothing, "nothing is wrong");
}

}  // namespace
}  // namespace evenkeel::loop::agent_test
