#pragma once
// The agent on a fake cluster, with time in the test's hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "agent/loop/agent.hpp"
#include "tests/counted.hpp"
#include "tests/loop/fake_cluster.hpp"

namespace evenkeel::test {

using namespace std::chrono_literals;

// Three nodes of 1,000 MiB, ten segments of 60 MiB on the first: 61 % against 1 %.
struct AgentTest : testing::Test {
  AgentTest() {
    for (const int id : {1, 2, 3}) cluster.nodes[NodeId{id}] = {1000 * kMiB, 10 * kMiB, false};
    for (int id = 11; id <= 20; ++id) cluster.placed[SegmentId{id}] = {NodeId{1}, 60};
    settings.scrape.targets = cluster.targets();
  }

  void start(bool dry_run = false) {
    agent = std::make_unique<loop::Agent>(
        io.get_executor(), loop::Parts{cluster, cluster, clock, journal, hold, turns}, settings,
        dry_run);
    asio::co_spawn(io, agent->run(), [this](const std::exception_ptr& error) {
      EXPECT_FALSE(error);
      ended = true;
    });
  }
  // Ends the agent while all that it uses is still there.
  void stop() {
    if (!agent) return;
    agent->stop();
    EXPECT_TRUE(clock.drive(io, 10s, [this] { return ended; }));
    agent.reset();
  }
  ~AgentTest() override { stop(); }

  void pass(rules::Duration time) {
    clock.drive(io, time, [] { return false; });
  }
  [[nodiscard]] const loop::Decision& last() const { return *agent->snapshot()->decisions.front(); }
  [[nodiscard]] double ratio(int id) const {
    return static_cast<double>(cluster.used(NodeId{id})) /
           static_cast<double>(cluster.nodes.at(NodeId{id}).capacity);
  }
  [[nodiscard]] std::uint64_t count(std::string_view family,
                                    const tests::Labelled& labels = {}) const {
    return tests::count_of(*agent->instruments(), family, labels);
  }
  [[nodiscard]] std::uint64_t rounds(loop::Outcome outcome) const {
    return count("evenkeel_decisions_total", {{"outcome", std::string(loop::name(outcome))}});
  }

  asio::io_context io{1};
  JumpingClock clock;
  FakeCluster cluster{clock};
  settings::Settings settings;
  loop::Journal* journal = nullptr;
  loop::BalancerHold* hold = nullptr;
  loop::Turns* turns = nullptr;
  std::unique_ptr<loop::Agent> agent;
  bool ended = false;
};

}  // namespace evenkeel::test
