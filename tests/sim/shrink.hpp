#pragma once
// From a world that breaks a rule to a smaller one that breaks the same.

#include <string>

#include "tests/sim/world.hpp"

namespace evenkeel::sim {

// Drops events, collections, segments and nodes and shortens the busy time as long as the first
// violation keeps its rule. Deterministic; at most `runs` runs.
[[nodiscard]] World shrink(World world, const std::string& rule, int runs = 2000);

// The world in words, one line a thing.
[[nodiscard]] std::string words(const World& world);

}  // namespace evenkeel::sim
