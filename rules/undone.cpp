#include "rules/undone.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>

namespace evenkeel::rules {
namespace {

std::set<NodeId> nodes_that_are_up(const Cluster& cluster) {
  std::set<NodeId> up;
  for (const Node& node : cluster.nodes) {
    if (node.health == NodeHealth::up) up.insert(node.id);
  }
  return up;
}

}  // namespace

void Undone::land(const Flight& move, TimePoint finished) {
  watched_[{move.segment, move.replica}] = {move, {}, finished};
  forget_the_oldest();
}

void Undone::forget_the_oldest() {
  if (watched_.size() <= kMost) return;
  watched_.erase(std::min_element(
      watched_.begin(), watched_.end(),
      [](const auto& a, const auto& b) { return a.second.finished < b.second.finished; }));
  assert(watched_.size() <= kMost);
}

std::vector<Reversal> Undone::observe(const Cluster& cluster) {
  std::erase_if(watched_, [&](const auto& entry) {
    return cluster.observed_at - entry.second.finished > kWindow;
  });
  if (watched_.empty() || !cluster.coordinator_complete) return {};

  std::map<SegmentKey, std::set<NodeId>> copies;
  for (const Segment& segment : cluster.segments) {
    const auto found = watched_.find({segment.id, segment.replica});
    if (found == watched_.end()) continue;
    found->second.collection = segment.collection;
    copies[found->first].insert(segment.node);
  }

  const auto up = nodes_that_are_up(cluster);
  const auto complete = complete_collections(cluster);
  // The move need not be watched any longer; `taken` is set where it was undone.
  const auto settled = [&](const SegmentKey& key, Watched& watched, std::optional<NodeId>& taken) {
    // The picture is from before the move ended.
    if (watched.finished >= begun(cluster)) return false;
    // The collection was read in part, so the segment may be anywhere.
    if (watched.collection != CollectionId{} && !complete.contains(watched.collection)) {
      return false;
    }
    const auto found = copies.find(key);
    // The segment is gone, or left its node for reasons that are nobody's choice.
    if (found == copies.end()) return true;
    const std::set<NodeId>& nodes = found->second;
    if (!up.contains(watched.move.to)) return true;
    if (nodes.contains(watched.move.to)) return false;
    taken = *nodes.begin();
    return true;
  };
  std::vector<Reversal> reversals;
  for (auto each = watched_.begin(); each != watched_.end();) {
    std::optional<NodeId> taken;
    if (!settled(each->first, each->second, taken)) {
      ++each;
      continue;
    }
    if (taken) reversals.push_back({each->second.move, *taken, cluster.observed_at});
    each = watched_.erase(each);
  }
  return reversals;
}

}  // namespace evenkeel::rules
