// The queries of a judgement and its verdicts.

#include <algorithm>
#include <cassert>

#include "rules/judge.hpp"

namespace evenkeel::rules {

bool was_judged(const NodeVerdict& verdict) {
  return verdict.state != NodeState::cannot_judge && verdict.state != NodeState::exempt;
}

bool unhealthy(const ReplicaVerdict& verdict) {
  const bool nothing_to_level =
      verdict.reason == Reason::single_node || verdict.reason == Reason::no_nodes;
  return verdict.state == ReplicaState::cannot_judge && !nothing_to_level && !waits_alone(verdict);
}

bool waits_alone(const ReplicaVerdict& verdict) {
  return verdict.reason == Reason::memory_unlisted || verdict.reason == Reason::nodes_leaving ||
         verdict.reason == Reason::collection_stuck;
}

bool contradicts(Misfit why) {
  switch (why) {
    case Misfit::node_unknown:
    case Misfit::replica_unknown:
    case Misfit::other_collection:
    case Misfit::outside_replica:
    case Misfit::copies_disagree:
      return true;
    case Misfit::no_id:
    case Misfit::negative:
    case Misfit::larger_than_node:
    case Misfit::stranded:
      return false;
  }
  return true;
}

const NodeVerdict* Judgement::node(NodeId id) const {
  assert(nodes.empty() || nodes.front().id <= nodes.back().id);
  const auto found = std::lower_bound(
      nodes.begin(), nodes.end(), id,
      [](const NodeVerdict& verdict, NodeId wanted) { return verdict.id < wanted; });
  return found != nodes.end() && found->id == id ? &*found : nullptr;
}

const ReplicaVerdict* Judgement::replica(ReplicaId id) const {
  return find_by_id(replicas, id);
}

bool Judgement::overloaded() const {
  return std::any_of(nodes.begin(), nodes.end(), [](const NodeVerdict& verdict) {
    return verdict.state == NodeState::overloaded;
  });
}

bool Judgement::ahead() const {
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const NodeVerdict& verdict) { return verdict.ahead; });
}

bool Judgement::different() const {
  return std::any_of(replicas.begin(), replicas.end(), [](const ReplicaVerdict& verdict) {
    return verdict.state == ReplicaState::difference;
  });
}

bool Judgement::beyond(double spread) const {
  return std::any_of(replicas.begin(), replicas.end(), [spread](const ReplicaVerdict& verdict) {
    return verdict.state == ReplicaState::difference && verdict.spread > spread;
  });
}

bool Judgement::gathering() const {
  return std::any_of(
             nodes.begin(), nodes.end(),
             [](const NodeVerdict& verdict) { return verdict.state == NodeState::gathering; }) ||
         std::any_of(replicas.begin(), replicas.end(), [](const ReplicaVerdict& verdict) {
           return verdict.state == ReplicaState::gathering;
         });
}

bool Judgement::all_healthy() const {
  return coordinator_complete && collections_complete &&
         std::none_of(
             nodes.begin(), nodes.end(),
             [](const NodeVerdict& verdict) { return verdict.state == NodeState::cannot_judge; }) &&
         std::none_of(replicas.begin(), replicas.end(), unhealthy);
}

bool Judgement::waiting_alone() const {
  return unlisted_memory || stuck || std::any_of(replicas.begin(), replicas.end(), waits_alone);
}

bool Judgement::balanced() const {
  return all_healthy() && !waiting_alone() && !overloaded() && !different() && !gathering();
}

double Judgement::worst_spread() const {
  double worst = 0;
  for (const ReplicaVerdict& verdict : replicas) worst = std::max(worst, verdict.spread);
  return worst;
}

}  // namespace evenkeel::rules
