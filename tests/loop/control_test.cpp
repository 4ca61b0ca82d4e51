// What others may ask of a running agent: rounds, transfers, pauses.

#include "agent/loop/control.hpp"

#include <gmock/gmock.h>

#include "agent/util/asio.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::control_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::kBook;
using test::kReplica;
using test::NodeId;
using test::SegmentId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// An agent that has its evidence, and whose next round by itself is an hour off.
struct ControlTest : AgentTest {
  ControlTest() {
    settings.balance.interval = 1h;
    settings.scrape.interval = 5s;
  }
  void observe_for(rules::Duration time) {
    start();
    pass(time);
  }

  [[nodiscard]] static RoundRequest by_alert(const std::string& name,
                                             const rules::Scope& scope = {}) {
    RoundRequest request;
    request.alerts = {{name, "f-" + name}};
    request.focus = rules::Focus(scope);
    return request;
  }
  [[nodiscard]] static RoundRequest by_person(const std::string& who) {
    RoundRequest request;
    request.by = who;
    return request;
  }
  [[nodiscard]] std::size_t decisions() const { return agent->snapshot()->decisions.size(); }
};

TEST_F(ControlTest, ARoundThatIsAskedForComesNow) {
  observe_for(20s);
  ASSERT_THAT(agent->snapshot()->decisions, IsEmpty());
  const auto ticket = agent->ask(by_person("ann"));
  ASSERT_TRUE(ticket);
  pass(0s);
  EXPECT_FALSE(cluster.calls.empty());
  pass(1min);
  EXPECT_EQ(last().trigger, Trigger::manual);
  EXPECT_EQ(last().requested_by, "ann");
  EXPECT_THAT(last().requests, ElementsAre(ticket->number));
  EXPECT_EQ(last().outcome, Outcome::moved);
  EXPECT_EQ(decisions(), 1U);
  EXPECT_EQ(count("evenkeel_requests_total", {{"kind", "rebalance"}}), 1U);
}

TEST_F(ControlTest, OneAskedForDuringARoundComesRightAfterIt) {
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_person("ann")));
  cluster.before_move = [this] {
    cluster.before_move = nullptr;
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(agent->ask(by_person("bob")));
  };
  pass(1min);
  ASSERT_EQ(decisions(), 2U) << "a hundred requests are one round";
  EXPECT_EQ(last().requested_by, "bob");
  EXPECT_EQ(last().requests.size(), 100U);
}

TEST_F(ControlTest, TheSameGatesHoldForIt) {
  settings.balance.auto_balance = false;
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_alert("NodeOverloaded")));
  pass(1min);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("auto_balance is off"));
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(ControlTest, ItDoesNotReplaceEvidence) {
  observe_for(1s);
  ASSERT_TRUE(agent->ask(by_alert("NodeOverloaded")));
  pass(1s);
  EXPECT_EQ(last().outcome, Outcome::gathering);
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(ControlTest, AnAlertIsCarriedIntoItsDecision) {
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_alert("NodeOverloaded")));
  pass(1min);
  EXPECT_EQ(last().trigger, Trigger::alert);
  EXPECT_THAT(last().alerts, ElementsAre(Alert{"NodeOverloaded", "f-NodeOverloaded"}));
  const auto& remembered = agent->snapshot()->alert_decisions;
  ASSERT_EQ(remembered.size(), 1U);
  EXPECT_EQ(remembered.front().alert.name, "NodeOverloaded");
  EXPECT_EQ(remembered.front().at, last().at);
}

TEST_F(ControlTest, TheNewestTwentyAlertsAreRemembered) {
  settings.alerts.min_interval = 1ms;
  observe_for(20s);
  for (int i = 0; i < 25; ++i) {
    ASSERT_TRUE(agent->ask(by_alert("a" + std::to_string(i))));
    pass(1s);
  }
  ASSERT_TRUE(agent->ask(by_alert("a10")));
  pass(1s);
  const auto& remembered = agent->snapshot()->alert_decisions;
  ASSERT_EQ(remembered.size(), 20U);
  EXPECT_EQ(remembered[0].alert.name, "a10");
  EXPECT_EQ(remembered[1].alert.name, "a24");
  EXPECT_EQ(remembered.back().alert.name, "a5");
}

TEST_F(ControlTest, AFloodOfAlertsMakesOneRoundAnInterval) {
  settings.alerts.min_interval = 30s;
  observe_for(20s);
  for (int second = 0; second < 59; ++second) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(agent->ask(by_alert("a" + std::to_string(second * 20 + i))));
    }
    pass(1s);
  }
  EXPECT_EQ(decisions(), 2U) << "at 0 and 30 s";
  EXPECT_EQ(last().alerts.size(), RoundRequest::kMaxAlerts);
  pass(31s);
  EXPECT_EQ(decisions(), 3U) << "none is forgotten";
}

TEST_F(ControlTest, APersonNeedNotWaitForTheAlertsInterval) {
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_alert("first")));
  pass(5s);
  ASSERT_TRUE(agent->ask(by_alert("second")));
  ASSERT_TRUE(agent->ask(by_person("ann")));
  pass(0s);
  pass(5s);
  ASSERT_EQ(decisions(), 2U);
  EXPECT_EQ(last().trigger, Trigger::manual);
  EXPECT_THAT(last().alerts, ElementsAre(Alert{"second", "f-second"}));
}

TEST_F(ControlTest, AScopeKeepsTheRestWhereItIs) {
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_alert("book", {.node = NodeId{2}})));
  pass(1min);
  EXPECT_EQ(last().focus, "node 2");
  EXPECT_FALSE(last().moves.empty());
  for (const auto& record : last().moves) EXPECT_EQ(record.move.to, NodeId{2});
  EXPECT_THAT(last().words, HasSubstr("left out, since node 2 was asked for"));
}

TEST_F(ControlTest, AScopeWithoutMovesSaysSo) {
  observe_for(20s);
  ASSERT_TRUE(agent->ask(by_alert("other", {.collection = rules::CollectionId{99}})));
  pass(1min);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("none of the moves that would help concerns"));
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(ControlTest, ScopedRoundsDoNotPutOffTheWholeClusters) {
  settings.balance.interval = 1min;
  settings.alerts.min_interval = 10s;
  observe_for(5s);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(agent->ask(by_alert("other", {.collection = rules::CollectionId{99}})));
    pass(10s);
  }
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(ControlTest, NothingIsTakenBeforeTheFirstObservationNorAfterTheEnd) {
  cluster.coordinator_down = true;
  observe_for(20s);
  EXPECT_EQ(agent->ask(by_person("ann")).error(), Denial::not_ready);
  cluster.coordinator_down = false;
  pass(1min);
  EXPECT_TRUE(agent->ask(by_person("ann")));
  agent->stop();
  EXPECT_EQ(agent->ask(by_person("ann")).error(), Denial::stopping);
  EXPECT_EQ(agent->ask(PauseRequest{}).error(), Denial::stopping);
}

TEST_F(ControlTest, PausedNothingIsMovedEvenInRelief) {
  cluster.nodes[NodeId{1}].capacity = 640 * test::kMiB;
  settings.balance.interval = 10s;
  observe_for(1s);
  ASSERT_TRUE(agent->ask(PauseRequest{"maintenance", "ann", std::nullopt}));
  pass(10min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("balancing is paused"));
  const auto picture = agent->snapshot();
  ASSERT_TRUE(picture->pause);
  EXPECT_EQ(picture->pause->reason, "maintenance");
  EXPECT_EQ(picture->pause->by, "ann");
  EXPECT_FALSE(picture->acting());
  ASSERT_TRUE(agent->ask(ResumeRequest{"bob"}));
  pass(1min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_TRUE(agent->snapshot()->acting());
}

TEST_F(ControlTest, APauseEndsByItself) {
  settings.balance.interval = 10s;
  observe_for(1s);
  ASSERT_TRUE(agent->ask(PauseRequest{"", "", 120s}));
  pass(119s);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_TRUE(agent->snapshot()->pause);
  pass(1s);
  EXPECT_FALSE(agent->snapshot()->pause) << "and it is told at once";
  pass(20s);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(ControlTest, APauseTakesThePlaceOfTheOneBefore) {
  observe_for(1s);
  ASSERT_TRUE(agent->ask(PauseRequest{"short", "", 10s}));
  ASSERT_TRUE(agent->ask(PauseRequest{"long", "", std::nullopt}));
  pass(1min);
  ASSERT_TRUE(agent->snapshot()->pause);
  EXPECT_EQ(agent->snapshot()->pause->reason, "long");
}

TEST_F(ControlTest, APauseStopsARoundBetweenItsCalls) {
  settings.balance.policy.max_segments_per_call = 1;
  observe_for(20s);
  cluster.before_move = [this] {
    cluster.before_move = nullptr;
    EXPECT_TRUE(agent->ask(PauseRequest{}));
  };
  ASSERT_TRUE(agent->ask(by_person("ann")));
  pass(1min);
  EXPECT_EQ(cluster.calls.size(), 1U);
  EXPECT_THAT(last().words, HasSubstr("then stopped: balancing is paused"));
}

TEST_F(ControlTest, WhoeverPausesLearnsWhenItHolds) {
  observe_for(1s);
  auto ticket = agent->ask(PauseRequest{"why", "", std::nullopt});
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->taken_up.wait_for(0s), std::future_status::timeout);
  pass(0s);
  ASSERT_EQ(ticket->taken_up.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(ticket->taken_up.get()->pause->reason, "why");
}

TEST_F(ControlTest, ATransferMovesWhatItNamesThoughAutoBalanceIsOff) {
  settings.balance.auto_balance = false;
  settings.balance.policy.max_moves_per_round = 1;
  observe_for(20s);
  TransferRequest request;
  request.transfer.source = NodeId{1};
  request.transfer.segments = {SegmentId{11}, SegmentId{12}};
  request.transfer.destinations = {NodeId{3}};
  request.by = "ann";
  ASSERT_TRUE(agent->ask(request));
  pass(1min);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("it would be 2 moves, and a round may make 1"));
  request.transfer.force = true;
  ASSERT_TRUE(agent->ask(request));
  pass(1min);
  EXPECT_EQ(last().outcome, Outcome::moved) << last().words;
  EXPECT_EQ(last().moves.size(), 2U);
  EXPECT_EQ(last().requested_by, "ann");
  EXPECT_EQ(last().moves.front().move.urgency, rules::Urgency::asked);
  EXPECT_EQ(cluster.placed.at(SegmentId{12}).first, NodeId{3});
}

TEST_F(ControlTest, ATransferIsHeldByAPauseAndByADryRun) {
  start(true);
  pass(20s);
  TransferRequest request;
  request.transfer.source = NodeId{1};
  ASSERT_TRUE(agent->ask(request));
  pass(1min);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("dry run"));
  ASSERT_TRUE(agent->ask(PauseRequest{}));
  ASSERT_TRUE(agent->ask(request));
  pass(1min);
  EXPECT_THAT(last().words, HasSubstr("balancing is paused"));
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(ControlTest, ATransferThatCannotBeIsRefusedInWords) {
  observe_for(20s);
  TransferRequest request;
  request.transfer.source = NodeId{9};
  ASSERT_TRUE(agent->ask(request));
  pass(1s);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, StartsWith("load_balance refused: source node 9 does not exist"));
}

TEST_F(ControlTest, NotMoreThanAFewTransfersWait) {
  observe_for(20s);
  TransferRequest request;
  request.transfer.source = NodeId{9};
  int taken = 0;
  while (taken < 1000 && agent->ask(request)) ++taken;
  EXPECT_EQ(taken, 16);
  EXPECT_EQ(agent->ask(request).error(), Denial::full);
  pass(10s);
  EXPECT_EQ(decisions(), 16U);
  EXPECT_TRUE(agent->ask(request));
}

}  // namespace
}  // namespace evenkeel::loop::control_test
