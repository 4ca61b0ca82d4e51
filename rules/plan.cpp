#include "rules/plan.hpp"

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

Bytes Plan::bytes() const {
  Bytes sum = 0;
  for (const Move& move : moves) sum = saturating_add(sum, move.bytes);
  return sum;
}

std::set<ReplicaId> still_levelled(std::set<ReplicaId> before, const Judgement& judgement,
                                   const Plan& plan) {
  if (judgement.coordinator_complete && judgement.collections_complete) {
    std::set<ReplicaId> listed;
    for (const ReplicaVerdict& verdict : judgement.replicas) listed.insert(verdict.id);
    std::erase_if(before, [&](ReplicaId id) { return !listed.contains(id); });
  }
  const bool levels = plan.moves.empty() || plan.moves.front().urgency == Urgency::difference;
  if (judgement.overloaded() || !levels || !judgement.all_healthy()) return before;
  for (const ReplicaVerdict& verdict : judgement.replicas) {
    if (verdict.state == ReplicaState::gathering) continue;
    if (verdict.state == ReplicaState::difference && !plan.moves.empty()) {
      before.insert(verdict.id);
    } else {
      before.erase(verdict.id);
    }
  }
  return before;
}

}  // namespace evenkeel::rules
