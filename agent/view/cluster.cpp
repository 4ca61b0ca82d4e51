#include "agent/view/cluster.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "agent/util/format.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::view {

using rules::NodeHealth;
using rules::NodeId;
using rules::NodeVerdict;

bool JudgedNode::memory_known() const {
  switch (node->health) {
    case NodeHealth::up:
    case NodeHealth::unlisted:
    case NodeHealth::stopping:
      return node->sampled_at != rules::TimePoint{};
    case NodeHealth::unreachable:
    case NodeHealth::ambiguous:
    case NodeHealth::invalid:
      return false;
  }
  return false;
}

std::optional<rules::Bytes> JudgedNode::expected() const {
  if (!memory_known()) return std::nullopt;
  return verdict != nullptr && verdict->expected > 0 ? verdict->expected : node->used;
}

std::optional<double> JudgedNode::ratio() const {
  const auto counted = expected();
  if (!counted || node->capacity <= 0) return std::nullopt;
  return static_cast<double>(*counted) / static_cast<double>(node->capacity);
}

std::vector<JudgedNode> judged_nodes(const rules::Cluster& cluster,
                                     const rules::Judgement* judgement) {
  std::unordered_map<NodeId, const NodeVerdict*> verdicts;
  if (judgement != nullptr) {
    for (const auto& verdict : judgement->nodes) verdicts.emplace(verdict.id, &verdict);
  }
  std::vector<JudgedNode> nodes;
  nodes.reserve(cluster.nodes.size());
  for (const auto& node : cluster.nodes) {
    const auto verdict = verdicts.find(node.id);
    nodes.push_back({&node, verdict == verdicts.end() ? nullptr : verdict->second});
  }
  const auto id = [](const JudgedNode& judged) { return judged.node->id; };
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](const auto& a, const auto& b) { return id(a) < id(b); });
  // If two nodes claim one id, the first counts.
  nodes.erase(std::unique(nodes.begin(), nodes.end(),
                          [&](const auto& a, const auto& b) { return id(a) == id(b); }),
              nodes.end());
  return nodes;
}

std::vector<JudgedNode> judged_nodes(const loop::Snapshot& snapshot) {
  if (!snapshot.cluster) return {};
  return judged_nodes(*snapshot.cluster, snapshot.judgement.get());
}

std::vector<JudgedReplica> judged_replicas(const rules::Cluster& cluster,
                                           const rules::Judgement* judgement) {
  std::map<std::pair<rules::CollectionId, rules::ReplicaId>, JudgedReplica> sorted;
  for (const auto& replica : cluster.replicas) {
    // If two have the same ids, the first counts.
    sorted.emplace(std::pair(replica.collection, replica.id), JudgedReplica{&replica});
  }
  if (judgement != nullptr) {
    for (const auto& verdict : judgement->replicas) {
      const auto found = sorted.find({verdict.collection, verdict.id});
      if (found == sorted.end() || found->second.verdict != nullptr) continue;
      found->second.verdict = &verdict;
    }
  }
  std::vector<JudgedReplica> replicas;
  replicas.reserve(sorted.size());
  for (const auto& [key, judged] : sorted) replicas.push_back(judged);
  return replicas;
}

CollectionNames::CollectionNames(const rules::Cluster& cluster) {
  for (const auto& collection : cluster.collections) {
    if (!collection.name.empty()) names_.emplace(collection.id, valid_utf8(collection.name));
  }
}

const std::string& CollectionNames::of(rules::CollectionId id) {
  const auto found = names_.find(id);
  return found != names_.end() ? found->second : names_.emplace(id, to_string(id)).first->second;
}

}  // namespace evenkeel::view
