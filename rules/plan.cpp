#include "rules/plan.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"
#include "rules/draft.hpp"

namespace evenkeel::rules {
namespace {

Plan nothing_to_do(const Judgement& judgement) {
  Plan plan;
  plan.worst_spread_before = plan.worst_spread_after = judgement.worst_spread();
  for (const NodeVerdict& verdict : judgement.nodes) {
    plan.worst_ratio_before = std::max(plan.worst_ratio_before, verdict.ratio);
  }
  plan.worst_ratio_after = plan.worst_ratio_before;
  return plan;
}

}  // namespace

Bytes Plan::bytes() const {
  Bytes sum = 0;
  for (const Move& move : moves) sum = saturating_add(sum, move.bytes);
  return sum;
}

Plan plan(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  const bool all_read = inventory.cluster().coordinator_complete && judgement.coordinator_complete;
  const bool relief = judgement.overloaded();
  const bool levelling = judgement.different() && judgement.all_healthy();
  if (!all_read || !usable(policy) || (!relief && !levelling)) return nothing_to_do(judgement);

  Draft draft(inventory, judgement, policy, ledger, now);
  if (relief) {
    relieve(draft);
  } else {
    level(draft);
  }
  return draft.finish();
}

Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  return plan(Inventory(borrowed(cluster)), judgement, policy, ledger, now);
}

}  // namespace evenkeel::rules
