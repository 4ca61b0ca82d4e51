#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/milvus/version.hpp"
#include "agent/telemetry/metrics.hpp"
#include "agent/util/format.hpp"
#include "agent/view/cluster.hpp"
#include "rules/explain.hpp"

namespace evenkeel::telemetry {
namespace {

constexpr std::array kHealths{rules::NodeHealth::up,        rules::NodeHealth::unreachable,
                              rules::NodeHealth::ambiguous, rules::NodeHealth::unlisted,
                              rules::NodeHealth::stopping,  rules::NodeHealth::invalid};
constexpr std::array kReplicaStates{rules::ReplicaState::balanced, rules::ReplicaState::difference,
                                    rules::ReplicaState::gathering,
                                    rules::ReplicaState::cannot_judge};

constexpr std::array kRoles{rules::NodeRole::query, rules::NodeRole::streaming,
                            rules::NodeRole::leaving, rules::NodeRole::unknown};

Labels labels_of(const rules::Node& node) {
  return {label("node_id", to_string(node.id)), label("address", node.address)};
}

Labels with(Labels labels, std::string name, std::string_view value) {
  labels.push_back(label(std::move(name), value));
  return labels;
}

void add_node_metrics(ExpositionText& out, const std::vector<view::JudgedNode>& nodes) {
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
  auto up =
      gauges("evenkeel_node_up",
             "Whether the node was read and identified, and Milvus's query coordinator lists it.");
  auto overloaded = gauges("evenkeel_node_overloaded",
                           "Whether the node was above the overload threshold in all samples of "
                           "the evidence; absent where it cannot be judged.");

  for (const auto& judged : nodes) {
    const auto& [node, verdict] = judged;
    const Labels labels = labels_of(*node);
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
    if (verdict != nullptr && rules::was_judged(*verdict)) {
      add(overloaded, verdict->state == rules::NodeState::overloaded ? 1 : 0, labels);
    }
  }
  for (const auto* family : {&used, &expected, &capacity, &ratio, &sampled, &up, &overloaded}) {
    out.add(*family);
  }
}

// The bytes by which the node is above its threshold.
double excess(const view::JudgedNode& judged, const rules::Policy& policy) {
  const auto expected = judged.expected();
  if (!expected || judged.node->capacity <= 0) return 0;
  return std::max(0.0, static_cast<double>(*expected) -
                           static_cast<double>(judged.node->capacity) * policy.overload_threshold);
}

void add_node_verdicts(ExpositionText& out, const std::vector<view::JudgedNode>& nodes,
                       const rules::Policy& policy) {
  auto health =
      gauges("evenkeel_node_health", "1 for the node's health as it is, 0 for the others.");
  auto role = gauges("evenkeel_node_role", "1 for what the node is for, 0 for the others.");
  auto unexplained = gauges("evenkeel_node_memory_unexplained_bytes",
                            "Memory of the node that its segments do not explain, as last read "
                            "while nothing was under way.");
  auto highest =
      gauges("evenkeel_node_memory_unexplained_highest_bytes",
             "The highest unexplained memory within unexplained_window: so much is kept free.");
  auto over = gauges("evenkeel_node_excess_bytes",
                     "Expected memory above the overload threshold, 0 where it is not above it.");
  auto stays = gauges("evenkeel_node_memory_stays",
                      "Whether segments left the node and its memory did not fall, so that nothing "
                      "more is moved off it for now.");
  auto draining = gauges("evenkeel_node_draining",
                         "Whether a person has the node emptied: nothing is moved to it.");
  for (const auto& judged : nodes) {
    const Labels labels = labels_of(*judged.node);
    for (const auto each : kHealths) {
      add(health, judged.node->health == each ? 1 : 0, with(labels, "health", rules::name(each)));
    }
    for (const auto each : kRoles) {
      add(role, judged.node->role == each ? 1 : 0, with(labels, "role", rules::name(each)));
    }
    add(over, excess(judged, policy), labels);
    if (judged.verdict == nullptr) continue;
    add(draining, judged.verdict->drained ? 1 : 0, labels);
    add(stays, judged.verdict->memory_stays ? 1 : 0, labels);
    const auto now = static_cast<double>(judged.verdict->unexplained);
    add(unexplained, now, labels);
    add(highest, now + static_cast<double>(judged.verdict->kept_free), labels);
  }
  for (const auto* family : {&health, &role, &unexplained, &highest, &over, &stays, &draining})
    out.add(*family);
}

void add_forecasts(ExpositionText& out, const std::vector<view::JudgedNode>& nodes) {
  auto growth = gauges("evenkeel_node_memory_growth_bytes_per_second",
                       "How fast the node's memory grew in the last hour, not counting the agent's "
                       "moves; absent before a quarter of an hour is known.");
  auto crossing =
      gauges("evenkeel_node_threshold_crossing_timestamp_seconds",
             "When the node's memory passes its threshold if it grows as in the last "
             "hour, since the epoch: likely, and with 95 % between earliest and latest; "
             "absent beyond a day.");
  for (const auto& judged : nodes) {
    if (judged.verdict == nullptr) continue;
    const Labels labels = labels_of(*judged.node);
    if (judged.verdict->growth) add(growth, judged.verdict->growth->likely, labels);
    const auto& forecast = judged.verdict->forecast;
    if (!forecast) continue;
    const auto add_bound = [&](std::string_view bound, rules::TimePoint at) {
      add(crossing, seconds_since_epoch(at), with(labels, "bound", bound));
    };
    add_bound("likely", forecast->likely);
    add_bound("earliest", forecast->earliest);
    if (forecast->latest) add_bound("latest", *forecast->latest);
  }
  for (const auto* family : {&growth, &crossing}) out.add(*family);
}

// Problems that moving cannot put right, as the newest round found them.
void add_unfixable(ExpositionText& out, const std::vector<view::JudgedNode>& nodes,
                   const loop::Snapshot& snapshot) {
  std::map<std::pair<rules::NodeId, rules::Urgency>, rules::Bytes> wrong;
  if (!snapshot.decisions.empty()) {
    for (const auto& each : snapshot.decisions.front()->plan.unfixable) {
      auto& needed = wrong[{each.node, each.urgency}];
      needed = std::max({needed, each.room_needed, each.own_capacity});
    }
  }
  auto unfixable = gauges("evenkeel_node_unfixable",
                          "Whether the newest round found that moving cannot put the node right.");
  auto needed = gauges("evenkeel_node_capacity_needed_bytes",
                       "Capacity to add so that the node can be put right; 0 where more capacity "
                       "would not help.");
  for (const auto& judged : nodes) {
    for (const auto urgency : kUrgencies) {
      const auto found = wrong.find({judged.node->id, urgency});
      const Labels labels = with(labels_of(*judged.node), "urgency", rules::name(urgency));
      add(unfixable, found != wrong.end() ? 1 : 0, labels);
      add(needed, found != wrong.end() ? static_cast<double>(found->second) : 0, labels);
    }
  }
  for (const auto* family : {&unfixable, &needed}) out.add(*family);
}

// The key of a sum. Two databases may each have a collection of one name, but a series may appear
// only once: such collections are summed by name.
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

// The sums of the segments that a node holds of the collections of one name.
struct Held {
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
};

std::vector<std::pair<HeldKey, Held>> held_by_node(const rules::Cluster& cluster,
                                                   view::CollectionNames& names) {
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

void add_held_metrics(ExpositionText& out, const rules::Cluster& cluster,
                      view::CollectionNames& names) {
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
                         view::CollectionNames& names) {
  auto spread = gauges("evenkeel_replica_spread_ratio",
                       "Highest minus lowest memory ratio of the replica's nodes; absent where it "
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
  auto state =
      gauges("evenkeel_replica_state", "1 for the replica's state as it is, 0 for the others.");
  for (const auto& replica : judgement.replicas) {
    const Labels labels{label("collection", names.of(replica.collection)),
                        label("replica_id", to_string(replica.id))};
    for (const auto each : kReplicaStates) {
      add(state, replica.state == each ? 1 : 0, with(labels, "state", rules::name(each)));
    }
    if (replica.state == rules::ReplicaState::cannot_judge) continue;
    add(spread, replica.spread, labels);
    add(highest, replica.highest_ratio, labels);
    add(lowest, replica.lowest_ratio, labels);
    add(imbalanced, replica.state == rules::ReplicaState::difference ? 1 : 0, labels);
  }
  for (const auto* family : {&spread, &highest, &lowest, &imbalanced, &state}) out.add(*family);
}

void add_conditions(ExpositionText& out, const rules::Judgement& judgement) {
  const auto overloaded =
      std::count_if(judgement.nodes.begin(), judgement.nodes.end(),
                    [](const auto& node) { return node.state == rules::NodeState::overloaded; });
  const auto different = std::count_if(
      judgement.replicas.begin(), judgement.replicas.end(),
      [](const auto& replica) { return replica.state == rules::ReplicaState::difference; });
  add_gauge(out, "evenkeel_overload_condition", "Nodes that are overloaded in all the evidence.",
            static_cast<double>(overloaded));
  add_gauge(out, "evenkeel_difference_condition",
            "Replicas whose nodes differ too much in all the evidence.",
            static_cast<double>(different));
  add_gauge(out, "evenkeel_segments_set_aside",
            "Copies of segments that contradict the query coordinator's other lists, and are left "
            "alone.",
            static_cast<double>(judgement.set_aside_copies));
}

// Called only if [telemetry] per_segment is on: a large cluster has a million segments.
void add_segment_metrics(ExpositionText& out, const loop::Snapshot& snapshot,
                         view::CollectionNames& names) {
  const auto& segments = snapshot.cluster->segments;
  const std::size_t shown = std::min(segments.size(), snapshot.per_segment);
  auto bytes = gauges("evenkeel_segment_bytes", "Estimated memory of the segment on the node.");
  auto rows = gauges("evenkeel_segment_rows", "Rows of the segment.");
  std::set<std::pair<rules::SegmentId, rules::NodeId>> told;  // a series may appear once
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& segment = segments[i];
    if (!told.emplace(segment.id, segment.node).second) continue;
    const Labels labels{label("segment_id", to_string(segment.id)),
                        label("collection", names.of(segment.collection)),
                        label("node_id", to_string(segment.node))};
    add(bytes, static_cast<double>(segment.bytes), labels);
    add(rows, static_cast<double>(segment.rows), labels);
  }
  for (const auto* family : {&bytes, &rows}) out.add(*family);
  add_gauge(out, "evenkeel_segments_left_out",
            "Segments beyond [telemetry] max_segments, which have no series.",
            static_cast<double>(segments.size() - shown));
}

void add_milvus(ExpositionText& out, const loop::Snapshot& snapshot) {
  const rules::Cluster& cluster = *snapshot.cluster;
  auto info = gauges("evenkeel_milvus_info", "1; the labels say which Milvus it is.");
  add(info, 1,
      {label("version", cluster.version),
       label("known_by", milvus::name(milvus::knowledge_of(cluster.version))),
       label("memory_source", cluster.memory_source)});
  out.add(info);
  add_gauge(out, "evenkeel_milvus_untested",
            "Whether nothing is moved because this Milvus is newer than the versions that Evenkeel "
            "knows, or does not say its version.",
            snapshot.untested.empty() ? 0 : 1);
  std::set<rules::CollectionId> unlisted;
  for (const auto& each : cluster.unlisted) unlisted.insert(each.id);
  add_gauge(out, "evenkeel_collections_unlisted",
            "Collections that nodes' metrics name and no list of collections does.",
            static_cast<double>(unlisted.size()));
  add_gauge(out, "evenkeel_capacity_keys_unmatched",
            "Keys of [capacity] node that name no node that is there.",
            static_cast<double>(cluster.capacity_keys_unmatched.size()));
}

}  // namespace

void add_cluster_metrics(ExpositionText& out, const loop::Snapshot& snapshot) {
  if (!snapshot.cluster) return;
  const auto nodes = view::judged_nodes(snapshot);
  add_milvus(out, snapshot);
  add_node_metrics(out, nodes);
  add_node_verdicts(out, nodes, snapshot.policy);
  add_forecasts(out, nodes);
  add_unfixable(out, nodes, snapshot);
  view::CollectionNames names(*snapshot.cluster);
  add_held_metrics(out, *snapshot.cluster, names);
  if (snapshot.per_segment > 0) add_segment_metrics(out, snapshot, names);
  if (!snapshot.judgement) return;
  add_replica_metrics(out, *snapshot.judgement, names);
  add_conditions(out, *snapshot.judgement);
}

}  // namespace evenkeel::telemetry
