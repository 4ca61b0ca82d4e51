#pragma once
// The fluid relaxation of levelling: if memory were a fluid, the fewest bytes that any plan has to
// move, and the band of ratios in which the nodes then end. Internal to rules/planner.

#include <span>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

// A node whose bytes can be divided at will.
struct FluidNode {
  double used = 0;
  double capacity = 0;  // positive
};

// The ratios between which all nodes of a set are inside the stop mark.
struct Band {
  double bottom = 0;
  double top = 0;
};

// The band of this width for which the fewest bytes have to move. All bytes above its top have to
// leave and all below its bottom have to come; the higher the band, the fewer the former and the
// more the latter, so the best band is where the two are equal.
[[nodiscard]] Band best_band(std::span<const FluidNode> nodes, double width);

// A lower bound of the bytes that any plan moves until the nodes are in some band of this width, in
// one round or many.
[[nodiscard]] double least_bytes(std::span<const FluidNode> nodes, double width);

}  // namespace evenkeel::rules
