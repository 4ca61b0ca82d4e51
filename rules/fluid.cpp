#include "rules/fluid.hpp"

#include <algorithm>

namespace evenkeel::rules {
namespace {

struct Flows {
  double out = 0;  // what is above the band
  double in = 0;   // what is missing below it
};

Flows flows(std::span<const FluidNode> nodes, const Band& band) {
  Flows flows;
  for (const FluidNode& node : nodes) {
    flows.out += std::max(0.0, node.used - band.top * node.capacity);
    flows.in += std::max(0.0, band.bottom * node.capacity - node.used);
  }
  return flows;
}

}  // namespace

Band best_band(std::span<const FluidNode> nodes, double width) {
  if (nodes.empty()) return {};
  double lowest = nodes.front().used / nodes.front().capacity;
  double highest = lowest;
  for (const FluidNode& node : nodes) {
    lowest = std::min(lowest, node.used / node.capacity);
    highest = std::max(highest, node.used / node.capacity);
  }
  // With the top at `highest` nothing has to leave, with the bottom at `lowest` nothing to come.
  double below = std::min(lowest + width, highest);
  double above = highest;
  constexpr int kHalvings = 40;
  for (int i = 0; i < kHalvings && below < above; ++i) {
    const double top = (below + above) / 2;
    const Flows at = flows(nodes, {top - width, top});
    (at.out > at.in ? below : above) = top;
  }
  return {above - width, above};
}

double least_bytes(std::span<const FluidNode> nodes, double width) {
  const Band band = best_band(nodes, width);
  const Flows at = flows(nodes, band);
  return std::min(at.out, at.in);  // equal, but for what the halving leaves
}

}  // namespace evenkeel::rules
