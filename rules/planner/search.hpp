#pragma once
// A search for the plan of fewest bytes, where a cluster is small enough for segments to be coarse:
// swaps, chains and what else no single move leads to. Internal to rules/planner. Bounded by
// Policy::effort: the best plan found so far is a plan.

#include "rules/planner/component.hpp"
#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// Few nodes and segments enough to be searched.
[[nodiscard]] bool searchable(const Draft& draft, const Component& component);
// How much a search may look at.
struct Beam {
  std::size_t width = 0;    // states that are followed further, of each depth
  std::int64_t effort = 0;  // as Policy::effort; the search leaves here what it did not use
};
// Plans the best moves found, if they are better than `bar`; false: they are not.
[[nodiscard]] bool search(Draft& draft, const Component& component, Urgency urgency,
                          const Score& bar, Beam& beam);

}  // namespace evenkeel::rules
