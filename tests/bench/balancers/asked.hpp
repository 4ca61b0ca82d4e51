#pragma once
// What an instance asks of a balancer, in the order of the design: no node over its threshold;
// each set of nodes inside its limit; fewest bytes.

#include <vector>

#include "tests/bench/balancers/world.hpp"

namespace evenkeel::balancers {

// Replicas on the same nodes, two at least, are one set.
struct AskedSet {
  std::vector<Index> nodes;  // ascending
  // The largest spread it may end with: the stop mark, where it differs too much and has to be
  // levelled; else the largest difference, which nobody may bring it above.
  double limit = 0;
  std::vector<Bytes> movable;  // of its nodes, in their order: what may move within the set
};

struct Asked {
  std::vector<AskedSet> sets;
  std::vector<bool> overloaded;   // the nodes that were over their threshold
  std::vector<double> relief_to;  // the ratio those are to be brought down to
  Bytes least_bytes = 0;          // no schedule that does all of it moves fewer
};

[[nodiscard]] Asked asked_of(const Instance& instance);

struct State {
  double spread = 0;    // the worst of the sets
  double excess = 0;    // over its limit, of the set that is furthest over
  Bytes overload = 0;   // bytes over the threshold, of all nodes
  Bytes shortfall = 0;  // what the nodes that were overloaded are still above what they are to be
};

[[nodiscard]] State state_of(const World& world, const Asked& asked);

}  // namespace evenkeel::balancers
