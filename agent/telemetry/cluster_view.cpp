#include "agent/telemetry/cluster_view.hpp"

#include <algorithm>

#include "agent/telemetry/utf8.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::telemetry {

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

std::vector<JudgedNode> judged_nodes(const loop::Snapshot& snapshot) {
  if (!snapshot.cluster) return {};
  std::unordered_map<NodeId, const NodeVerdict*> verdicts;
  if (snapshot.judgement) {
    for (const auto& verdict : snapshot.judgement->nodes) verdicts.emplace(verdict.id, &verdict);
  }
  std::vector<JudgedNode> nodes;
  nodes.reserve(snapshot.cluster->nodes.size());
  for (const auto& node : snapshot.cluster->nodes) {
    const auto verdict = verdicts.find(node.id);
    nodes.push_back({&node, verdict == verdicts.end() ? nullptr : verdict->second});
  }
  const auto id = [](const JudgedNode& judged) { return judged.node->id; };
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](const auto& a, const auto& b) { return id(a) < id(b); });
  // Should two nodes ever claim one id, the first speaks.
  nodes.erase(std::unique(nodes.begin(), nodes.end(),
                          [&](const auto& a, const auto& b) { return id(a) == id(b); }),
              nodes.end());
  return nodes;
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

}  // namespace evenkeel::telemetry
