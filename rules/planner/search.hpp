#pragma once
// A search for the plan of fewest bytes, where a cluster is small enough for segments to be coarse:
// swaps, chains and what else no single move leads to. Internal to rules/planner. Bounded by
// Policy::effort: the best plan found so far is a plan.

#include "rules/planner/component.hpp"
#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// Few nodes and segments enough to be searched.
[[nodiscard]] bool searchable(const Draft& draft, const Component& component);
// Plans the best moves found, if they are better than `bar`; false: they are not.
[[nodiscard]] bool search(Draft& draft, const Component& component, Urgency urgency,
                          const Score& bar);

}  // namespace evenkeel::rules
