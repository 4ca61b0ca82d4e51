#include <map>
#include <utility>

#include "agent/api/cluster.hpp"
#include "agent/telemetry/cluster_view.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::api {
namespace {

using Key = std::pair<rules::CollectionId, rules::ReplicaId>;
using Verdicts = std::map<Key, const rules::ReplicaVerdict*>;

Verdicts verdicts_of(const loop::Snapshot& snapshot) {
  Verdicts verdicts;
  if (!snapshot.judgement) return verdicts;
  for (const auto& verdict : snapshot.judgement->replicas) {
    verdicts.emplace(Key{verdict.collection, verdict.id}, &verdict);
  }
  return verdicts;
}

Json end_of(rules::NodeId node, double ratio) {
  Json end = {{"node", to_string(node)}};
  put(end, "ratio", ratio);
  return end;
}

void put_nodes(Json& json, const char* name, const std::vector<rules::NodeId>& nodes) {
  if (nodes.empty()) return;
  json[name] = Json::array();
  for (const auto node : nodes) json[name].push_back(to_string(node));
}

void put_verdict(Json& json, const rules::ReplicaVerdict& verdict, const rules::Policy& policy) {
  if (verdict.reason != rules::Reason::none) json["reason"] = rules::name(verdict.reason);
  if (verdict.highest && verdict.lowest) {
    put(json, "spread", verdict.spread);
    json["highest"] = end_of(*verdict.highest, verdict.highest_ratio);
    json["lowest"] = end_of(*verdict.lowest, verdict.lowest_ratio);
  }
  json["words"] = rules::words(verdict, policy);
}

}  // namespace

Json replicas_of(const loop::Snapshot& snapshot) {
  const auto verdicts = verdicts_of(snapshot);
  telemetry::CollectionNames names(*snapshot.cluster);
  std::map<Key, const rules::Replica*> sorted;  // if two have the same ids, the first counts
  for (const auto& replica : snapshot.cluster->replicas) {
    sorted.emplace(Key{replica.collection, replica.id}, &replica);
  }
  Json replicas = Json::array();
  for (const auto& [key, replica] : sorted) {
    Json json = {{"id", to_string(replica->id)},
                 {"collection", to_string(replica->collection)},
                 {"collection_name", names.of(replica->collection)}};
    put(json, "resource_group", replica->resource_group);
    json["nodes"] = Json::array();
    for (const auto node : replica->nodes) json["nodes"].push_back(to_string(node));
    put_nodes(json, "streaming_nodes", replica->streaming);
    put_nodes(json, "leaving_nodes", replica->leaving);
    const auto verdict = verdicts.find(key);
    const bool judged = verdict != verdicts.end();
    json["state"] =
        rules::name(judged ? verdict->second->state : rules::ReplicaState::cannot_judge);
    if (judged) put_verdict(json, *verdict->second, snapshot.policy);
    replicas.push_back(std::move(json));
  }
  return {{"at", rfc3339(snapshot.at)}, {"replicas", std::move(replicas)}};
}

}  // namespace evenkeel::api
