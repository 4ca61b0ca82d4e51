// What the answers say is old, empty or another's: the agent as a whole.

#include <gmock/gmock.h>

#include "agent/util/asio.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::kMiB;
using test::NodeId;
using testing::IsEmpty;

struct Stale : AgentTest {
  [[nodiscard]] const rules::Cluster& picture() const { return *agent->snapshot()->cluster; }
};

TEST_F(Stale, FiguresThatAreOldByTheirOwnTimestampsMoveNothing) {
  for (const int id : {1, 2, 3}) cluster.own_timestamps[NodeId{id}] = clock.now() - 1h;
  start();
  pass(5min);
  EXPECT_THAT(cluster.calls, IsEmpty());
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  EXPECT_EQ(agent->snapshot()->judgement->nodes.front().reason, rules::Reason::sample_stale);
  cluster.own_timestamps.clear();
  pass(5min);
  EXPECT_FALSE(cluster.calls.empty());
}

// The situation of operators: limits by id, and the node with the smallest one starts again.
TEST_F(Stale, ANodeThatStartsAgainIsNotFilledWhileItsLimitIsKeptForItsOldId) {
  for (const int id : {1, 2, 3}) settings.capacity.node[std::to_string(id)] = 1000 * kMiB;
  for (auto& [id, node] : cluster.nodes) node.capacity = 256'000 * kMiB;
  start();
  pass(20s);
  cluster.nodes[NodeId{15}] = cluster.nodes[NodeId{3}];
  cluster.nodes.erase(NodeId{3});
  cluster.nodes[NodeId{2}].base = 600 * kMiB;
  settings.scrape.targets = cluster.targets();
  agent->reload(settings);
  pass(10min);
  EXPECT_THAT(cluster.calls, IsEmpty()) << "node 15 seems to be nearly empty";
  EXPECT_THAT(picture().capacity_keys_unmatched, testing::ElementsAre("3"));
  settings.capacity.node["15"] = 1000 * kMiB;
  agent->reload(settings);
  pass(10min);
  EXPECT_FALSE(cluster.calls.empty());
}

}  // namespace
}  // namespace evenkeel::loop
