#pragma once
// Large clusters, badly skewed, by seed: the same seed gives the same cluster everywhere.

#include <cstdint>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"
#include "rules/planner/planner.hpp"
#include "rules/policy.hpp"

namespace evenkeel::bench {

enum class Layout {
  everywhere,  // each collection on all nodes, as Milvus does it without resource groups
  groups,   // 50 resource groups of 20 nodes; each collection in one of them, every fourth in two
  subsets,  // each collection on 3 to 30 nodes of its own choice: thousands of sets that overlap
};

enum class Skew {
  relief,     // forty nodes are over the default threshold
  levelling,  // none is, but a quarter of the nodes hold most of the bytes
};

// Every node is healthy and has three fresh samples.
struct BigCluster {
  rules::Cluster cluster;
  rules::Ledger ledger;
  rules::TimePoint now{std::chrono::hours{1000}};

  // The nodes use what their segments take and a little more, and are read three times.
  void sample();
};

// 1,000 nodes of three capacities, so many copies of segments, a collection for each hundred of
// them up to 10,000; all lists shuffled.
[[nodiscard]] BigCluster big_cluster(Layout layout, Skew skew, std::size_t segments,
                                     std::uint64_t seed);

// All segments on one of a replica's two nodes, which they fill to 80 %.
[[nodiscard]] BigCluster crowded_node(std::size_t segments, std::uint64_t seed);

// The moves happen, and the memory follows at once.
void carry_out(BigCluster& big, const rules::Plan& plan);

// One segment of a hundred is compacted into a new one, moved within its replica by somebody else,
// or resized, in turn; then the nodes are sampled.
void change_one_percent(BigCluster& big, std::uint64_t seed);

}  // namespace evenkeel::bench
