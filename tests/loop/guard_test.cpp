#include "agent/loop/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/util/format.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::test::guard_test {
namespace {

using testing::HasSubstr;

// A call of one segment of 60 MiB, from node 1 to node 2; both have 1,000 MiB.
struct GuardTest : AgentTest {
  GuardTest() {
    settings.balance.policy.loading_peak = 1.5;
    rules::Move move;
    move.segment = SegmentId{11};
    move.replica = kReplica;
    move.from = call.from;
    move.to = call.to;
    move.bytes = 60 * kMiB;
    call.moves = {move};
  }

  // What the guard says once the cluster has been observed; empty: it lets the call pass.
  std::string look() {
    const loop::Guard guard(cluster, observer, clock, ledger, [this] { return picture; });
    std::optional<std::string> reason;
    bool done = false;
    const auto body = [&]() -> Awaitable<void> {
      picture.cluster = (co_await observer.observe(settings, {})).cluster;
      picture.policy = settings.balance.policy;
      ledger.observe(*picture.cluster, picture.policy);
      picture.judgement = std::make_shared<const rules::Judgement>(
          rules::judge(*picture.cluster, picture.policy, ledger, clock.now()));
      if (meanwhile) meanwhile();
      reason = co_await guard.look(call);
      done = true;
    };
    asio::co_spawn(io, body(), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
    EXPECT_TRUE(clock.drive(io, 1min, [&done] { return done; }));
    return reason.value_or("");
  }

  loop::Instruments instruments;
  loop::Observer observer{cluster, cluster, [this] { return clock.now(); }, instruments};
  rules::Ledger ledger;
  loop::Guard::Picture picture;
  rules::Call call{kBook, kReplica, NodeId{1}, NodeId{2}, {}};
  std::function<void()> meanwhile;  // between the plan and the look
};

TEST_F(GuardTest, LetsPassWhatIsAsItWasPlanned) {
  EXPECT_EQ(look(), "");
  cluster.nodes[NodeId{2}].base = 810 * kMiB;  // 900 at the peak
  EXPECT_EQ(look(), "");
}

TEST_F(GuardTest, ReadsTheDestinationOnceMore) {
  meanwhile = [this] { cluster.nodes[NodeId{2}].base = 811 * kMiB; };
  EXPECT_EQ(look(), "node 2 would pass its threshold: 90.1 %");
}

TEST_F(GuardTest, CountsWhatIsOnItsWayToIt) {
  cluster.nodes[NodeId{2}].base = 721 * kMiB;
  ledger.start({SegmentId{12}, kReplica, NodeId{1}, NodeId{2}, 60 * kMiB, clock.now()});
  EXPECT_EQ(look(), "node 2 would pass its threshold: 90.1 %");
}

TEST_F(GuardTest, CountsWhatOthersMoveToIt) {
  cluster.nodes[NodeId{2}].base = 721 * kMiB;
  cluster.put_in_transit(SegmentId{12}, NodeId{2});
  EXPECT_EQ(look(), "node 2 would pass its threshold: 90.1 %");
}

TEST_F(GuardTest, CountsWhatWasGivenUpAndMayArrive) {
  cluster.nodes[NodeId{2}].base = 721 * kMiB;
  ledger.start({SegmentId{12}, kReplica, NodeId{1}, NodeId{2}, 60 * kMiB, clock.now()});
  ledger.give_up({SegmentId{12}, kReplica}, clock.now(), settings.balance.policy);
  EXPECT_EQ(look(), "node 2 would pass its threshold: 90.1 %");
}

TEST_F(GuardTest, HoldsWhereANodeHasDiedSince) {
  meanwhile = [this] { cluster.nodes[NodeId{1}].dead = true; };
  EXPECT_THAT(look(), HasSubstr("node 1: "));
  meanwhile = [this] { cluster.nodes[NodeId{2}].dead = true; };
  cluster.nodes[NodeId{1}].dead = false;
  EXPECT_THAT(look(), HasSubstr("node 2: "));
}

TEST_F(GuardTest, HoldsWhereThePictureIsNoLongerWhole) {
  meanwhile = [this] {
    auto partial = std::make_shared<rules::Cluster>(*picture.cluster);
    partial->coordinator_complete = false;
    picture.cluster = partial;
  };
  EXPECT_EQ(look(), "the proxy no longer answers every question");
}

}  // namespace
}  // namespace evenkeel::test::guard_test
