// What the answers say is old, empty or another's: the agent as a whole.

#include <gmock/gmock.h>

#include "agent/util/asio.hpp"
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::stale_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::kMiB;
using test::NodeId;
using testing::Contains;
using testing::HasSubstr;
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

TEST_F(Stale, AnEmptyNodeListIsNotBelievedWhileReplicasNameNodes) {
  start();
  pass(1min);
  cluster.names_no_nodes = true;
  settings.balance.auto_balance = false;
  pass(10min);
  const auto calls = cluster.calls.size();
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
  EXPECT_EQ(picture().nodes.size(), 3u) << "the known ones are kept";
  for (const auto& node : picture().nodes) EXPECT_EQ(node.health, rules::NodeHealth::up);
  EXPECT_THAT(rules::texts(picture().problems),
              Contains(HasSubstr("system_info lists no query node")));
  EXPECT_EQ(last().outcome, Outcome::cannot_judge);
  pass(10min);
  EXPECT_EQ(cluster.calls.size(), calls);
  cluster.names_no_nodes = false;
  pass(2min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  EXPECT_THAT(picture().problems, IsEmpty());
}

TEST_F(Stale, AnEmptyNodeListAtTheStartIsNotBelievedEither) {
  cluster.names_no_nodes = true;
  start();
  pass(1min);
  EXPECT_FALSE(agent->snapshot()->coordinator_up);
}

TEST_F(Stale, AClusterWithoutNodesIsOneWhereNoReplicaNamesAny) {
  start();
  pass(1min);
  cluster.nodes.clear();
  cluster.placed.clear();
  pass(5min);
  EXPECT_THAT(picture().nodes, IsEmpty());
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
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
}  // namespace evenkeel::loop::stale_test
