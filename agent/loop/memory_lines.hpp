#pragma once
// How full each node has been over the last hours: the line beside its bar on the page. Bounded:
// one figure a node and step, for kPoints steps.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

class MemoryLines {
 public:
  static constexpr rules::Duration kStep = std::chrono::minutes{2};
  static constexpr std::size_t kPoints = 120;

  // Takes the memory of the nodes that can be read. True: a new step has begun.
  bool observe(const rules::Cluster& cluster, rules::TimePoint now);

  // The highest ratio of memory to capacity in each step, oldest first; none: it was not read.
  // Empty for a node that was never seen, or not for so long.
  [[nodiscard]] std::vector<std::optional<double>> of(rules::NodeId node) const;
  // When the newest step ends.
  [[nodiscard]] rules::TimePoint end() const { return rules::TimePoint{kStep * (step_ + 1)}; }

 private:
  using Line = std::array<float, kPoints>;  // a ring by step; NaN: not read

  void go_to(std::int64_t step);

  std::int64_t step_ = 0;  // since the epoch
  std::unordered_map<rules::NodeId, Line> lines_;
};

}  // namespace evenkeel::loop
