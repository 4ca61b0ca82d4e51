#include "agent/loop/capacities.hpp"

#include <algorithm>
#include <limits>

#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::loop {
namespace {

// Larger figures mean "no limit".
constexpr rules::Bytes kMostReported = rules::Bytes{64} << 40;

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

}  // namespace

void learn_groups(CapacityMemory& memory, const Answers& answers) {
  if (answers.groups) {
    memory.groups.clear();
    for (const auto& group : *answers.groups) {
      for (const auto node : group.nodes) memory.groups[node].insert(group.name);
    }
    return;
  }
  std::map<rules::NodeId, std::set<std::string>> read;
  for (const auto& collection : answers.distribution) {
    if (!collection.replicas) continue;
    for (const auto& replica : *collection.replicas) {
      if (replica.outbound > 0) continue;  // some of its nodes are another group's
      for (const auto node : replica.nodes) read[node].insert(replica.resource_group);
    }
  }
  for (auto& [node, groups] : read) memory.groups[node] = std::move(groups);
}

void learn_nodes(CapacityMemory& memory, const rules::Cluster& cluster) {
  if (!cluster.coordinator_complete) return;
  std::set<rules::NodeId> nodes;
  for (const auto& node : cluster.nodes) nodes.insert(node.id);
  std::erase_if(memory.groups, [&](const auto& entry) { return !nodes.contains(entry.first); });
  if (nodes.empty() || !cluster.capacity_keys_unmatched.empty()) return;
  // A node that does not answer may have restarted already, and be listed under both its ids.
  const bool all_answer =
      std::none_of(cluster.nodes.begin(), cluster.nodes.end(), [](const rules::Node& node) {
        return node.capacity_source == rules::CapacitySource::configured_node &&
               node.health == rules::NodeHealth::unreachable;
      });
  if (all_answer) memory.seen = std::move(nodes);
}

Capacities::Capacities(const settings::Settings::Capacity& settings, const CapacityMemory& memory)
    : settings_(settings), memory_(memory) {
  for (const auto& [text, bytes] : settings.node) {
    if (auto key = settings::parse_node_key(text)) keys_.push_back({text, *std::move(key), bytes});
  }
  std::stable_sort(keys_.begin(), keys_.end(),
                   [](const Key& a, const Key& b) { return a.key.kind < b.key.kind; });
}

void Capacities::set(rules::Node& node, rules::Bytes reported) {
  static const std::set<std::string> kNoGroups;
  const auto known = memory_.groups.find(node.id);
  const auto& groups = known == memory_.groups.end() ? kNoGroups : known->second;
  const Key* best = nullptr;
  std::string alike;  // keys of the same kind
  bool several = false;
  for (Key& key : keys_) {
    if (!settings::names(key.key, node.id, node.address, groups)) continue;
    key.matched = true;
    if (best != nullptr && best->key.kind != key.key.kind) continue;
    several = best != nullptr;
    alike += (several ? ", " : "") + quoted(key.text);
    if (best == nullptr || key.bytes < best->bytes) best = &key;
  }
  if (several) {
    problems_.push_back({"node " + to_string(node.id) + " (" + node.address +
                         "): several keys of [capacity] node name it, " + alike +
                         ": the smallest size, " + rules::format_bytes(best->bytes) + ", counts"});
  }
  if (best != nullptr) {
    node.capacity = best->bytes;
    node.capacity_source = rules::CapacitySource::configured_node;
  } else if (settings_.standard) {
    node.capacity = *settings_.standard;
    node.capacity_source = rules::CapacitySource::configured_default;
  } else if (reported > 0 && reported <= kMostReported) {
    node.capacity = reported;
    node.capacity_source = rules::CapacitySource::coordinator;
  }
}

bool Capacities::doubted(const rules::Node& node, rules::Bytes least, bool others) const {
  if (node.capacity_source == rules::CapacitySource::configured_node) return false;
  if (node.capacity <= least) return false;  // even as the node that is missed it has so much
  return memory_.seen ? !memory_.seen->contains(node.id) : others;
}

void Capacities::finish(rules::Cluster& cluster) {
  auto& problems = cluster.problems;
  problems.insert(problems.end(), problems_.begin(), problems_.end());
  if (cluster.nodes.empty()) return;  // no node that a key could name
  rules::Bytes least = std::numeric_limits<rules::Bytes>::max();
  std::string first;
  for (const Key& key : keys_) {
    if (key.matched) continue;
    // An older Milvus with nothing loaded reports no resource groups.
    const bool told = key.key.kind != settings::NodeKey::Kind::group || !memory_.groups.empty();
    if (!told) continue;
    cluster.capacity_keys_unmatched.push_back(key.text);
    if (key.bytes < least) first = key.text;
    least = std::min(least, key.bytes);
    problems.push_back({"[capacity] node: " + quoted(key.text) + " = " +
                        rules::format_bytes(key.bytes) +
                        " names no node that is there; a node that was started again has a new id: "
                        "name it by its host, a pattern such as \"querynode-*\", or its resource "
                        "group, or take the key out"});
  }
  std::sort(cluster.capacity_keys_unmatched.begin(), cluster.capacity_keys_unmatched.end());
  if (cluster.capacity_keys_unmatched.empty()) return;
  const bool others =
      std::any_of(cluster.nodes.begin(), cluster.nodes.end(), [](const rules::Node& node) {
        return node.capacity_source == rules::CapacitySource::configured_node;
      });
  for (rules::Node& node : cluster.nodes) {
    node.capacity_doubted = doubted(node, least, others);
    if (!node.capacity_doubted) continue;
    problems.push_back({"node " + to_string(node.id) + " (" + node.address +
                        "): nothing is moved to it, since [capacity] node has no key for it and it "
                        "may be what " +
                        quoted(first) + " named, under a new id"});
  }
}

}  // namespace evenkeel::loop
