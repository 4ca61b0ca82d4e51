#pragma once
// What levelling would take if memory were a fluid: the least that any plan has to move, and the
// band of ratios in which the nodes then end. Internal to rules/.

#include <span>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

struct FluidNode {
  double used = 0;
  double capacity = 0;  // > 0
};

// The ratios between which all nodes of a set are inside the stop mark.
struct Band {
  double bottom = 0;
  double top = 0;
};

// The band of this width for which the fewest bytes have to move. Whatever band the nodes end in,
// all that is above its top has to leave and all that is below its bottom has to come; the higher
// the band, the less the one and the more the other, so the best one is where the two are the same.
[[nodiscard]] Band best_band(std::span<const FluidNode> nodes, double width);

// How many bytes have to move at least for the nodes to end in some band of this width: a lower
// bound for every plan, in one round or many.
[[nodiscard]] double least_bytes(std::span<const FluidNode> nodes, double width);

}  // namespace evenkeel::rules
