#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/demo/live_cluster.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::demo {

// Serves a Milvus cluster of any release that is not there: coordinator, query and streaming nodes
// behind the real HTTP interface, on loopback sockets. Node memory follows the segments with the
// lag and noise of the real one. For `evenkeel demo`, tests and benchmarks.
class SimulatedMilvus {
 public:
  // Serves on `executor`, which must be of one thread: one port for the coordinator (`port`; 0: the
  // system chooses) and one a node. Throws boost::system::system_error if a port cannot be had
  // (each needs a file descriptor), and std::invalid_argument if the world contradicts itself.
  SimulatedMilvus(const asio::any_io_executor& executor, World world,
                  SimulationClock clock = &std::chrono::steady_clock::now, std::uint16_t port = 0);
  // Closes every port and connection; a load_balance call under way is given up.
  ~SimulatedMilvus();
  SimulatedMilvus(const SimulatedMilvus&) = delete;
  SimulatedMilvus& operator=(const SimulatedMilvus&) = delete;

  [[nodiscard]] std::string address() const;                       // "http://127.0.0.1:41234"
  [[nodiscard]] std::vector<std::string> metrics_targets() const;  // one a node, streaming too
  [[nodiscard]] World world() const;  // as it is now; a moving segment is on both nodes
  [[nodiscard]] std::uint64_t load_balance_calls() const;
  // For another server of the same cluster (SimulatedGrpc).
  [[nodiscard]] const LiveClusterPtr& cluster() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::demo
