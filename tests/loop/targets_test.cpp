// Which metrics are read where the coordinator alone says where the nodes are.
#include <gmock/gmock.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::test::targets_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(AgentTest, ReadsThePortOfTheSettingsAtTheHostThatTheCoordinatorNames) {
  settings.scrape.targets.clear();
  settings.scrape.port = 9091;
  cluster.said_addresses = {
      {NodeId{1}, "10.0.0.1:21123"}, {NodeId{2}, "[fd00::2]:21123"}, {NodeId{3}, "fd00::3:21123"}};
  start();
  pass(30s);
  EXPECT_THAT(cluster.scraped,
              ElementsAre("http://10.0.0.1:9091/metrics", "http://[fd00::2]:9091/metrics",
                          "http://[fd00::3]:9091/metrics"));
}

// Who can register a node must not be able to send the agent elsewhere.
TEST_F(AgentTest, AsksNobodyWhereAnAddressIsNone) {
  settings.scrape.targets.clear();
  cluster.said_addresses = {{NodeId{1}, "evil/path@x:21123"},
                            {NodeId{2}, "evil:80/admin?x=:21123"},
                            {NodeId{3}, "10.0.0.3:21123"}};
  start();
  pass(30s);
  EXPECT_THAT(cluster.scraped, ElementsAre("http://10.0.0.3:9091/metrics"));
  EXPECT_THAT(rules::texts(agent->snapshot()->cluster->problems),
              AllOf(Contains(HasSubstr("node 1: its metrics are not read, since its address "
                                       "'evil/path@x:21123' names no host")),
                    Contains(HasSubstr("node 2: its metrics are not read, since its address"))));
}

}  // namespace
}  // namespace evenkeel::test::targets_test
