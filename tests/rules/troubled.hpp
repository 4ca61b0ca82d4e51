#pragma once
// Two clusters to spoil with bad input, and what has to hold whatever was done to them.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

// Node 1 of 16 GiB is overloaded, and its segment 11 would relieve it: to node 3, the emptiest.
inline World overloaded() {
  World world;
  world.node(1, 15).node(2, 8).node(3, 6).replica(5, 100, {1, 2, 3});
  world.segment(11, 5, 1, 1).segment(12, 5, 1, 2).sample();
  return world;
}

// Node 1 is at 75 %, nodes 2 and 3 are at 25 %, and no node is overloaded.
inline World skewed() {
  World world;
  world.node(1, 12).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3});
  for (int i = 0; i < 16; ++i) world.segment(11 + i, 5, 1, 0.5);
  world.sample();
  return world;
}

inline std::vector<double> figures_of(const World& world) {
  std::vector<double> figures;
  for (const NodeVerdict& node : world.judged().nodes) figures.push_back(node.ratio);
  for (const ReplicaVerdict& replica : world.judged().replicas) {
    figures.insert(figures.end(), {replica.highest_ratio, replica.lowest_ratio, replica.spread});
  }
  const Plan plan = world.planned();
  figures.insert(figures.end(), {plan.worst_spread_before, plan.worst_spread_after,
                                 plan.worst_ratio_before, plan.worst_ratio_after});
  for (const Move& move : plan.moves) {
    figures.insert(figures.end(),
                   {move.from_before, move.from_after, move.to_before, move.to_after});
  }
  for (const RejectedMove& rejected : plan.rejected) figures.push_back(rejected.to_after);
  return figures;
}

inline void expect_numbers(const World& world) {
  for (const double figure : figures_of(world)) {
    EXPECT_TRUE(std::isfinite(figure) && figure >= 0) << figure;
  }
  EXPECT_GE(world.planned().bytes(), 0);
  for (const Unfixable& unfixable : world.planned().unfixable) {
    EXPECT_GE(unfixable.excess, 0);
    EXPECT_GE(unfixable.room_needed, 0);
  }
}

}  // namespace evenkeel::rules::test
