#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/telemetry/cluster_view.hpp"
#include "agent/telemetry/metrics.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::telemetry {
namespace {

void add_node_metrics(ExpositionText& out, const std::vector<JudgedNode>& nodes) {
  auto used = gauges("evenkeel_node_memory_used_bytes",
                     "Resident memory of the query node, as its own metrics say.");
  auto expected = gauges("evenkeel_node_memory_expected_bytes",
                         "Memory that the agent counts with: used, corrected by moves that the "
                         "figure does not show yet.");
  auto capacity = gauges("evenkeel_node_memory_capacity_bytes", "Memory that the node may use.");
  auto ratio = gauges("evenkeel_node_memory_ratio",
                      "Expected memory of the node as a share of its own capacity.");
  auto sampled = gauges("evenkeel_node_sample_timestamp_seconds",
                        "When the node's memory was last read, since the epoch.");
  auto up = gauges("evenkeel_node_up",
                   "Whether the node was read, identified, and known to the coordinator.");
  auto overloaded = gauges("evenkeel_node_overloaded",
                           "Whether the node was above the overload threshold in all samples of "
                           "the evidence; absent where it cannot be judged.");

  for (const auto& judged : nodes) {
    const auto& [node, verdict] = judged;
    const Labels labels{label("node_id", to_string(node->id)), label("address", node->address)};
    const auto add_known = [&](auto& family, auto figure) {
      if (figure) add(family, static_cast<double>(*figure), labels);
    };
    add(up, node->health == rules::NodeHealth::up ? 1 : 0, labels);
    if (node->sampled_at != rules::TimePoint{}) {
      add(sampled, seconds_since_epoch(node->sampled_at), labels);
    }
    if (node->capacity > 0) add(capacity, static_cast<double>(node->capacity), labels);
    if (judged.memory_known()) add(used, static_cast<double>(node->used), labels);
    add_known(expected, judged.expected());
    add_known(ratio, judged.ratio());
    if (verdict != nullptr && verdict->state != rules::NodeState::cannot_judge) {
      add(overloaded, verdict->state == rules::NodeState::overloaded ? 1 : 0, labels);
    }
  }
  for (const auto* family : {&used, &expected, &capacity, &ratio, &sampled, &up, &overloaded}) {
    out.add(*family);
  }
}

// A series may appear once, and two databases may each have a collection of one name: what a node
// holds is counted by name, such collections together.
struct HeldKey {
  rules::NodeId node{};
  std::string_view collection;

  auto operator<=>(const HeldKey&) const = default;
};

struct HeldKeyHash {
  std::size_t operator()(const HeldKey& key) const {
    constexpr std::size_t kOdd = 0x9E3779B97F4A7C15;  // spreads ids that follow each other
    return std::hash<std::string_view>()(key.collection) ^
           (static_cast<std::size_t>(key.node) * kOdd);
  }
};

struct Held {
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
};

std::vector<std::pair<HeldKey, Held>> held_by_node(const rules::Cluster& cluster,
                                                   CollectionNames& names) {
  std::unordered_map<HeldKey, Held, HeldKeyHash> sums;
  for (const auto& segment : cluster.segments) {
    Held& sum = sums[{segment.node, names.of(segment.collection)}];
    ++sum.segments;
    sum.rows += segment.rows;
    sum.bytes += segment.bytes;
  }
  std::vector<std::pair<HeldKey, Held>> sorted(sums.begin(), sums.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

void add_held_metrics(ExpositionText& out, const rules::Cluster& cluster, CollectionNames& names) {
  const auto held = held_by_node(cluster, names);
  const auto add_figure = [&](std::string name, std::string help, auto figure) {
    auto family = gauges(std::move(name), std::move(help));
    family.metric.reserve(held.size());
    for (const auto& [key, sum] : held) {
      add(family, static_cast<double>(sum.*figure),
          {label("node_id", to_string(key.node)), label("collection", key.collection)});
    }
    out.add(family);
  };
  add_figure("evenkeel_node_collection_segments", "Segments of the collection on the node.",
             &Held::segments);
  add_figure("evenkeel_node_collection_rows", "Rows of the collection's segments on the node.",
             &Held::rows);
  add_figure("evenkeel_node_collection_bytes",
             "Estimated memory of the collection's segments on the node.", &Held::bytes);
}

void add_replica_metrics(ExpositionText& out, const rules::Judgement& judgement,
                         CollectionNames& names) {
  auto spread = gauges("evenkeel_replica_spread_ratio",
                       "Highest less lowest memory ratio of the replica's nodes; absent where it "
                       "cannot be judged.");
  auto highest = gauges("evenkeel_replica_highest_ratio",
                        "Memory ratio of the replica's fullest node; absent where it cannot be "
                        "judged.");
  auto lowest = gauges("evenkeel_replica_lowest_ratio",
                       "Memory ratio of the replica's emptiest node; absent where it cannot be "
                       "judged.");
  auto imbalanced = gauges("evenkeel_replica_imbalanced",
                           "Whether the spread was above the limit in all samples of the evidence; "
                           "absent where it cannot be judged.");
  for (const auto& replica : judgement.replicas) {
    if (replica.state == rules::ReplicaState::cannot_judge) continue;
    const Labels labels{label("collection", names.of(replica.collection)),
                        label("replica_id", to_string(replica.id))};
    add(spread, replica.spread, labels);
    add(highest, replica.highest_ratio, labels);
    add(lowest, replica.lowest_ratio, labels);
    add(imbalanced, replica.state == rules::ReplicaState::difference ? 1 : 0, labels);
  }
  for (const auto* family : {&spread, &highest, &lowest, &imbalanced}) out.add(*family);
}

}  // namespace

void add_cluster_metrics(ExpositionText& out, const loop::Snapshot& snapshot) {
  if (!snapshot.cluster) return;
  add_node_metrics(out, judged_nodes(snapshot));
  CollectionNames names(*snapshot.cluster);
  add_held_metrics(out, *snapshot.cluster, names);
  if (snapshot.judgement) add_replica_metrics(out, *snapshot.judgement, names);
}

}  // namespace evenkeel::telemetry
