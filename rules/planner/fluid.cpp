#include "rules/planner/fluid.hpp"

#include <algorithm>
#include <cassert>

namespace evenkeel::rules {
namespace {

// Bytes that nodes have to give and take to be inside a band.
struct Flows {
  double out = 0;  // bytes above the band
  double in = 0;   // bytes missing below it
};

Flows flows(std::span<const FluidNode> nodes, const Band& band) {
  Flows flows;
  for (const FluidNode& node : nodes) {
    flows.out += std::max(0.0, node.used - band.top * node.capacity);
    flows.in += std::max(0.0, band.bottom * node.capacity - node.used);
  }
  return flows;
}

// An interval of band tops with the best one inside, after some bisections.
struct Between {
  double below = 0;  // at this top no less leaves than comes
  double above = 0;  // at this top no less comes than leaves
};

Between halved(std::span<const FluidNode> nodes, double width, int times) {
  double lowest = nodes.front().used / nodes.front().capacity;
  double highest = lowest;
  for (const FluidNode& node : nodes) {
    assert(node.capacity > 0);
    lowest = std::min(lowest, node.used / node.capacity);
    highest = std::max(highest, node.used / node.capacity);
  }
  // With the top at `highest` nothing has to leave, with the bottom at `lowest` nothing to come.
  Between tops{std::min(lowest + width, highest), highest};
  for (int i = 0; i < times && tops.below < tops.above; ++i) {
    const double top = (tops.below + tops.above) / 2;
    const Flows at = flows(nodes, {top - width, top});
    (at.out > at.in ? tops.below : tops.above) = top;
  }
  assert(tops.below <= tops.above);
  return tops;
}

}  // namespace

Band best_band(std::span<const FluidNode> nodes, double width) {
  if (nodes.empty()) return {};
  constexpr int kExactly = 40;
  const double top = halved(nodes, width, kExactly).above;
  return {top - width, top};
}

double least_bytes(std::span<const FluidNode> nodes, double width) {
  if (nodes.empty()) return 0;
  constexpr int kNearly = 10;
  const Between tops = halved(nodes, width, kNearly);
  // The outflow falls with the top, the inflow rises with it.
  return std::max(flows(nodes, {tops.above - width, tops.above}).out,
                  flows(nodes, {tops.below - width, tops.below}).in);
}

}  // namespace evenkeel::rules
