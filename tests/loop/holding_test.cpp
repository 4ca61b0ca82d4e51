// Rounds and the hold of Milvus's own balancer: held before the first call, until what was moved
// has settled.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/loop/agent_fixture.hpp"
#include "tests/loop/fake_hold.hpp"

namespace evenkeel::loop::holding_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::FakeHold;
using test::kMiB;
using test::NodeId;
using test::SegmentId;
using testing::HasSubstr;

struct HoldingTest : AgentTest {
  HoldingTest() { hold = &fake; }
  ~HoldingTest() override { stop(); }
  FakeHold fake{clock};
};

// Without a hold: whoever moves segments beside the agent is noticed.
struct DetectTest : AgentTest {
  // Somebody moves a segment of node 1 that we have not moved, as Milvus's own balancer would.
  void somebody_moves() {
    for (auto& [id, placed] : cluster.placed) {
      if (placed.first != NodeId{1} || moved_by_us(id)) continue;
      placed.first = NodeId{3};
      return;
    }
    FAIL() << "no segment is left on node 1";
  }
  [[nodiscard]] bool moved_by_us(SegmentId id) const {
    return std::any_of(cluster.calls.begin(), cluster.calls.end(), [&](const auto& call) {
      return std::find(call.segments.begin(), call.segments.end(), id) != call.segments.end();
    });
  }
  [[nodiscard]] std::uint64_t foreign(const char* node, const char* direction) const {
    return count("evenkeel_foreign_moves_total", {{"node_id", node}, {"direction", direction}});
  }
};

TEST_F(DetectTest, LevelsNothingWhileSegmentsMoveWithoutItAndSaysWho) {
  settings.balance.auto_balance = false;
  start();
  pass(2min);
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::quiet);
  EXPECT_EQ(foreign("1", "out"), 0U);
  somebody_moves();
  pass(30s);
  auto changed = settings;
  changed.balance.auto_balance = true;
  agent->reload(changed);
  pass(2min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("builtin_balancer: closed, 1 segment moved without this "
                                      "agent within 300 s"));
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::active);
  EXPECT_EQ(foreign("1", "out"), 1U);
  EXPECT_EQ(foreign("3", "in"), 1U);
  pass(settings.balance.policy.settle);
  EXPECT_FALSE(cluster.calls.empty()) << "it is quiet again";
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::quiet);
}

TEST_F(DetectTest, RelievesAnOverloadedNodeAllTheSame) {
  cluster.nodes[NodeId{1}].capacity = 600 * kMiB;  // 550 of 600 MiB once one has left: 92 %
  settings.balance.policy.max_difference = 0.89;
  start();
  pass(20s);
  somebody_moves();
  pass(4min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_LE(ratio(1), settings.balance.policy.overload_threshold);
}

TEST_F(DetectTest, ItsOwnMovesAreNotSomebodyElses) {
  start();
  pass(1h);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::quiet);
  EXPECT_EQ(foreign("1", "out"), 0U);
}

TEST_F(DetectTest, LevelsAllTheSameWhereItIsToIgnoreThem) {
  settings.builtin_balancer.mode = "ignore";
  start();
  pass(20s);
  somebody_moves();
  pass(3min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_EQ(agent->snapshot()->builtin_balancer.hold, Hold::ignored);
  EXPECT_EQ(foreign("1", "out"), 1U) << "they are counted";
}

TEST_F(DetectTest, ANodeThatIsGoneIsNoLongerCounted) {
  start();
  pass(1min);
  EXPECT_EQ(foreign("3", "in"), 0U);
  const auto series = [&] {
    const auto families = agent->instruments()->Collect();
    const auto found = std::find_if(families.begin(), families.end(), [](const auto& family) {
      return family.name == "evenkeel_foreign_moves_total";
    });
    return found == families.end() ? std::size_t{0} : found->metric.size();
  };
  EXPECT_EQ(series(), 6U);
  cluster.nodes.erase(NodeId{3});
  settings.scrape.targets = cluster.targets();
  agent->reload(settings);
  pass(1min);
  EXPECT_EQ(series(), 4U);
}

TEST_F(HoldingTest, HoldsBeforeTheFirstCallUntilWhatWasMovedHasSettled) {
  int taken_before = 0;
  cluster.before_move = [&] {
    if (taken_before == 0) taken_before = fake.taken;
  };
  start();
  pass(3min);
  ASSERT_FALSE(cluster.calls.empty());
  EXPECT_GE(taken_before, 1);
  const auto snapshot = agent->snapshot();
  EXPECT_EQ(fake.kept_until, snapshot->last_move + settings.balance.policy.settle);
  EXPECT_EQ(snapshot->builtin_balancer.hold, Hold::held);
  const auto taken = fake.taken;
  pass(1h);
  EXPECT_EQ(fake.taken, taken) << "without a plan nothing is held";
}

TEST_F(HoldingTest, LevelsNothingWhileItCannotBeHeldAndSaysWhy) {
  fake.failure = "etcd does not answer";
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_THAT(last().words, HasSubstr("builtin_balancer: closed, the built-in balancer cannot be "
                                      "held off: etcd does not answer"));
  EXPECT_EQ(agent->snapshot()->builtin_balancer.words, "etcd does not answer");
  EXPECT_LE(fake.kept_until, clock.now());
  fake.failure.clear();
  pass(2min);
  EXPECT_FALSE(cluster.calls.empty());
}

TEST_F(HoldingTest, RelievesAnOverloadedNodeThoughItCannotBeHeld) {
  cluster.nodes[NodeId{1}].capacity = 640 * kMiB;  // 610 of 640 MiB used: 95 %
  settings.balance.policy.max_difference = 0.89;   // only the overload rule can fire
  fake.failure = "etcd does not answer";
  fake.gone = "it is lost";
  start();
  pass(3min);
  EXPECT_LE(ratio(1), settings.balance.policy.overload_threshold);
}

TEST_F(HoldingTest, WaitsForAHoldThatHangsNoLongerThanAPatientRound) {
  fake.takes = 24h;
  start();
  pass(5min);
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_GE(rounds(Outcome::held), 2U);
  EXPECT_THAT(last().words, HasSubstr("could not be held off in time"));
}

TEST_F(HoldingTest, SendsNoFurtherCallOnceTheHoldIsLost) {
  cluster.before_move = [this] { fake.gone = "the built-in balancer is no longer held off"; };
  start();
  pass(100s);
  ASSERT_EQ(cluster.calls.size(), 1U);
  EXPECT_THAT(last().words, HasSubstr("no longer held off"));
}

TEST_F(HoldingTest, IsNotAskedForWhereNothingMayMove) {
  start(true);
  pass(5min);
  EXPECT_EQ(last().outcome, Outcome::held);
  EXPECT_EQ(fake.taken, 0);
}

TEST_F(HoldingTest, LetsGoWhenTheAgentStops) {
  start();
  pass(3min);
  stop();
  EXPECT_EQ(fake.let_gone, 1);
}

// Milvus's own balancer would fill it again, also once all has left it.
TEST_F(HoldingTest, IsKeptForAsLongAsANodeIsDrained) {
  cluster.placed.clear();
  start();
  pass(3min);
  EXPECT_EQ(fake.taken, 0) << "there is nothing to move";
  ASSERT_TRUE(agent->ask(DrainRequest{NodeId{1}, true, "", "ann"}));
  pass(3min);
  EXPECT_GE(fake.taken, 2) << "in each round";
  EXPECT_GT(fake.kept_until, clock.now() + settings.balance.policy.settle);
  ASSERT_TRUE(agent->ask(DrainRequest{NodeId{1}, false, "", "ann"}));
  pass(3min);
  EXPECT_LE(fake.kept_until, clock.now());
}

}  // namespace
}  // namespace evenkeel::loop::holding_test
