#pragma once
// What the distribution says that each node holds. Pure.

#include <cstdint>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

struct Holding {
  NodeId node{};
  std::int64_t sealed_rows = 0;
  Bytes bytes = 0;  // of every segment, growing ones as far as they have a size
};

using Holdings = std::vector<Holding>;

// Of every node of the cluster, sorted by id.
[[nodiscard]] Holdings holdings(const Cluster& cluster);

// Every collection was read without an error, so that what is not there is not there.
[[nodiscard]] bool everything_read(const Cluster& cluster);

}  // namespace evenkeel::rules
