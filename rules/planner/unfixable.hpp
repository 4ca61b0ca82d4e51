#pragma once
// What would be enough where moves are not. Internal to rules/: plan() asks once its draft is done.

#include "rules/plan.hpp"
#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// What stands in the way of what was given up, and what would do, as the nodes are after all moves
// of the draft.
void complete(Unfixable& unfixable, const Draft& draft);

}  // namespace evenkeel::rules
