#pragma once
// The manual transfer: which calls a person's `load_balance` comes to, or why it must not be sent.
// Pure.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "rules/admit.hpp"
#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::loop {

struct Transfer {
  rules::NodeId source{};
  std::vector<rules::NodeId> destinations;  // empty: the other nodes of each segment's replica
  std::vector<rules::SegmentId> segments;   // empty: all sealed segments of the source
  std::string collection;                   // empty: any
};

// The one collection that a person names, or why it is none or not one.
[[nodiscard]] tl::expected<rules::CollectionId, std::string> find_collection(
    const rules::Cluster& cluster, const std::string& text);

// Largest segments first, each to the destination that ends lowest. Refused as a whole where one
// segment has no destination that stays under Policy::overload_threshold, loading peak included.
[[nodiscard]] tl::expected<std::vector<rules::Call>, std::string> plan_transfer(
    const rules::Cluster& cluster, const Transfer& transfer, const rules::Policy& policy);

}  // namespace evenkeel::loop
