#include "rules/planner/planner.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "rules/planner/component.hpp"
#include "rules/planner/draft.hpp"
#include "rules/planner/greedy.hpp"
#include "rules/planner/search.hpp"
#include "rules/planner/unfixable.hpp"

namespace evenkeel::rules {
namespace {

void name_what_is_waited_for(Plan& plan, const Judgement& judgement) {
  for (const NodeVerdict& verdict : judgement.nodes) {
    if (verdict.state != NodeState::cannot_judge) continue;
    plan.waits_for_node = verdict.id;
    return;
  }
  for (const auto& waited_for : {&unhealthy, &waits_alone}) {
    for (const ReplicaVerdict& verdict : judgement.replicas) {
      if (!waited_for(verdict)) continue;
      plan.waits_for_replica = verdict.id;
      return;
    }
  }
}

Plan nothing_to_do(const Judgement& judgement, WhyNothing why) {
  Plan plan;
  plan.why_nothing = why;
  plan.worst_spread_before = plan.worst_spread_after = judgement.worst_spread();
  for (const NodeVerdict& verdict : judgement.nodes) {
    if (verdict.state == NodeState::exempt) continue;
    plan.worst_ratio_before = std::max(plan.worst_ratio_before, verdict.ratio);
  }
  plan.worst_ratio_after = plan.worst_ratio_before;
  if (why == WhyNothing::waiting_for_health) name_what_is_waited_for(plan, judgement);
  return plan;
}

// What keeps anything from being planned; none: there is something to plan.
std::optional<WhyNothing> standstill(const Inventory& inventory, const Judgement& judgement,
                                     const Policy& policy) {
  if (!inventory.cluster().coordinator_complete || !judgement.coordinator_complete) {
    return WhyNothing::coordinator_incomplete;
  }
  if (!usable(policy)) return WhyNothing::policy_unusable;
  if (judgement.overloaded()) return std::nullopt;
  if (judgement.different() && judgement.all_healthy()) return std::nullopt;
  if (judgement.gathering() && !judgement.different()) return WhyNothing::waiting_for_evidence;
  const bool all_judged = judgement.all_healthy() && !judgement.waiting_alone();
  return all_judged ? WhyNothing::nothing_wrong : WhyNothing::waiting_for_health;
}

// A copy of the draft a component is affordable.
bool is_small(const Draft& draft) {
  constexpr std::size_t kNodes = 64;
  constexpr std::size_t kHoldings = 8192;
  return draft.nodes().size() <= kNodes && draft.stock().size() <= kHoldings;
}

Component everything(const Draft& draft) {
  Component all;
  for (Index node = 0; node < draft.nodes().size(); ++node) all.nodes.push_back(node);
  for (Index set = 0; set < draft.inventory().sets().size(); ++set) all.sets.push_back(set);
  return all;
}

void plan_greedily(Draft& draft, const Component& component, Urgency urgency) {
  if (urgency == Urgency::overload) {
    relieve_greedily(draft, component.nodes);
  } else {
    level_greedily(draft, component.sets);
  }
}

// The first plan is made quickly. It may be far from the best where segments are coarse, so a
// search is set against it, and the better one is taken.
void plan_thoroughly(Draft& draft, const Component& component, Urgency urgency) {
  Draft quick = draft;
  plan_greedily(quick, component, urgency);
  Draft found = draft;
  const Score bar = score(draft, quick, component, urgency);
  if (searchable(draft, component) && search(found, component, urgency, bar)) {
    plan_greedily(found, component, urgency);  // what is left, and what cannot be done
    if (score(draft, found, component, urgency) < bar) quick = std::move(found);
  }
  draft = std::move(quick);
}

}  // namespace

Plan plan(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  if (const auto why = standstill(inventory, judgement, policy)) {
    return nothing_to_do(judgement, *why);
  }

  Draft draft(inventory, judgement, policy, ledger, now);
  const Urgency urgency = judgement.overloaded() ? Urgency::overload : Urgency::difference;
  if (is_small(draft)) {
    for (const Component& component : components(draft, urgency)) {
      plan_thoroughly(draft, component, urgency);
    }
  } else {
    plan_greedily(draft, everything(draft), urgency);
  }
  Plan plan = draft.finish();
  for (Unfixable& unfixable : plan.unfixable) complete(unfixable, draft);
  assert(plan.bytes() <= std::max<Bytes>(policy.max_bytes_per_round, 0));
  if (plan.moves.empty()) {
    plan.why_nothing =
        draft.rejections().any_for_budget() ? WhyNothing::budget : WhyNothing::nothing_helps;
  }
  return plan;
}

Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  return plan(Inventory(borrowed(cluster)), judgement, policy, ledger, now);
}

}  // namespace evenkeel::rules
