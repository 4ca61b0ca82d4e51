// Rounds and the turns that several agents take: one acts, the others judge and explain.
#include <gmock/gmock.h>

#include "tests/loop/agent_fixture.hpp"
#include "tests/loop/fake_hold.hpp"
#include "tests/loop/fake_turns.hpp"
#include "tests/loop/memory_journal.hpp"

namespace evenkeel::loop::turning_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::FakeHold;
using test::FakeTurns;
using test::MemoryJournal;
using test::NodeId;
using test::SegmentId;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct TurningTest : AgentTest {
  TurningTest() { turns = &fake; }
  ~TurningTest() override { stop(); }

  // The fake is given the turn, with a memory of nothing.
  void give_turn() {
    fake.left = Memory{};
    fake.give();
  }
  // An agent that acts on its own, for what it has in mind then.
  Memory memory_after_moves() {
    give_turn();
    start();
    pass(100s);
    EXPECT_FALSE(cluster.calls.empty());
    stop();
    ended = false;
    return fake.handed.value();
  }

  FakeTurns fake;
};

TEST_F(TurningTest, AWatcherJudgesAndExplainsAndSendsNothing) {
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_FALSE(last().plan.moves.empty());
  EXPECT_THAT(last().words, HasSubstr("turn: closed, another agent, keel-1, acts"));
  const auto snapshot = agent->snapshot();
  EXPECT_FALSE(snapshot->acting());
  EXPECT_EQ(snapshot->turn.actor, "keel-1");
}

TEST_F(TurningTest, ActsOnceItIsItsTurnAndStopsWhenItIsNot) {
  start();
  pass(2min);
  give_turn();
  pass(90s);
  EXPECT_EQ(fake.taken, 1);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_TRUE(agent->snapshot()->acting());
  fake.take_away();
  const auto sent = cluster.calls.size();
  for (auto& [id, at] : cluster.placed) at.first = NodeId{1};
  pass(30min);
  EXPECT_THAT(cluster.calls, SizeIs(sent));
  EXPECT_EQ(count("evenkeel_moves_undone_total"), 0U) << "whoever acts now may do so";
}

TEST_F(TurningTest, MakesARoundAtOnceWhenItsTurnBegins) {
  settings.balance.interval = 10min;
  start();
  pass(5min);
  give_turn();
  pass(10s);
  EXPECT_FALSE(cluster.calls.empty());
  const auto rounds_then = rounds(Outcome::moved);
  pass(5min);
  EXPECT_EQ(rounds(Outcome::moved), rounds_then) << "the next one comes when it is due";
}

TEST_F(TurningTest, TheHoldKnowsWhetherTheAgentActs) {
  FakeHold held(clock);
  hold = &held;
  settings.builtin_balancer.mode = "hold";
  start();
  pass(30s);
  EXPECT_FALSE(held.acting);
  give_turn();
  pass(30s);
  EXPECT_TRUE(held.acting);
  fake.take_away();
  pass(30s);
  EXPECT_FALSE(held.acting);
  stop();
}

TEST_F(TurningTest, LooksBeforeEachCallAndSendsNothingThatIsAgainstIt) {
  give_turn();
  cluster.before_move = [this] { fake.against = "another agent, keel-1, acts"; };
  start();
  pass(100s);
  ASSERT_THAT(cluster.calls, SizeIs(1));
  EXPECT_GE(fake.checks, 2);
  EXPECT_THAT(last().words, HasSubstr("another agent, keel-1, acts"));
}

// It was stopped between the last look and the call.
TEST_F(TurningTest, WithdrawsACallThatComesTooLate) {
  give_turn();
  cluster.asks_whether_to_send = true;
  fake.still = [] { return false; };
  start();
  pass(3min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::failed);
  EXPECT_THAT(last().words, HasSubstr("the call was not sent"));
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0U);
  EXPECT_THAT(agent->snapshot()->ledger->histories(), IsEmpty()) << "no segment is to blame";
}

TEST_F(TurningTest, WithdrawsACallThatIsNotYetWrittenWhenTheAgentStops) {
  give_turn();
  cluster.asks_whether_to_send = true;
  fake.still = [this] {
    agent->stop();
    return true;
  };
  start();
  pass(3min);
  EXPECT_TRUE(ended);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("the call was not sent, since the agent is stopping"));
}

TEST_F(TurningTest, WhatWasAskedJustBeforeTheStopIsHandedOver) {
  give_turn();
  start();
  pass(30s);
  fake.before_hand_over = [this] { return clock.sleep(300ms); };
  ASSERT_TRUE(agent->ask(PauseRequest{"the first", "ada", {}}));
  pass(100ms);
  ASSERT_TRUE(agent->ask(PauseRequest{"the second", "ada", {}}));
  pass(0ms);
  agent->stop();
  pass(2s);
  EXPECT_TRUE(ended);
  EXPECT_EQ(fake.resigned, 1);
  ASSERT_TRUE(fake.handed && fake.handed->pause);
  EXPECT_EQ(fake.handed->pause->reason, "the second");
}

TEST_F(TurningTest, WithoutWhatWasLeftEverythingRests) {
  start();
  pass(1min);
  fake.give();
  pass(settings.balance.policy.settle - 2s);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("what another agent moved is not known: nothing was left"));
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(TurningTest, TheNextAgentMovesNothingBack) {
  const Memory left = memory_after_moves();
  std::set<SegmentId> moved;
  for (const auto& call : cluster.calls) moved.insert(call.segments.begin(), call.segments.end());
  const auto sent = cluster.calls.size();
  for (auto& [id, at] : cluster.placed) at.first = NodeId{1};  // somebody takes them all back

  fake.left = left;
  fake.give(2);
  start();
  pass(settings.balance.policy.segment_cooldown - 6min);
  for (std::size_t i = sent; i < cluster.calls.size(); ++i) {
    for (const SegmentId id : cluster.calls[i].segments) EXPECT_FALSE(moved.contains(id));
  }
  EXPECT_GT(last().id, left.last_decision);
}

TEST_F(TurningTest, LeavesEachCallBeforeItIsSent) {
  give_turn();
  int calls = 0;
  cluster.before_move = [&] {
    ++calls;
    std::set<SegmentId> known;
    for (const auto& flight : fake.handed->ledger.flights()) known.insert(flight.segment);
    for (const SegmentId id : cluster.calls.back().segments) EXPECT_TRUE(known.contains(id));
  };
  start();
  pass(3min);
  EXPECT_GT(calls, 0);
}

TEST_F(TurningTest, SendsNothingThatItCannotLeaveToTheNext) {
  give_turn();
  fake.hand_over_fails = "etcd is full";
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("etcd is full"));
}

TEST_F(TurningTest, SettlesWhatWasUnderWayByTheDistribution) {
  Memory left;
  left.ledger.start(
      {SegmentId{11}, test::kReplica, NodeId{1}, NodeId{2}, 60 * test::kMiB, clock.now()});
  cluster.placed[SegmentId{11}].first = NodeId{2};  // it has arrived
  fake.left = left;
  fake.give();
  start();
  pass(30s);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0U);
  const auto* history = agent->snapshot()->ledger->history({SegmentId{11}, test::kReplica});
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->moves, 1);
}

TEST_F(TurningTest, KeepsItsOwnMemoryWhereThatIsNewer) {
  MemoryJournal kept;
  journal = &kept;
  memory_after_moves();
  const auto own = kept.last();
  ASSERT_GT(own.last_move, rules::TimePoint{});
  fake.left = Memory{};  // from a time before this agent acted alone
  fake.give(2);
  start();
  pass(30s);
  EXPECT_EQ(agent->snapshot()->last_move, own.last_move);
  EXPECT_FALSE(agent->snapshot()->ledger->histories().empty());
  stop();
  journal = nullptr;
}

// Seen in a simulated world: the agent crashed.
TEST_F(TurningTest, TellsOfForeignMovesOfAnEarlierRunBeforeItHasLooked) {
  MemoryJournal kept;
  Memory own;
  own.at = clock.now() - 10s;
  const rules::ForeignMove move{SegmentId{11}, test::kReplica, test::CollectionId{100},
                                NodeId{1},     NodeId{2},      test::kMiB,
                                own.at,        false};
  rules::ForeignMoves::members(own.foreign,
                               [&](const char*, auto& recent) { recent.push_back(move); });
  kept.memory = journal::encode(own);
  journal = &kept;
  cluster.node_list_delay = 3s;
  fake.give();
  start();
  pass(1s);
  ASSERT_NE(agent->snapshot(), nullptr);
  EXPECT_EQ(agent->snapshot()->cluster, nullptr);
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::active);
  stop();
  journal = nullptr;
}

// Seen in simulated worlds: the agent then sent what the other one had under way.
TEST_F(TurningTest, WhatItSettlesLateDoesNotMakeItsMemoryNewer) {
  MemoryJournal kept;
  Memory own;
  own.at = own.last_sent = clock.now() - 3min;
  own.ledger.start({SegmentId{11}, test::kReplica, NodeId{1}, NodeId{2}, 60 * test::kMiB, own.at});
  kept.memory = journal::encode(own);
  journal = &kept;
  cluster.placed[SegmentId{11}].first = NodeId{2};
  Memory left;
  left.last_sent = left.last_move = clock.now() - 1min;
  left.pause = Pause{"the night", "ada", clock.now(), clock.now() + 5min};
  fake.left = left;
  start();
  pass(30s);
  ASSERT_GT(agent->snapshot()->last_move, left.last_move);
  fake.give(2);
  pass(5s);
  EXPECT_TRUE(agent->snapshot()->pause);
  stop();
  journal = nullptr;
}

// Seen in simulated worlds: an agent that was stopped in the middle of a round sent, in its next
// turn, what the other one had under way.
TEST_F(TurningTest, ACallThatItsTurnDidNotAllowDoesNotMakeItsMemoryNewer) {
  Memory left;
  cluster.before_move = [&] {
    fake.take_away();
    fake.against = fake.turn.words;
    left.last_sent = clock.now();
  };
  give_turn();
  start();
  pass(100s);
  ASSERT_THAT(cluster.calls, SizeIs(1));
  EXPECT_THAT(last().words, HasSubstr("another agent, keel-1, acts"));
  left.pause = Pause{"the night", "ada", clock.now(), clock.now() + 5min};
  fake.left = left;
  fake.give(2);
  pass(5s);
  EXPECT_TRUE(agent->snapshot()->pause);
}

// Seen in simulated worlds: it took as long as etcd let it wait.
TEST_F(TurningTest, EndsInTimeThoughNothingCanBeLeft) {
  give_turn();
  cluster.before_move = [&] { fake.before_hand_over = [this] { return clock.sleep(10min); }; };
  start();
  pass(100s);
  ASSERT_THAT(cluster.calls, SizeIs(1));
  const auto told = clock.now();
  agent->stop();
  EXPECT_TRUE(clock.drive(io, 1min, [this] { return ended; }));
  EXPECT_LE(clock.now() - told, 5s);
}

TEST_F(TurningTest, TakesOverThePauseAndItsEnd) {
  Memory left;
  left.pause = Pause{"the night", "ada", clock.now(), clock.now() + 5min};
  fake.left = left;
  fake.give();
  start();
  pass(4min);
  ASSERT_TRUE(agent->snapshot()->pause);
  EXPECT_EQ(agent->snapshot()->pause->by, "ada");
  EXPECT_THAT(cluster.calls, IsEmpty());
  pass(2min);
  EXPECT_FALSE(agent->snapshot()->pause);
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(TurningTest, ResignsWhenTheAgentStops) {
  give_turn();
  start();
  pass(1min);
  stop();
  EXPECT_EQ(fake.resigned, 1);
}

TEST_F(TurningTest, WithoutTurnsItIsAlwaysItsTurn) {
  turns = nullptr;
  start();
  pass(3min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_EQ(agent->snapshot()->turn.standing, Standing::alone);
}

}  // namespace
}  // namespace evenkeel::loop::turning_test
