// Exchanges of segments: moves that help only together.
#include <gmock/gmock.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::exchanges_test {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): as the other tests of the agent
using testing::SizeIs;

// 1,050 and 400 MiB of 1,600: neither segment alone makes the difference smaller.
struct ExchangesTest : AgentTest {
  ExchangesTest() {
    cluster.nodes = {{NodeId{1}, {1600 * kMiB, 400 * kMiB, false}},
                     {NodeId{2}, {1600 * kMiB, 50 * kMiB, false}}};
    cluster.placed = {{SegmentId{11}, {NodeId{1}, 650}}, {SegmentId{12}, {NodeId{2}, 350}}};
    settings.scrape.targets = cluster.targets();
    settings.balance.policy.loading_peak = 1;
  }
  ~ExchangesTest() override { stop(); }
};

TEST_F(ExchangesTest, AreMade) {
  cluster.before_move = [this] {
    const auto& progress = agent->snapshot()->progress;
    ASSERT_TRUE(progress);
    EXPECT_EQ(progress->moves, 2U);
    EXPECT_EQ(progress->moves_ended, cluster.calls.size() - 1);
    EXPECT_EQ(progress->bytes, 1000 * kMiB);
  };
  start();
  pass(1h);
  EXPECT_THAT(cluster.calls, SizeIs(2));
  EXPECT_FALSE(agent->snapshot()->progress);
  EXPECT_FALSE(agent->snapshot()->ledger->exchanges().rest(settings.balance.policy, clock.now()));
}

TEST_F(ExchangesTest, NoneFollowsOneThatWasLeftHalfDone) {
  cluster.before_move = [this] {
    const bool second = cluster.calls.size() == 2;
    cluster.reply = second ? FakeCluster::Reply::refuse : FakeCluster::Reply::obey;
  };
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, SizeIs(3)) << "the rest of it helps by itself now, and is done";
  cluster.calls.assign(9, {});
  cluster.placed = {{SegmentId{21}, {NodeId{1}, 650}}, {SegmentId{22}, {NodeId{2}, 350}}};
  pass(settings.balance.policy.failure_rest - 10min);
  EXPECT_THAT(cluster.calls, SizeIs(9));
  pass(20min);
  EXPECT_THAT(cluster.calls, SizeIs(11));
}

}  // namespace
}  // namespace evenkeel::loop::exchanges_test
