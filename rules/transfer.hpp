#pragma once
// A manual transfer: the moves of a person's `load_balance`, or why it is refused. It keeps the
// same law as a plan. Pure.

#include <string>
#include <variant>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// A person's request to move segments off a node.
struct Transfer {
  NodeId source{};
  std::vector<NodeId> destinations;  // empty: the other nodes of each segment's replica
  std::vector<SegmentId> segments;   // empty: all sealed segments of the source
  std::string collection;            // empty: any
  // Lifts the rests of segments and nodes, drains, and the round's budget. A destination stays
  // below its threshold all the same.
  bool force = false;
};

// A request that is not carried out, and why.
struct Refusal {
  std::string why;
};

// The one collection that a person names; refused where the name fits none or several.
[[nodiscard]] std::variant<CollectionId, Refusal> find_collection(const Cluster& cluster,
                                                                  const std::string& text);

// Largest segments first, each to the destination that ends lowest. Refused as a whole where one
// segment may not move, or has no destination with room (rules/room.hpp).
[[nodiscard]] std::variant<std::vector<Move>, Refusal> plan_transfer(
    const Cluster& cluster, const Judgement& judgement, const Ledger& ledger,
    const Transfer& transfer, const Policy& policy, TimePoint now);

}  // namespace evenkeel::rules
