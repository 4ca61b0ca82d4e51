#pragma once
// What each node may use: as configured for it, else as configured for all, else as Milvus reports
// it. Says what is configured for nodes that are not there, since a node has a new id after each
// start, and keeps nodes in their place from being filled by a figure that is not theirs.

#include <string>
#include <vector>

#include "agent/loop/answers.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// Takes over what the answers say of resource groups; what they do not say stays.
void learn_groups(CapacityMemory& memory, const Answers& answers);
// To be told of each cluster that was made.
void learn_nodes(CapacityMemory& memory, const rules::Cluster& cluster);

class Capacities {
 public:
  // Both must outlive it.
  Capacities(const settings::Settings::Capacity& settings, const CapacityMemory& memory);

  // `reported`: what Milvus says; 0, and what no machine has, is none.
  void set(rules::Node& node, rules::Bytes reported);
  // Once all nodes are set: what no node has, which nodes are in doubt for it, and in words what
  // is to be done.
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
  std::vector<Key> keys_;              // the most exact first
  std::vector<std::string> problems_;  // in words
};

}  // namespace evenkeel::loop
