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

inline std::string words_for(const Inventory::Place& place) {
  std::string words = "replica " + number(place.id) + " of " + number(place.collection);
  if (place.set != kNone) words += " on set " + std::to_string(place.set);
  if (!place.complete) words += ", incomplete";
  if (place.contradictory) words += ", contradictory";
  return words + ", " + std::to_string(place.in_transit) + " in transit";
}

inline std::string words_for(const Inventory& inventory, const Inventory::Shelf& shelf) {
  std::string words = shelf.set == kNone ? "no set:" : "set " + std::to_string(shelf.set) + ":";
  for (const auto& held : shelf.holdings) {
    words += " " + number(held.id) + "/" + number(inventory.places().at(held.place).id) + " (" +
             std::to_string(held.bytes) + ")";
  }
  for (const auto& flawed : shelf.flawed) {
    words += " " + number(flawed.id) + "/" + number(flawed.replica) + " " +
             std::string(name(flawed.why));
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
  for (const auto& place : inventory.places()) lines.push_back(words_for(place));
  for (const auto& set : inventory.sets()) {
    std::string line = "set of replica " + number(set.replica) + ":";
    for (const Index node : set.nodes) line += " " + number(inventory.nodes().at(node));
    lines.push_back(line);
  }
  for (Index node = 0; node < inventory.nodes().size(); ++node) {
    const NodeId id = inventory.nodes()[node];
    lines.push_back("node " + number(id) + " is number " + std::to_string(inventory.node(id)));
    for (const Index set : inventory.sets_of(node)) {
      const auto* shelf = inventory.shelf(node, set);
      lines.push_back(shelf == nullptr ? "no shelf" : "of set " + std::to_string(shelf->set));
    }
    for (const auto& shelf : inventory.shelves(node)) {
      lines.push_back(words_for(inventory, shelf));
    }
    lines.push_back("first shelf " + std::to_string(inventory.first_shelf(node)));
  }
  lines.push_back(std::to_string(inventory.shelves().size()) + " shelves");
  std::vector<SegmentKey> keys;
  for (const Segment& each : inventory.cluster().segments) keys.push_back({each.id, each.replica});
  std::sort(keys.begin(), keys.end());
  for (const SegmentKey& key : keys) lines.push_back(words_for(inventory, key));
  return lines;
}

}  // namespace evenkeel::rules::test
