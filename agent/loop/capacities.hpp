#pragma once
// Capacity of each node: the key configured for it, else the configured default, else what Milvus
// reports. Keys that match no node are reported, since a restarted node has a new id; the nodes
// that may be theirs take no segments meanwhile.

#include <string>
#include <vector>

#include "agent/loop/answers.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// Updates each node's resource groups: the console's list replaces all of them; without it,
// replicas update those of the nodes that they name.
void learn_groups(CapacityMemory& memory, const Answers& answers);
// Call it with every assembled cluster.
void learn_nodes(CapacityMemory& memory, const rules::Cluster& cluster);

// The capacity rules, applied to the nodes of one observation.
class Capacities {
 public:
  // Both must outlive it.
  Capacities(const settings::Settings::Capacity& settings, const CapacityMemory& memory);

  // Sets the node's capacity. `reported`: Milvus's figure in bytes; 0 and figures that no machine
  // has count as unknown.
  void set(rules::Node& node, rules::Bytes reported);
  // Call it after set() for all nodes: lists keys that match no node, marks the nodes that may be
  // theirs, and adds problems that say what to do.
  void finish(rules::Cluster& cluster);

 private:
  struct Key {
    std::string text;
    settings::NodeKey key;
    rules::Bytes bytes = 0;
    bool matched = false;
  };

  [[nodiscard]] bool doubted(const rules::Node& node, rules::Bytes least, bool others) const;

  const settings::Settings::Capacity& settings_;
  const CapacityMemory& memory_;
  std::vector<Key> keys_;  // the most exact first
  std::vector<rules::Problem> problems_;
};

}  // namespace evenkeel::loop
