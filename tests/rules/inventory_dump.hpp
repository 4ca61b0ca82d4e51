#pragma once
// All that can be seen of an inventory, line by line, to compare two of them.

#include <optional>
#include <string>
#include <vector>

#include "rules/inventory.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

template <typename Id>
std::string number(Id id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

inline std::string words_for(const Inventory::ListedReplica& replica) {
  std::string words = "replica " + number(replica.id) + " of " + number(replica.collection);
  if (replica.set != kNone) words += " on set " + std::to_string(replica.set);
  if (!replica.complete) words += ", incomplete";
  if (replica.contradictory) words += ", contradictory";
  return words + ", " + std::to_string(replica.in_transit) + " in transit";
}

inline std::string words_for(const Inventory& inventory, const Inventory::NodeSegments& held) {
  std::string words = held.set == kNone ? "no set:" : "set " + std::to_string(held.set) + ":";
  for (const auto& copy : held.movable) {
    words += " " + number(copy.id) + "/" + number(inventory.replicas().at(copy.replica).id) + " (" +
             std::to_string(copy.bytes) + ")";
  }
  for (const auto& copy : held.unmovable) {
    words += " " + number(copy.id) + "/" + number(copy.replica) + " " + std::string(name(copy.why));
  }
  return words;
}

// What is listed of one segment of a replica; no single copy is told where they differ.
inline std::string words_for(const Inventory& inventory, const SegmentKey& key) {
  const Segment* copy = inventory.segment(key);
  std::string words = number(key.first) + "/" + number(key.second) + ":";
  if (copy == nullptr) return words + " none";
  if (copy->id != key.first || copy->replica != key.second) return words + " another";
  for (const Segment& each : inventory.cluster().segments) {
    const bool same_key = each.id == key.first && each.replica == key.second;
    if (same_key && (each.node != copy->node || each.bytes != copy->bytes)) return words + " some";
  }
  return words + " " + std::to_string(copy->bytes) + " on " + number(copy->node);
}

inline std::vector<std::string> all_of(const Inventory& inventory) {
  std::vector<std::string> lines;
  for (const auto& replica : inventory.replicas()) lines.push_back(words_for(replica));
  for (const auto& set : inventory.sets()) {
    std::string line = "set of replica " + number(set.replica) + ":";
    for (const Index node : set.nodes) line += " " + number(inventory.nodes().at(node));
    lines.push_back(line);
  }
  for (Index node = 0; node < inventory.nodes().size(); ++node) {
    const NodeId id = inventory.nodes()[node];
    lines.push_back("node " + number(id) + " is number " + std::to_string(inventory.node(id)));
    for (const Index set : inventory.sets_of(node)) {
      const auto* held = inventory.segments_on(node, set);
      lines.push_back(held == nullptr ? "no segments" : "of set " + std::to_string(held->set));
    }
    for (const auto& held : inventory.segments_on(node)) {
      lines.push_back(words_for(inventory, held));
    }
    lines.push_back("first number " + std::to_string(inventory.first_number_on(node)));
  }
  lines.push_back(std::to_string(inventory.node_segments().size()) + " lists");
  std::vector<SegmentKey> keys;
  for (const Segment& each : inventory.cluster().segments) keys.push_back({each.id, each.replica});
  std::sort(keys.begin(), keys.end());
  for (const SegmentKey& key : keys) lines.push_back(words_for(inventory, key));
  return lines;
}

}  // namespace evenkeel::rules::test
