#include "rules/cluster.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  texts.reserve(problems.size());
  for (const Problem& problem : problems) texts.push_back(problem.text);
  return texts;
}

std::vector<NodeTotals> node_totals(const Cluster& cluster) {
  std::vector<NodeTotals> all;
  all.reserve(cluster.nodes.size());
  for (const Node& node : cluster.nodes) all.push_back({.node = node.id});
  std::sort(all.begin(), all.end(),
            [](const NodeTotals& a, const NodeTotals& b) { return a.node < b.node; });
  all.erase(std::unique(all.begin(), all.end(),
                        [](const NodeTotals& a, const NodeTotals& b) { return a.node == b.node; }),
            all.end());

  for (const Segment& segment : cluster.segments) {
    const auto found = std::lower_bound(
        all.begin(), all.end(), segment.node,
        [](const NodeTotals& totals, NodeId wanted) { return totals.node < wanted; });
    if (found == all.end() || found->node != segment.node) continue;
    found->bytes = saturating_add(found->bytes, std::max<Bytes>(segment.bytes, 0));
    if (segment.state == SegmentState::growing) continue;
    found->sealed_rows =
        saturating_add(found->sealed_rows, std::max<std::int64_t>(segment.rows, 0));
  }
  return all;
}

const Node* find_node(const Cluster& cluster, NodeId id) {
  return find_by_id(cluster.nodes, id);
}

std::vector<const Collection*> named(const Cluster& cluster, std::string_view text) {
  std::vector<const Collection*> exactly;
  std::vector<const Collection*> within;
  for (const Collection& collection : cluster.collections) {
    const bool whole =
        collection.name == text ||
        (!collection.own_name.empty() && collection.database + "." + collection.own_name == text);
    if (whole) exactly.push_back(&collection);
    if (!whole && collection.own_name == text) within.push_back(&collection);
  }
  return exactly.empty() ? within : exactly;
}

std::set<CollectionId> complete_collections(const Cluster& cluster) {
  std::set<CollectionId> complete;
  for (const Collection& collection : cluster.collections) {
    if (collection.complete) complete.insert(collection.id);
  }
  return complete;
}

bool everything_read(const Cluster& cluster) {
  return cluster.coordinator_complete &&
         std::all_of(cluster.collections.begin(), cluster.collections.end(),
                     [](const Collection& collection) { return collection.complete; });
}

}  // namespace evenkeel::rules
