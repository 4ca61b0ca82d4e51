#pragma once
// The scenario families: each a name, what it is about, and a generator of instances by seed.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/balancers/instance.hpp"

namespace evenkeel::balancers {

struct Family {
  std::string name;
  bool small = true;  // small enough for the exact optimum
  void (*make)(Builder&) = nullptr;

  [[nodiscard]] Instance instance(std::uint64_t seed) const;
};

[[nodiscard]] std::vector<Family> small_families();  // 2–6 nodes, up to 40 segments
[[nodiscard]] std::vector<Family> large_families();  // 20–200 nodes, 1,000–20,000 segments

}  // namespace evenkeel::balancers
