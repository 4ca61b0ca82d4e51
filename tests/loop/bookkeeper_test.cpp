#include "agent/loop/bookkeeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/loop/agent_fixture.hpp"
#include "tests/loop/memory_journal.hpp"

namespace evenkeel::loop::bookkeeper_test {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): as the other tests of the agent
using testing::HasSubstr;
using testing::IsEmpty;

struct JournalTest : AgentTest {
  JournalTest() { journal = &kept; }
  ~JournalTest() override {
    if (agent) kill();  // the journal goes before the rest of the fixture
  }

  // The process dies: nothing more is written. What was sent takes effect.
  void kill() {
    kept.writes_until_death = 0;
    agent->stop();
    ASSERT_TRUE(clock.drive(io, 10s, [this] { return ended; }));
    agent.reset();
  }
  void start_again() {
    kept.writes_until_death = -1;
    ended = false;
    start();
  }
  void restart() {
    kill();
    start_again();
  }
  [[nodiscard]] std::size_t moves() const {
    std::size_t count = 0;
    for (const auto& call : cluster.calls) count += call.segments.size();
    return count;
  }

  MemoryJournal kept;
};

TEST_F(JournalTest, ARestartForgetsNoCooldown) {
  start();
  pass(5min);
  const std::size_t before = moves();
  ASSERT_GT(before, 0U);
  for (auto& [id, at] : cluster.placed) at.first = NodeId{1};  // somebody takes them all back
  restart();
  std::set<SegmentId> moved;
  for (const auto& call : cluster.calls) moved.insert(call.segments.begin(), call.segments.end());
  const std::size_t calls = cluster.calls.size();
  pass(settings.balance.policy.segment_cooldown - 6min);
  for (std::size_t i = calls; i < cluster.calls.size(); ++i) {
    for (const SegmentId id : cluster.calls[i].segments) EXPECT_FALSE(moved.contains(id));
  }
}

// Seen in a simulated world: the agent took the way back for the move of its own that had landed.
TEST_F(JournalTest, WhatSomebodyTakesBackDuringARestartIsOnItsWay) {
  start();
  pass(100s);
  const auto landed = agent->snapshot()->ledger->landed();
  ASSERT_FALSE(landed.empty());
  kill();
  pass(5s);
  cluster.put_in_transit(landed.back().flight.segment, NodeId{1});
  start_again();
  pass(5s);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 1U);
}

TEST_F(JournalTest, ARestartForgetsNoEvidence) {
  settings.balance.policy.evidence_samples = 20;
  start();
  pass(4min);
  ASSERT_THAT(cluster.calls, IsEmpty());
  restart();
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty()) << "the samples before the restart count";
}

TEST_F(JournalTest, EvidenceFromLongAgoDoesNotCount) {
  settings.balance.policy.evidence_samples = 20;
  start();
  pass(4min);
  kill();
  pass(settings.balance.policy.settle + 1min);
  start_again();
  pass(4min);
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(JournalTest, EachCallIsWrittenBeforeItIsSent) {
  int calls = 0;
  cluster.before_move = [&] {
    ++calls;
    std::set<SegmentId> written;
    const Memory memory = kept.last();
    for (const auto& flight : memory.ledger.flights()) written.insert(flight.segment);
    for (const SegmentId id : cluster.calls.back().segments) EXPECT_TRUE(written.contains(id));
    EXPECT_TRUE(kept.under_way.rbegin()->second);
  };
  start();
  pass(3min);
  EXPECT_GT(calls, 0);
  EXPECT_FALSE(kept.under_way.rbegin()->second);
  EXPECT_EQ(kept.decisions.rbegin()->second.outcome, last().outcome);
}

TEST_F(JournalTest, ADecisionIsWrittenWithWhatItWasMadeBy) {
  start();
  pass(3min);
  int moved = 0;
  for (const auto& [id, decision] : kept.decisions) {
    ASSERT_NE(decision.seen, nullptr);
    for (const auto& record : decision.moves) {
      ++moved;
      EXPECT_LE(decision.seen->observed_at, record.started);
      const auto& segments = decision.seen->segments;
      EXPECT_TRUE(std::any_of(segments.begin(), segments.end(), [&](const auto& segment) {
        return segment.id == record.move.segment && segment.node == record.move.from;
      })) << "not as it is after the move";
    }
  }
  EXPECT_GT(moved, 0);
  for (const auto& decision : agent->snapshot()->decisions) {
    EXPECT_EQ(decision->seen, nullptr) << "each would keep a whole picture in memory";
  }
}

TEST_F(JournalTest, AnObservationDuringTheLastLookForgetsNoCallThatIsAboutToBeSent) {
  bool looked = false;
  cluster.before_call = [&](const std::string& /*call*/) {
    if (!kept.under_way.empty() && kept.under_way.rbegin()->second) {
      looked = true;
      agent->reload(settings);  // publishes, and so has the memory written again
    }
  };
  cluster.before_move = [&] {
    const Memory memory = kept.last();
    EXPECT_FALSE(memory.ledger.flights().empty());
  };
  start();
  pass(3min);
  EXPECT_TRUE(looked);
}

// At each single write of a minute in which segments move.
TEST_F(JournalTest, ADeathAtAnyMomentRepeatsNoMoveAndLosesNoDecision) {
  std::map<SegmentId, int> sent;
  cluster.before_move = [&] {
    for (const SegmentId id : cluster.calls.back().segments) ++sent[id];
  };
  settings.balance.policy.max_segments_per_call = 1;
  start();
  for (int death = 1; death <= 60; ++death) {
    kept.writes_until_death = 1;
    ASSERT_TRUE(clock.drive(io, 1min, [&] { return kept.dead(); })) << death;
    const auto known = agent->snapshot()->decisions;
    restart();
    for (const auto& decision : known) EXPECT_TRUE(kept.decisions.contains(decision->id));
  }
  pass(10min);
  EXPECT_FALSE(sent.empty());
  for (const auto& [id, times] : sent) EXPECT_EQ(times, 1) << static_cast<std::int64_t>(id);
  EXPECT_EQ(last().outcome, Outcome::balanced);
  EXPECT_THAT(kept.last().ledger.flights(), IsEmpty());
}

TEST_F(JournalTest, AMoveThatWasUnderWayIsSettledByTheDistribution) {
  cluster.reply = FakeCluster::Reply::hang;
  start();
  pass(90s);
  ASSERT_EQ(cluster.calls.size(), 1U);
  kill();
  cluster.move(cluster.calls.back(), cluster.calls.back().segments.size());
  cluster.reply = FakeCluster::Reply::obey;
  start_again();
  pass(20s);
  EXPECT_EQ(kept.ends.size(), cluster.calls.front().segments.size());
  for (const auto& end : kept.ends) EXPECT_EQ(end.result, MoveResult::succeeded);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0U);
}

// Nobody has heard the answer of its call, so it may still land.
TEST_F(JournalTest, AMoveThatWasUnderWayIsNotSentAgainBeforeItsCallHasTimedOut) {
  cluster.reply = FakeCluster::Reply::hang;
  start();
  pass(90s);
  ASSERT_EQ(cluster.calls.size(), 1U);
  const rules::TimePoint sent = kept.last().last_sent;
  restart();
  cluster.reply = FakeCluster::Reply::obey;
  const rules::TimePoint over =
      sent + settings.milvus.move_timeout + settings.milvus.verify_timeout;
  pass(over - clock.now() - 1s);
  EXPECT_EQ(cluster.calls.size(), 1U);
  EXPECT_NE(agent->snapshot()->moves_in_flight, 0U);
  pass(20s);
  EXPECT_EQ(agent->snapshot()->moves_in_flight, 0U);
}

TEST_F(JournalTest, NumbersAndPausesGoOn) {
  start();
  pass(3min);
  const auto number = last().id;
  ASSERT_TRUE(agent->ask(PauseRequest{"an upgrade", "ann", std::nullopt}));
  pass(1s);
  restart();
  pass(90s);
  EXPECT_GT(last().id, number);
  ASSERT_TRUE(agent->snapshot()->pause);
  EXPECT_EQ(agent->snapshot()->pause->reason, "an upgrade");
  EXPECT_EQ(agent->snapshot()->pause->by, "ann");
}

TEST_F(JournalTest, NothingIsMovedWhileItCannotBeWritten) {
  kept.trouble = "the disk is full";
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("the disk is full"));
  EXPECT_EQ(agent->snapshot()->journal_trouble, "the disk is full");
  EXPECT_FALSE(agent->snapshot()->acting());
  EXPECT_THAT(kept.decisions, IsEmpty());
  kept.trouble.clear();
  pass(5min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_TRUE(agent->snapshot()->acting());
  EXPECT_EQ(kept.decisions.begin()->first, 1U) << "what could not be written is not lost";
  EXPECT_EQ(kept.decisions.size(), last().id);
}

TEST_F(JournalTest, ACallIsNotSentIfTheJournalFailsJustBefore) {
  start();
  pass(59s);
  kept.trouble = "the disk is full";
  pass(90s);
  EXPECT_THAT(cluster.calls, IsEmpty());
  kept.trouble.clear();
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(JournalTest, AnAgentThatHasForgottenRestsFirst) {
  kept.forgotten = "the journal was corrupt";
  start();
  pass(settings.balance.policy.settle - 1min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("the journal was corrupt"));
  pass(3min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(JournalTest, AClockThatWasSetBackMakesItRest) {
  start();
  pass(5min);
  const std::size_t before = cluster.calls.size();
  ASSERT_GT(before, 0U);
  Memory memory = kept.last();
  kill();
  memory.at += 1h;
  kept.memory = journal::encode(memory);
  for (auto& [id, at] : cluster.placed) at.first = NodeId{1};
  start_again();
  pass(settings.balance.policy.settle - 1min);
  EXPECT_EQ(cluster.calls.size(), before);
  EXPECT_THAT(last().words, HasSubstr("clock has been set back"));
  EXPECT_GT(last().id, memory.last_decision);
}

}  // namespace
}  // namespace evenkeel::loop::bookkeeper_test
