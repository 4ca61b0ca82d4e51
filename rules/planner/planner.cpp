#include "rules/planner/planner.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include "rules/planner/draft.hpp"
#include "rules/planner/greedy.hpp"
#include "rules/planner/search.hpp"

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

bool readable(const Inventory& inventory, const Judgement& judgement) {
  return inventory.cluster().coordinator_complete && judgement.coordinator_complete;
}

// The reason why nothing is planned; none: there is something to plan.
std::optional<WhyNothing> why_nothing_to_plan(const Inventory& inventory,
                                              const Judgement& judgement, const Policy& policy) {
  if (!readable(inventory, judgement)) return WhyNothing::coordinator_incomplete;
  if (!usable(policy)) return WhyNothing::policy_unusable;
  if (judgement.overloaded()) return std::nullopt;
  if (judgement.different() && judgement.all_healthy()) return std::nullopt;
  if (judgement.gathering() && !judgement.different()) return WhyNothing::waiting_for_evidence;
  const bool all_judged = judgement.all_healthy() && !judgement.waiting_alone();
  return all_judged ? WhyNothing::nothing_wrong : WhyNothing::waiting_for_health;
}

// The draft is so small that a copy for each component is affordable.
bool is_small(const Draft& draft) {
  constexpr std::size_t kNodes = 64;
  constexpr std::size_t kSegments = 8192;
  return draft.nodes().size() <= kNodes && draft.movable().size() <= kSegments;
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

// The least effort left for which a second search, or a plan over several rounds, is begun.
constexpr std::int64_t kSecondLook = 100'000;

// The quick plan may be far from the best where segments are coarse, so a search is set against it,
// and the better one is taken. If it leaves a violation, the effort that the narrow search left
// goes to a wide one.
void plan_thoroughly(Draft& draft, const Component& component, Urgency urgency) {
  Draft best = draft;
  plan_greedily(best, component, urgency);
  Score bar = score(draft, best, component, urgency);
  constexpr std::array<std::size_t, 2> kWidths{48, 192};
  Beam beam{0, searchable(draft, component) ? draft.policy().effort : 0};
  for (const std::size_t width : kWidths) {
    const bool wide = width > kWidths.front();
    if (beam.effort <= (wide ? kSecondLook : 0) || (wide && bar.violation == 0)) break;
    beam.width = width;
    Draft found = draft;
    if (!search(found, component, urgency, bar, beam)) continue;
    plan_greedily(found, component, urgency);  // for the rest, and for unfixable faults
    const Score reached = score(draft, found, component, urgency);
    if (!(reached < bar)) continue;
    best = std::move(found);
    bar = reached;
  }
  draft = std::move(best);
}

void plan_components(Draft& draft, Urgency urgency) {
  for (const Component& component : components(draft, urgency)) {
    plan_thoroughly(draft, component, urgency);
  }
}

// Where levelling takes several rounds, this one begins the plan that takes the fewest bytes in
// all, as long as each move helps by itself: later moves may be planned otherwise then. Relief
// cannot wait for that: it does what this round can.
void plan_over_rounds(Draft& draft, Urgency urgency) {
  Draft now = draft;
  plan_components(now, urgency);
  const bool worth = urgency == Urgency::difference && draft.policy().effort >= kSecondLook;
  if (worth && now.rejections().any_for_budget()) {
    Draft whole = draft.without_budget();
    plan_components(whole, urgency);
    Draft begun = draft;
    const bool exchanges = whole.next_exchange() != draft.next_exchange();
    if (!exchanges && begun.add_first_moves_of(whole) > 0) now = std::move(begun);
  }
  draft = std::move(now);
}

Plan finish(Draft& draft, [[maybe_unused]] const Policy& policy) {
  Plan plan = draft.finish();
  for (Unfixable& unfixable : plan.unfixable) diagnose(unfixable, draft);
  assert(plan.bytes() <= std::max<Bytes>(policy.max_bytes_per_round, 0));
  assert(std::ssize(plan.moves) <= std::max(policy.max_moves_per_round, 0));
  [[maybe_unused]] const bool empties =
      !plan.moves.empty() && plan.moves.front().urgency == Urgency::drain;
  assert(empties || plan.worst_ratio_after <= plan.worst_ratio_before);
  if (plan.moves.empty()) {
    plan.why_nothing =
        draft.rejections().any_for_budget() ? WhyNothing::budget : WhyNothing::nothing_helps;
  }
  return plan;
}

Judgement without_ahead(Judgement judgement) {
  for (NodeVerdict& verdict : judgement.nodes) verdict.ahead = false;
  return judgement;
}

// Relieves nodes that will be overloaded. Neighbours make no room for it: that would be too much
// for what has not happened yet.
Plan plan_ahead(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
                const Ledger& ledger, TimePoint now) {
  Draft draft(inventory, judgement, policy, ledger, now);
  relieve_greedily(draft, everything(draft).nodes);
  return finish(draft, policy);
}

// Puts right what the judgement finds wrong.
Plan plan_repair(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
                 const Ledger& ledger, TimePoint now) {
  if (judgement.ahead()) {
    if (readable(inventory, judgement) && usable(policy) && !judgement.overloaded()) {
      Plan relief = plan_ahead(inventory, judgement, policy, ledger, now);
      if (!relief.moves.empty()) return relief;
    }
    return plan_repair(inventory, without_ahead(judgement), policy, ledger, now);
  }
  if (const auto why = why_nothing_to_plan(inventory, judgement, policy)) {
    return nothing_to_do(judgement, *why);
  }

  Draft draft(inventory, judgement, policy, ledger, now);
  const Urgency urgency = judgement.overloaded() ? Urgency::overload : Urgency::difference;
  if (is_small(draft)) {
    plan_over_rounds(draft, urgency);
  } else {
    plan_greedily(draft, everything(draft), urgency);
  }
  return finish(draft, policy);
}

// Tells why segments stay on drained nodes, in a plan that does something else.
void add_rejected(Plan& plan, const std::vector<RejectedMove>& rejected) {
  const std::size_t left = kMaxRejected - std::min(kMaxRejected, plan.rejected.size());
  const auto count = static_cast<std::ptrdiff_t>(std::min(left, rejected.size()));
  plan.rejected.insert(plan.rejected.end(), rejected.begin(), rejected.begin() + count);
}

}  // namespace

Plan plan(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  const bool drains = std::any_of(judgement.nodes.begin(), judgement.nodes.end(),
                                  [](const NodeVerdict& verdict) { return verdict.drained; });
  if (!drains || !readable(inventory, judgement) || !usable(policy)) {
    return plan_repair(inventory, judgement, policy, ledger, now);
  }
  Draft draft(inventory, judgement, policy, ledger, now);
  empty_greedily(draft);
  Plan emptying = finish(draft, policy);
  if (!emptying.moves.empty() && !judgement.overloaded()) return emptying;
  Plan repair = plan_repair(inventory, judgement, policy, ledger, now);
  if (!repair.moves.empty() || emptying.moves.empty()) {
    add_rejected(repair, emptying.rejected);
    return repair;
  }
  emptying.unfixable = std::move(repair.unfixable);
  return emptying;
}

Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
          const Ledger& ledger, TimePoint now) {
  return plan(Inventory(borrowed(cluster)), judgement, policy, ledger, now);
}

}  // namespace evenkeel::rules
