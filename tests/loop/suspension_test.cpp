// The hold by balance/suspend: noted before it is sent, asked for again, ended by whoever finds the
// note; and when it is used instead of etcd.
#include <gmock/gmock.h>

#include "tests/loop/fake_hold.hpp"
#include "tests/loop/suspension_fixture.hpp"

namespace evenkeel::loop::suspension_test {
namespace {

using namespace std::chrono_literals;
using test::FakeHold;
using test::SuspensionTest;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SuspensionTest, SuspendsBeforeTheFirstCallAndResumesOnceAllHasSettled) {
  std::vector<bool> noted_before;
  cluster.before_switch = [&] { noted_before.push_back(noted()); };
  bool on_during_a_call = false;
  cluster.before_move = [&] { on_during_a_call = on_during_a_call || cluster.balance_on; };
  start();
  pass(100s);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_FALSE(on_during_a_call);
  EXPECT_EQ(balancer().hold, Hold::held);
  EXPECT_EQ(balancer().by, HeldBy::suspend);
  EXPECT_EQ(balancer().words, "by balance/suspend");
  pass(1h);
  EXPECT_EQ(balancer().hold, Hold::released);
  EXPECT_EQ(balancer().by, HeldBy::nothing);
  EXPECT_THAT(cluster.switches, ElementsAre(false, true));
  EXPECT_THAT(noted_before, ElementsAre(true, true)) << "the note stays until it is resumed";
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, LeavesABalancerAloneThatAnOperatorHasSuspended) {
  cluster.balance_on = false;
  start();
  pass(100s);
  ASSERT_FALSE(cluster.calls.empty()) << "that is as good as a hold";
  EXPECT_EQ(balancer().hold, Hold::by_operator);
  EXPECT_THAT(balancer().words, HasSubstr("somebody has suspended it"));
  pass(1h);
  stop();
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, SuspendsAgainWhatARestartOfTheCoordinatorHasResumed) {
  start();
  pass(100s);
  ASSERT_FALSE(cluster.balance_on);
  cluster.balance_on = true;
  pass(settings.builtin_balancer.lease / 3);
  EXPECT_FALSE(cluster.balance_on);
  EXPECT_THAT(cluster.switches, ElementsAre(false, false));
}

TEST_F(SuspensionTest, SendsNoCallOnceItHasNotSeenTheBalancerSuspendedForALease) {
  cluster.move_time = 40s;
  cluster.before_move = [this] { cluster.balance_down = true; };
  start();
  pass(110s);
  ASSERT_EQ(cluster.calls.size(), 1U);
  EXPECT_THAT(last().words, HasSubstr("no longer held off by balance/suspend"));
  cluster.before_move = nullptr;
  cluster.balance_down = false;
  pass(10min);
  EXPECT_GT(cluster.calls.size(), 1U);
}

TEST_F(SuspensionTest, TheNextRunResumesWhatAKilledOneHasSuspended) {
  die_while_it_holds();
  start();
  pass(1s);
  EXPECT_THAT(cluster.switches, ElementsAre(true));
  EXPECT_TRUE(cluster.balance_on);
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, TheNextRunResumesItWhateverItsModeIs) {
  for (const char* mode : {"ignore", "detect"}) {
    settings.builtin_balancer.mode = "hold";
    die_while_it_holds();
    settings.builtin_balancer.mode = mode;
    start();
    pass(1s);
    EXPECT_TRUE(cluster.balance_on) << mode;
    EXPECT_FALSE(noted()) << mode;
    EXPECT_NE(balancer().hold, Hold::held) << mode;
    stop();
    ended = false;
    for (auto& [id, placed] : cluster.placed) placed.first = test::NodeId{1};
    cluster.calls.clear();
    kept.memory.clear();
  }
}

TEST_F(SuspensionTest, TheNextRunShowsItUntilItCanBeResumed) {
  die_while_it_holds();
  settings.builtin_balancer.mode = "detect";
  cluster.balance_down = true;
  start();
  pass(1min);
  EXPECT_EQ(balancer().hold, Hold::held);
  EXPECT_THAT(balancer().words, HasSubstr("by balance/suspend, and cannot be resumed: "
                                          "balance/status: connection refused"));
  EXPECT_TRUE(noted());
  cluster.balance_down = false;
  pass(10s);
  EXPECT_TRUE(cluster.balance_on);
  EXPECT_EQ(balancer().hold, Hold::quiet);
}

TEST_F(SuspensionTest, TheNextRunResumesNothingThatGoesOnByItself) {
  die_while_it_holds();
  cluster.balance_on = true;  // the coordinator was restarted
  start();
  pass(1s);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, ADryRunLeavesTheNoteForOneThatMayResume) {
  die_while_it_holds();
  start(true);
  pass(5min);
  stop();
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_TRUE(noted());
}

TEST_F(SuspensionTest, ResumesWhenTheAgentStops) {
  start();
  pass(100s);
  ASSERT_FALSE(cluster.balance_on);
  stop();
  EXPECT_TRUE(cluster.balance_on);
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, HoldsFromTheStartToTheEndWhereItIsToHoldAlways) {
  settings.builtin_balancer.hold_for = "always";
  cluster.placed.clear();
  start();
  pass(3h);
  EXPECT_THAT(cluster.switches, ElementsAre(false));
  EXPECT_EQ(balancer().hold, Hold::held);
  stop();
  EXPECT_TRUE(cluster.balance_on);
}

TEST_F(SuspensionTest, SuspendsNothingWithoutAJournal) {
  journal = nullptr;
  start();
  pass(10min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(balancer().hold, Hold::failed);
  EXPECT_THAT(last().words, AllOf(HasSubstr("the built-in balancer cannot be held off"),
                                  HasSubstr("there is no journal ([journal] path)")));
}

TEST_F(SuspensionTest, SuspendsNothingThatCannotBeNoted) {
  int calls = 0;
  cluster.before_call = [&](const std::string& call) {
    if (call == "system_info" && ++calls > 3) kept.trouble = "the disk is full";
  };
  settings.builtin_balancer.hold_for = "moves";
  start();
  pass(10min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_FALSE(noted());
}

TEST_F(SuspensionTest, SuspendsNothingWhereAnOperatorsCannotBeToldFromItsOwn) {
  cluster.says_balance = false;  // 2.4
  start();
  pass(10min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_THAT(last().words, HasSubstr("does not say whether its balancer is suspended"));
}

TEST_F(SuspensionTest, BelievesTheStateAndNotTheAnswer) {
  cluster.heeds_switches = false;
  start();
  pass(5min + 30s);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_THAT(cluster.switches, AllOf(testing::Not(IsEmpty()), Each(false)));
  EXPECT_THAT(last().words, HasSubstr("its balancer is active still"));
  EXPECT_FALSE(noted()) << "it is active, so there is nothing to resume";
}

struct EitherHoldTest : SuspensionTest {
  EitherHoldTest() { hold = &etcd; }
  ~EitherHoldTest() override { stop(); }
  void etcd_does_not_answer() {
    etcd.failure = "etcd does not answer";
    etcd.unreachable = true;
  }
  FakeHold etcd{clock};
};

TEST_F(EitherHoldTest, UsesEtcdWhereItCan) {
  start();
  pass(1h);
  EXPECT_GE(etcd.taken, 1);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_EQ(balancer().by, HeldBy::etcd);
}

TEST_F(EitherHoldTest, SuspendsWhereEtcdIsOutOfReachAndSaysSo) {
  etcd_does_not_answer();
  start();
  pass(100s);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(balancer().by, HeldBy::suspend);
  EXPECT_EQ(balancer().words,
            "by balance/suspend, since etcd cannot be used: etcd does not answer");
  pass(1h);
  EXPECT_THAT(cluster.switches, ElementsAre(false, true));
  EXPECT_EQ(etcd.taken, 1) << "what is known to fail is not waited for";
}

TEST_F(EitherHoldTest, NamesBothWaysWhereBothFail) {
  etcd_does_not_answer();
  cluster.balance_down = true;
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(balancer().hold, Hold::failed);
  EXPECT_THAT(last().words, HasSubstr("by etcd: etcd does not answer; by balance/suspend: "
                                      "balance/status: connection refused"));
}

TEST_F(EitherHoldTest, LeavesItToAnOperatorWhoHasDecidedInEtcd) {
  etcd.failure = "somebody has set autoBalance = true in etcd";
  start();
  pass(10min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_THAT(cluster.calls, IsEmpty());
}

TEST_F(EitherHoldTest, SuspendsNothingWhereItIsToUseEtcdAlone) {
  settings.builtin_balancer.via = "etcd";
  etcd_does_not_answer();
  start();
  pass(10min);
  EXPECT_THAT(cluster.switches, IsEmpty());
  EXPECT_EQ(balancer().words, "etcd does not answer");
}

TEST_F(EitherHoldTest, ResumesOnceMilvusGoesByEtcdAgain) {
  settings.builtin_balancer.hold_for = "always";
  etcd_does_not_answer();
  start();
  pass(100s);
  ASSERT_THAT(cluster.switches, ElementsAre(false));
  etcd.failure.clear();
  pass(10s);
  EXPECT_FALSE(cluster.balance_on) << "Milvus may not have read it yet";
  pass(1min);
  EXPECT_TRUE(cluster.balance_on);
  EXPECT_EQ(balancer().hold, Hold::held);
  EXPECT_FALSE(noted());
}

}  // namespace
}  // namespace evenkeel::loop::suspension_test
