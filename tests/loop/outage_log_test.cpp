// What an outage leaves in the log: one line when it begins, and one when it ends.
#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::loop::outage_log_test {
namespace {

using namespace std::chrono_literals;
using rules::NodeId;
using test::AgentTest;

struct OutageLogTest : AgentTest {
  // The log of an agent that has run for a minute before these steps.
  template <typename Steps>
  std::string log_of(Steps steps) {
    testing::internal::CaptureStderr();
    start(true);
    pass(1min);
    steps();
    return testing::internal::GetCapturedStderr();
  }
};

int times(const std::string& log, std::string_view part) {
  int count = 0;
  for (auto at = log.find(part); at != std::string::npos; at = log.find(part, at + 1)) ++count;
  return count;
}

TEST_F(OutageLogTest, OutagesAreToldWhenTheyBeginAndWhenTheyEnd) {
  constexpr int kOutages = 5;
  const auto log = log_of([&] {
    for (int i = 0; i < kOutages; ++i) {
      cluster.coordinator_down = true;
      pass(2min);
      cluster.coordinator_down = false;
      pass(2min);
    }
  });
  EXPECT_EQ(times(log, "msg=Milvus "), 1) << "it is the same all the time\n" << log;
  EXPECT_EQ(times(log, "msg=\"everything can be observed again\""), kOutages) << log;
  EXPECT_EQ(times(log, "msg=\"cannot observe everything\""), kOutages) << log;
}

TEST_F(OutageLogTest, AnOutageThatBeginsInTheMiddleOfALookIsToldOnce) {
  const auto log = log_of([&] {
    cluster.before_call = [this](const std::string& call) {
      if (call == "replicas") cluster.coordinator_down = true;
    };
    pass(2min);
    cluster.before_call = {};
    cluster.coordinator_down = false;
    pass(2min);
  });
  EXPECT_EQ(times(log, "problem=\"collection book: replicas: connection refused\""), 1) << log;
  EXPECT_EQ(times(log, "msg=\"cannot observe everything\""), 1) << log;
  EXPECT_EQ(times(log, "msg=\"everything can be observed again\""), 1) << log;
}

TEST_F(OutageLogTest, WhatFailsDuringAnOutageIsToldToo) {
  const auto log = log_of([&] {
    cluster.coordinator_down = true;
    pass(1min);
    cluster.nodes[NodeId{3}].dead = true;
    pass(1min);
  });
  EXPECT_EQ(times(log, "problem=\"node 3: no metrics target answered as this node\""), 1) << log;
  EXPECT_EQ(times(log, "problem=\"GET http://127.0.0.1:3/metrics: connection refused\""), 1) << log;
  EXPECT_EQ(times(log, "msg=\"cannot observe everything\""), 3) << log;
}

TEST_F(OutageLogTest, AThousandFailuresAtOnceAreNotAThousandLines) {
  settings.scrape.targets.clear();
  for (int id = 101; id <= 130; ++id) {
    cluster.said_addresses[NodeId{id}] = "no/host" + std::to_string(id);
    cluster.nodes[NodeId{id}] = {1000 * test::kMiB, 10 * test::kMiB, false};
  }
  const auto log = log_of([] {});
  const auto problems = agent->snapshot()->cluster->problems.size();
  EXPECT_GE(problems, 30U);
  EXPECT_EQ(times(log, "msg=\"cannot observe everything\""), 20) << log;
  EXPECT_EQ(times(log, "see the status\" problems=" + std::to_string(problems - 20)), 1) << log;
}

TEST_F(OutageLogTest, AnotherVersionIsTold) {
  const auto log = log_of([&] {
    cluster.version = "2.3.6";
    pass(1min);
  });
  EXPECT_EQ(times(log, "msg=Milvus version=2.3.5"), 1) << log;
  EXPECT_EQ(times(log, "msg=Milvus version=2.3.6"), 1) << log;
}

}  // namespace
}  // namespace evenkeel::loop::outage_log_test
