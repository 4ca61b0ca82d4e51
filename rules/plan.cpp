#include "rules/plan.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"
#include "rules/draft.hpp"
#include "rules/search.hpp"

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

// A copy of the draft a component is affordable.
bool is_small(const Draft& draft) {
  constexpr std::size_t kNodes = 64;
  constexpr std::size_t kHoldings = 8192;
  return draft.nodes().size() <= kNodes && draft.holdings() <= kHoldings;
}

Component everything(const Draft& draft) {
  Component all;
  for (Index node = 0; node < draft.nodes().size(); ++node) all.nodes.push_back(node);
  for (Index set = 0; set < draft.sets().size(); ++set) all.sets.push_back(set);
  return all;
}

void plan_greedily(Draft& draft, const Component& component, Urgency urgency) {
  if (urgency == Urgency::overload) {
    relieve_greedily(draft, component.nodes);
  } else {
    level_greedily(draft, component.sets);
  }
}

// The first plan is made quickly. Where segments are coarse it may be far from the best, so a
// search is set against it.
void plan_thoroughly(Draft& draft, const Component& component, Urgency urgency) {
  Draft quick = draft;
  plan_greedily(quick, component, urgency);
  const Score bar = score(draft, quick, component, urgency);
  if (searchable(draft, component)) {
    Draft found = draft;
    if (search(found, component, urgency, bar)) {
      plan_greedily(found, component, urgency);  // what is left, and what cannot be done
      if (score(draft, found, component, urgency) < bar) quick = std::move(found);
    }
  }
  draft = std::move(quick);
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
  const Urgency urgency = relief ? Urgency::overload : Urgency::difference;
  if (is_small(draft)) {
    for (const Component& component : components(draft, urgency)) {
      plan_thoroughly(draft, component, urgency);
    }
  } else {
    plan_greedily(draft, everything(draft), urgency);
  }
  return draft.finish();
}

Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  return plan(Inventory(borrowed(cluster)), judgement, policy, ledger, now);
}

}  // namespace evenkeel::rules
