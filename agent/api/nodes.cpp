#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "agent/api/cluster.hpp"
#include "agent/telemetry/cluster_view.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::api {
namespace {

struct Held {
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
};
using Holdings = std::map<std::pair<rules::NodeId, rules::CollectionId>, Held>;

constexpr rules::CollectionId kLowest{std::numeric_limits<std::int64_t>::min()};

Holdings holdings_of(const rules::Cluster& cluster) {
  Holdings holdings;
  for (const auto& segment : cluster.segments) {
    Held& held = holdings[{segment.node, segment.collection}];
    ++held.segments;
    held.rows += segment.rows;
    held.bytes += segment.bytes;
  }
  return holdings;
}

Json collections_on(rules::NodeId node, const Holdings& holdings,
                    telemetry::CollectionNames& names) {
  Json collections = Json::array();
  const auto first = holdings.lower_bound({node, kLowest});
  for (auto it = first; it != holdings.end() && it->first.first == node; ++it) {
    const auto& [key, held] = *it;
    collections.push_back({{"id", to_string(key.second)},
                           {"name", names.of(key.second)},
                           {"segments", held.segments},
                           {"rows", held.rows},
                           {"bytes", held.bytes}});
  }
  return collections;
}

Json node_json(const telemetry::JudgedNode& judged, const rules::Policy& policy) {
  const rules::Node& node = *judged.node;
  Json json = {{"id", to_string(node.id)},
               {"address", node.address},
               {"role", rules::name(node.role)},
               {"health", rules::name(node.health)}};
  put(json, "version", node.version);
  put(json, "problem", node.problem);
  if (judged.memory_known()) json["used"] = node.used;
  if (const auto expected = judged.expected()) json["expected"] = *expected;
  if (node.capacity > 0) json["capacity"] = node.capacity;
  if (const auto ratio = judged.ratio()) put(json, "ratio", *ratio);
  const auto* verdict = judged.verdict;
  const auto state = verdict != nullptr ? verdict->state : rules::NodeState::cannot_judge;
  if (state != rules::NodeState::cannot_judge) json["unexplained"] = verdict->unexplained;
  json["state"] = rules::name(state);
  if (verdict != nullptr) json["words"] = rules::words(*verdict, policy);
  if (node.sampled_at != rules::TimePoint{}) json["sampled_at"] = rfc3339(node.sampled_at);
  return json;
}

}  // namespace

Json nodes_of(const loop::Snapshot& snapshot) {
  const auto holdings = holdings_of(*snapshot.cluster);
  telemetry::CollectionNames names(*snapshot.cluster);
  Json nodes = Json::array();
  for (const auto& judged : telemetry::judged_nodes(snapshot)) {
    Json node = node_json(judged, snapshot.policy);
    node["collections"] = collections_on(judged.node->id, holdings, names);
    nodes.push_back(std::move(node));
  }
  return {{"at", rfc3339(snapshot.at)}, {"nodes", std::move(nodes)}};
}

}  // namespace evenkeel::api
