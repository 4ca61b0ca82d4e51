#pragma once
// The exposition text (format 0.0.4) of a simulated query node, streaming node and coordinator: the
// families, labels and order of the real ones of each release, figures from the simulation.

#include <cstddef>
#include <string>
#include <vector>

#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {

struct ProcessTimes {
  double uptime_seconds = 0;
  double started_unix_seconds = 0;
};

struct NodeFigures {
  rules::NodeId id{};
  rules::Bytes resident = 0;
  std::vector<Holding> holdings;
  Loads loads;
  ProcessTimes process;
  Release release{};
  std::string version{};   // in words, where the release states it
  bool streaming = false;  // states the log's series, too
};

// What changes from scrape to scrape or names the node: some 9 KB.
[[nodiscard]] std::string node_metrics(const NodeFigures& figures);

// What is the same for every node at any time and follows the above: histograms that counted
// nothing, as a real node has them (some 15 KB), then at least `padding` bytes more of such
// families.
[[nodiscard]] std::string constant_metrics(std::size_t padding);

struct CoordinatorFigures {
  rules::NodeId id{};
  std::size_t nodes = 0, collections = 0;
  ProcessTimes process;
  Release release{};
};
[[nodiscard]] std::string coordinator_metrics(const CoordinatorFigures& figures);

// A number as Go's Prometheus client writes it: "289832960" is "2.8983296e+08".
[[nodiscard]] std::string go_number(double value);

}  // namespace evenkeel::demo
