#pragma once
// The manual transfer: which moves a person's `load_balance` comes to, or why it must not be sent.
// It keeps the same law as a plan. Pure.

#include <string>
#include <variant>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

struct Transfer {
  NodeId source{};
  std::vector<NodeId> destinations;  // empty: the other nodes of each segment's replica
  std::vector<SegmentId> segments;   // empty: all sealed segments of the source
  std::string collection;            // empty: any
  // Also segments and nodes that rest, and more than a round may move. What keeps a destination
  // below its threshold holds all the same.
  bool force = false;
};

// Why something is not done, in words.
struct Refusal {
  std::string why;
};

// The one collection that a person names, or why it is none or not one.
[[nodiscard]] std::variant<CollectionId, Refusal> find_collection(const Cluster& cluster,
                                                                  const std::string& text);

// Largest segments first, each to the destination that ends lowest. Refused as a whole where one
// segment may not move, or has no destination with room (rules/room.hpp).
[[nodiscard]] std::variant<std::vector<Move>, Refusal> plan_transfer(
    const Cluster& cluster, const Judgement& judgement, const Ledger& ledger,
    const Transfer& transfer, const Policy& policy, TimePoint now);

}  // namespace evenkeel::rules
