#pragma once
// The agent on a fake cluster whose balancer can be suspended, with a journal in memory.

#include "tests/loop/agent_fixture.hpp"
#include "tests/loop/memory_journal.hpp"

namespace evenkeel::test {

struct SuspensionTest : AgentTest {
  SuspensionTest() {
    journal = &kept;
    settings.builtin_balancer.mode = "hold";
    cluster.says_balance = true;
  }
  ~SuspensionTest() override { stop(); }

  // The agent is gone without a chance to resume or to write anything.
  void kill() {
    kept.writes_until_death = 0;
    cluster.balance_down = true;
    stop();
    kept.writes_until_death = -1;
    cluster.balance_down = false;
    ended = false;
  }
  // An agent has suspended the balancer for its moves and is killed.
  void die_while_it_holds() {
    start();
    pass(100s);
    ASSERT_FALSE(cluster.calls.empty());
    kill();
    ASSERT_FALSE(cluster.balance_on);
    ASSERT_TRUE(noted());
    cluster.switches.clear();
  }
  // The journal says that the balancer is suspended by an agent.
  [[nodiscard]] bool noted() const {
    return !kept.memory.empty() && kept.last().suspension.suspended;
  }
  [[nodiscard]] const loop::BuiltinBalancer& balancer() const {
    return agent->snapshot()->builtin_balancer;
  }

  MemoryJournal kept;
};

}  // namespace evenkeel::test
