#pragma once
// The simulated cluster as its servers share it: the simulation, its clock, and what only servers
// know.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/demo/milvus_api.hpp"
#include "agent/demo/simulation.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::demo {

// The simulation's time, which must not run backwards.
using SimulationClock = std::function<std::chrono::steady_clock::time_point()>;

// Belongs to one thread, that of the servers' executor. Handlers share it, and may outlive their
// server by a turn of the executor.
struct LiveCluster {
  // Throws std::invalid_argument as Simulation does.
  LiveCluster(World world, SimulationClock now);

  [[nodiscard]] bool has_login() const { return !user.empty(); }

  SimulationClock clock;
  double started_unix;  // seconds since 1970
  Directory directory;  // the servers add the addresses
  std::string user, password;
  std::vector<std::string> denied;
  Simulation simulation;
  std::uint64_t load_balance_calls = 0;
  bool closed = false;  // the servers stop: a call under way is given up
};

using LiveClusterPtr = std::shared_ptr<LiveCluster>;

// Begins the moves, and returns when the last is done, as Milvus does; a refusal, at once. Gives up
// waiting, but not the moves, when the cluster closes or the call is `over`.
[[nodiscard]] Awaitable<tl::expected<void, Refusal>> load_balance(LiveClusterPtr cluster,
                                                                  Transfer transfer,
                                                                  std::function<bool()> over = {});

}  // namespace evenkeel::demo
