#pragma once
// Writes the exposition text (format 0.0.4) of simulated nodes and coordinators: families, labels
// and order of the real ones of each release, figures from the simulation.

#include <cstddef>
#include <string>
#include <vector>

#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {

// A process's age and start.
struct ProcessTimes {
  double uptime_seconds = 0;
  double started_unix_seconds = 0;
};

// The figures in a node's text.
struct NodeFigures {
  rules::NodeId id{};
  rules::Bytes resident = 0;
  std::vector<Holding> holdings;
  Loads loads;
  ProcessTimes process;
  Release release{};
  std::string version{};   // as text, if the release states it
  bool streaming = false;  // states the log's series, too
};

// Writes the part that changes from scrape to scrape or names the node: some 9 KB.
[[nodiscard]] std::string node_metrics(const NodeFigures& figures);

// Writes the part after it, the same for every node at any time: histograms that counted nothing,
// as a real node has them (some 15 KB), then at least `padding` bytes more of such families.
[[nodiscard]] std::string constant_metrics(std::size_t padding);

// The figures in the coordinator's text.
struct CoordinatorFigures {
  rules::NodeId id{};
  std::size_t nodes = 0, collections = 0;
  ProcessTimes process;
  Release release{};
};
[[nodiscard]] std::string coordinator_metrics(const CoordinatorFigures& figures);

// Writes a number as Go's Prometheus client does: "289832960" is "2.8983296e+08".
[[nodiscard]] std::string go_number(double value);

}  // namespace evenkeel::demo
