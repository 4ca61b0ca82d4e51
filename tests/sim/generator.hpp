#pragma once
// Random worlds by seed: the same seed gives the same world everywhere.

#include "tests/sim/world.hpp"

namespace evenkeel::sim {

[[nodiscard]] World generate(std::uint64_t seed);

}  // namespace evenkeel::sim
