// The hold by balance/suspend, and the turns that several agents take: the note goes with the turn.
#include <gmock/gmock.h>

#include "tests/loop/fake_turns.hpp"
#include "tests/loop/suspension_fixture.hpp"

namespace evenkeel::loop::suspension_turns_test {
namespace {

using namespace std::chrono_literals;
using test::FakeTurns;
using test::SuspensionTest;
using testing::ElementsAre;
using testing::IsEmpty;

struct SuspensionTurnsTest : SuspensionTest {
  SuspensionTurnsTest() { turns = &fake; }
  ~SuspensionTurnsTest() override { stop(); }

  // The fake is given the turn, with what an agent has left that acted last.
  void give_turn(std::int64_t term, SuspensionNote left = {}) {
    Memory memory;
    memory.suspension = left;
    fake.left = memory;
    fake.give(term);
  }
  void start_and_hold() {
    give_turn(1);
    start();
    pass(100s);
    ASSERT_FALSE(cluster.calls.empty());
    ASSERT_FALSE(cluster.balance_on);
    ASSERT_TRUE(fake.handed && fake.handed->suspension.suspended) << "the next agent must know";
  }

  FakeTurns fake;
};

TEST_F(SuspensionTurnsTest, ADeposedAgentResumesNothingNotEvenAtItsEnd) {
  start_and_hold();
  fake.take_away();
  pass(1h);
  stop();
  EXPECT_THAT(cluster.switches, ElementsAre(false));
}

TEST_F(SuspensionTurnsTest, SendsNothingWhereTheLastLookFindsAnothersTurn) {
  start_and_hold();
  fake.against = "another agent, keel-1, acts";
  pass(1h);
  EXPECT_THAT(cluster.switches, ElementsAre(false));
  fake.against.reset();
  fake.still = [] { return false; };  // found out when the connection stands
  pass(1min);
  EXPECT_THAT(cluster.switches, ElementsAre(false));
  fake.still = [] { return true; };
  pass(1min);
  EXPECT_THAT(cluster.switches, ElementsAre(false, true));
}

TEST_F(SuspensionTurnsTest, TheNextToActResumesWhatADeadOneHasSuspended) {
  cluster.placed.clear();
  cluster.balance_on = false;
  start();
  pass(5min);
  EXPECT_THAT(cluster.switches, IsEmpty()) << "it is not its turn";
  give_turn(1, {true, clock.now() - 1min});
  pass(20s);
  EXPECT_THAT(cluster.switches, ElementsAre(true));
  EXPECT_FALSE(fake.handed->suspension.suspended);
}

TEST_F(SuspensionTurnsTest, AnAgentThatGetsItsTurnBackKnowsThatAnotherHasResumed) {
  start_and_hold();
  fake.take_away();
  pass(10min);
  // The other resumed, and then an operator suspended.
  cluster.placed.clear();
  give_turn(3, {false, clock.now()});
  pass(30min);
  EXPECT_THAT(cluster.switches, ElementsAre(false));
  EXPECT_FALSE(noted());
}

// What it suspended when it was alone is not known to the others.
TEST_F(SuspensionTurnsTest, ItsOwnNoteIsKeptWhereItIsTheNewer) {
  turns = nullptr;
  die_while_it_holds();
  turns = &fake;
  start();
  pass(1min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  give_turn(1);
  pass(20s);
  EXPECT_THAT(cluster.switches, ElementsAre(true));
}

TEST_F(SuspensionTurnsTest, ResumesBeforeItResigns) {
  start_and_hold();
  fake.before_resignation = [this] { EXPECT_TRUE(cluster.balance_on); };
  stop();
  EXPECT_EQ(fake.resigned, 1);
  EXPECT_FALSE(fake.handed->suspension.suspended);
}

}  // namespace
}  // namespace evenkeel::loop::suspension_turns_test
