#pragma once
// A search for the plan of fewest bytes, where a cluster is small enough for segments to be coarse:
// swaps, chains and what else no single move leads to. Internal to rules/. Bounded by
// Policy::effort: the best plan found so far is a plan.

#include <cstdint>
#include <optional>
#include <vector>

#include "rules/draft.hpp"

namespace evenkeel::rules {

// How good the end of a plan is; the least is the best.
struct Score {
  std::int64_t violation = 0;  // what is asked and not reached: overload, then spread; in steps
  Bytes bytes = 0;
  std::size_t moves = 0;

  friend auto operator<=>(const Score&, const Score&) = default;
};

// The nodes that share sets with one another, directly or through others, and those sets.
struct Component {
  std::vector<Index> nodes;
  std::vector<Index> sets;
};

// Those with something to do, worst first. `draft`: nothing planned yet.
[[nodiscard]] std::vector<Component> components(const Draft& draft, Urgency urgency);
// Few nodes and segments enough to be searched.
[[nodiscard]] bool searchable(const Draft& draft, const Component& component);
// Of what is planned since `before` in a component.
[[nodiscard]] Score score(const Draft& before, const Draft& after, const Component& component,
                          Urgency urgency);
// Plans the best moves found, if they are better than `bar`; false: they are not.
[[nodiscard]] bool search(Draft& draft, const Component& component, Urgency urgency,
                          const Score& bar);

}  // namespace evenkeel::rules
