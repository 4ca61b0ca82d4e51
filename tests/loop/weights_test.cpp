// The agent where segments do not weigh what is stated of them, and where nodes need memory for
// something else as well.
#include "agent/util/asio.hpp"

#include <gtest/gtest.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::weights_test {
namespace {

using test::AgentTest;
using test::kMiB;
using test::NodeId;
using test::SegmentId;
using namespace std::chrono_literals;

// Four nodes of 4,000 MiB; what is said to be 1 MiB a row takes `truth` times that.
struct WeightsTest : AgentTest {
  void fill(double truth) {
    cluster.nodes.clear();
    cluster.placed.clear();
    cluster.row_memory = static_cast<rules::Bytes>(truth * static_cast<double>(kMiB));
    for (const int id : {1, 2, 3, 4}) cluster.nodes[NodeId{id}] = {4000 * kMiB, 100 * kMiB, false};
    const auto segments = static_cast<int>(3400 / (truth * 40));
    for (int id = 0; id < segments; ++id) cluster.placed[SegmentId{11 + id}] = {NodeId{1}, 40};
    settings.scrape.targets = cluster.targets();
    settings.balance.policy.max_moves_per_round = 6;
  }
  void watch_destinations(rules::Duration time) {
    for (auto steps = time / 1s; steps > 0; --steps) {
      pass(1s);
      for (const int id : {2, 3, 4}) highest = std::max(highest, ratio(id));
    }
  }
  [[nodiscard]] double spread() const {
    const auto [low, high] = std::minmax({ratio(1), ratio(2), ratio(3), ratio(4)});
    return high - low;
  }
  // Level, by what segments really take, and with no destination over its threshold on the way.
  void check(double truth) const {
    EXPECT_EQ(last().outcome, Outcome::balanced);
    EXPECT_LT(spread(), 0.30);
    EXPECT_LE(highest, settings.balance.policy.overload_threshold);
    const auto seen = agent->snapshot()->cluster;
    EXPECT_NEAR(seen->collections.front().correction, truth, 1e-6);
    for (const auto& segment : seen->segments) {
      EXPECT_EQ(segment.size_source, rules::SizeSource::corrected);
      EXPECT_NEAR(static_cast<double>(segment.bytes), truth * 40 * kMiB, 1);
    }
  }
  double highest = 0;  // ratio of any destination at any time
};

TEST_F(WeightsTest, LevelsByTrueMemoryWhereARowTakesTwiceWhatIsStated) {
  fill(2);
  start();
  watch_destinations(30min);
  check(2);
}

TEST_F(WeightsTest, LevelsByTrueMemoryWhereARowTakesLessThanWhatIsStated) {
  fill(0.75);
  start();
  watch_destinations(30min);
  check(0.75);
}

// Only node 2 has room, and less than what relieving node 1 would bring to it by the stated sizes.
TEST_F(WeightsTest, FillsNoDestinationByStatedSizesOnceItKnowsBetter) {
  fill(2);
  start();
  pass(30min);
  ASSERT_EQ(last().outcome, Outcome::balanced);
  const auto calls = cluster.calls.size();
  settings.balance.policy.max_moves_per_round = 20;
  agent->reload(settings);
  for (const auto& [id, used] : {std::pair(1, 4000), {2, 2850}, {3, 3500}, {4, 3500}}) {
    cluster.nodes[NodeId{id}].base += used * kMiB - cluster.used(NodeId{id});
  }
  highest = 0;
  watch_destinations(10min);
  EXPECT_GT(cluster.calls.size(), calls);
  EXPECT_LE(highest, settings.balance.policy.overload_threshold);
  EXPECT_LE(ratio(1), settings.balance.policy.overload_threshold);
}

TEST_F(WeightsTest, CorrectsNothingWhereThatIsSwitchedOff) {
  fill(2);
  settings.capacity.correct_row_bytes = false;
  start();
  pass(30min);
  EXPECT_EQ(last().outcome, Outcome::balanced);
  for (const auto& segment : agent->snapshot()->cluster->segments) {
    EXPECT_EQ(segment.size_source, rules::SizeSource::schema);
  }
}

TEST_F(WeightsTest, KeepsFreeWhatDestinationsNeedBesidesTheirSegments) {
  fill(1);
  // Every ten minutes the empty nodes need 3,000 MiB of their own, for a minute.
  const auto burst = [&](rules::Bytes base) {
    for (const int id : {2, 3, 4}) cluster.nodes[NodeId{id}].base = base;
  };
  settings.balance.policy.max_difference = 0.15;
  settings.balance.auto_balance = false;
  start();
  for (int i = 0; i < 2; ++i) {
    burst(3000 * kMiB);
    pass(1min);
    burst(100 * kMiB);
    pass(9min);
  }
  settings.balance.auto_balance = true;
  agent->reload(settings);
  watch_destinations(9min);
  burst(3000 * kMiB);
  watch_destinations(1min);
  EXPECT_FALSE(cluster.calls.empty());
  EXPECT_LE(highest, settings.balance.policy.overload_threshold);
}

}  // namespace
}  // namespace evenkeel::loop::weights_test
