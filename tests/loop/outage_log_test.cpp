// What an outage of Milvus leaves in the log: lines when it begins, and one when it ends.
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::outage_log_test {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;

int times(const std::string& log, std::string_view part) {
  int count = 0;
  for (auto at = log.find(part); at != std::string::npos; at = log.find(part, at + 1)) ++count;
  return count;
}

TEST_F(AgentTest, OutagesAreToldWhenTheyBeginAndWhenTheyEnd) {
  constexpr int kOutages = 5;
  testing::internal::CaptureStderr();
  start(true);
  pass(1min);
  for (int i = 0; i < kOutages; ++i) {
    cluster.coordinator_down = true;
    pass(2min);
    cluster.coordinator_down = false;
    pass(2min);
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(times(log, "msg=Milvus "), 1) << "it is the same all the time\n" << log;
  EXPECT_EQ(times(log, "msg=\"everything can be observed again\""), kOutages) << log;
  // Of the nodes, and of the collections.
  EXPECT_EQ(times(log, "msg=\"cannot observe everything\""), 2 * kOutages) << log;
}

TEST_F(AgentTest, AnotherVersionIsTold) {
  testing::internal::CaptureStderr();
  start(true);
  pass(1min);
  cluster.version = "2.3.6";
  pass(1min);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(times(log, "msg=Milvus version=2.3.5"), 1) << log;
  EXPECT_EQ(times(log, "msg=Milvus version=2.3.6"), 1) << log;
}

}  // namespace
}  // namespace evenkeel::loop::outage_log_test
