#include "agent/view/json_writer.hpp"

#include <limits>
#include <utility>

#include "agent/milvus/version.hpp"
#include "rules/explain.hpp"
#include "rules/room.hpp"

namespace evenkeel::view {
namespace {

// What a node has of a collection.
struct Holding {
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
};
using Holdings = std::map<std::pair<rules::NodeId, rules::CollectionId>, Holding>;

Holdings holdings_of(const rules::Cluster& cluster) {
  Holdings holdings;
  for (const auto& segment : cluster.segments) {
    Holding& holding = holdings[{segment.node, segment.collection}];
    ++holding.segments;
    holding.rows += segment.rows;
    holding.bytes += segment.bytes;
  }
  return holdings;
}

// Adds what the node holds, collection by collection.
void put_collections(Json& json, rules::NodeId node, const Holdings& holdings,
                     CollectionNames& names) {
  constexpr rules::CollectionId kLowest{std::numeric_limits<std::int64_t>::min()};
  Json collections = Json::array();
  const auto first = holdings.lower_bound({node, kLowest});
  for (auto it = first; it != holdings.end() && it->first.first == node; ++it) {
    const auto& [key, holding] = *it;
    collections.push_back({{"id", to_string(key.second)},
                           {"name", names.of(key.second)},
                           {"segments", holding.segments},
                           {"rows", holding.rows},
                           {"bytes", holding.bytes}});
  }
  json["collections"] = std::move(collections);
}

// Adds when the node will pass its threshold, if it is known to.
void put_forecast(Json& json, const rules::NodeVerdict& verdict) {
  if (!verdict.forecast) return;
  const rules::Forecast& forecast = *verdict.forecast;
  json["forecast"] = {{"overloaded_at", rfc3339(forecast.likely)},
                      {"earliest", rfc3339(forecast.earliest)}};
  if (forecast.latest) json["forecast"]["latest"] = rfc3339(*forecast.latest);
  json["forecast"]["sure"] = forecast.sure();
}

// One of the two nodes that are farthest apart.
Json end_of(rules::NodeId node, double ratio) {
  Json end = {{"node", to_string(node)}};
  put(end, "ratio", ratio);
  return end;
}

}  // namespace

JsonWriter::JsonWriter(const rules::Cluster& cluster, const rules::Policy& policy, Detail detail)
    : cluster_(cluster), policy_(policy), detail_(detail), names_(cluster) {}

Json JsonWriter::node(const JudgedNode& judged) const {
  const rules::Node& node = *judged.node;
  Json json = {{"id", to_string(node.id)},
               {"address", node.address},
               {"role", rules::name(node.role)},
               {"health", rules::name(node.health)}};
  put(json, "version", node.version);
  put(json, "problem", node.problem);
  if (judged.memory_known()) json["used"] = node.used;
  if (const auto expected = judged.expected()) json["expected"] = *expected;
  if (node.capacity > 0) {
    json["capacity"] = node.capacity;
    if (full()) json["capacity_source"] = rules::name(node.capacity_source);
  }
  if (const auto ratio = judged.ratio()) put(json, "ratio", *ratio);
  const auto* verdict = judged.verdict;
  const auto state = verdict != nullptr ? verdict->state : rules::NodeState::cannot_judge;
  if (state != rules::NodeState::cannot_judge) {
    json["unexplained"] = verdict->unexplained;
    json["kept_free"] = verdict->kept_free;
    // An exempt node is no destination.
    if (state != rules::NodeState::exempt) {
      json["room"] = rules::room_on(*verdict, policy_).left(policy_);
    }
  }
  json["state"] = rules::name(state);
  if (verdict != nullptr && verdict->drained) json["drained"] = true;
  if (verdict != nullptr) {
    if (full()) {
      if (verdict->reason != rules::Reason::none) json["reason"] = rules::name(verdict->reason);
      json["samples"] = verdict->samples;
    }
    json["words"] = rules::words(*verdict, policy_);
  }
  if (verdict != nullptr) put_forecast(json, *verdict);
  if (node.sampled_at != rules::TimePoint{}) json["sampled_at"] = rfc3339(node.sampled_at);
  return json;
}

Json JsonWriter::nodes(const rules::Judgement* judgement) {
  const auto holdings = holdings_of(cluster_);
  Json nodes = Json::array();
  for (const auto& judged : judged_nodes(cluster_, judgement)) {
    Json json = node(judged);
    put_collections(json, judged.node->id, holdings, names_);
    nodes.push_back(std::move(json));
  }
  return nodes;
}

void JsonWriter::put_verdict(Json& json, const rules::ReplicaVerdict& verdict) const {
  if (verdict.reason != rules::Reason::none) json["reason"] = rules::name(verdict.reason);
  if (verdict.highest && verdict.lowest) {
    put(json, "spread", verdict.spread);
    json["highest"] = end_of(*verdict.highest, verdict.highest_ratio);
    json["lowest"] = end_of(*verdict.lowest, verdict.lowest_ratio);
  }
  if (full()) put(json, "limit", verdict.limit);
  json["words"] = rules::words(verdict, policy_);
}

Json JsonWriter::replica(const JudgedReplica& judged) {
  const rules::Replica& replica = *judged.replica;
  Json json = {{"id", to_string(replica.id)},
               {"collection", to_string(replica.collection)},
               {"collection_name", names_.of(replica.collection)}};
  put(json, "resource_group", replica.resource_group);
  json["nodes"] = list_of_ids(replica.nodes);
  if (!replica.streaming.empty()) json["streaming_nodes"] = list_of_ids(replica.streaming);
  if (!replica.leaving.empty()) json["leaving_nodes"] = list_of_ids(replica.leaving);
  json["state"] = rules::name(judged.verdict != nullptr ? judged.verdict->state
                                                        : rules::ReplicaState::cannot_judge);
  if (judged.verdict != nullptr) put_verdict(json, *judged.verdict);
  return json;
}

Json JsonWriter::replicas(const rules::Judgement* judgement) {
  Json replicas = Json::array();
  for (const auto& judged : judged_replicas(cluster_, judgement)) {
    replicas.push_back(replica(judged));
  }
  return replicas;
}

Json JsonWriter::segment(const rules::Segment& segment) {
  Json json = {{"id", to_string(segment.id)},
               {"collection", to_string(segment.collection)},
               {"collection_name", names_.of(segment.collection)},
               {"partition", to_string(segment.partition)},
               {"node", to_string(segment.node)}};
  if (segment.replica != rules::ReplicaId{}) json["replica"] = to_string(segment.replica);
  json["rows"] = segment.rows;
  json["bytes"] = segment.bytes;
  if (full()) {
    json["size_source"] = rules::name(segment.size_source);
    json["state"] = rules::name(segment.state);
  }
  return json;
}

Json JsonWriter::set_aside(const rules::Judgement& judgement) {
  Json list = Json::array();
  for (const auto& copies : judgement.set_aside) {
    Json json = {{"node", to_string(copies.node)},
                 {"why", rules::name(copies.why)},
                 {"contradicts", rules::contradicts(copies.why)},
                 {"count", copies.count},
                 {"words", rules::words(copies)}};
    if (copies.replica != rules::ReplicaId{}) json["replica"] = to_string(copies.replica);
    list.push_back(std::move(json));
  }
  return list;
}

Json JsonWriter::milvus(const std::string& untested) const {
  Json json = Json::object();
  put(json, "version", cluster_.version);
  json["known_by"] = evenkeel::milvus::name(evenkeel::milvus::knowledge_of(cluster_.version));
  put(json, "not_acted_on", untested);
  put(json, "memory_source", cluster_.memory_source);
  put(json, "memory_why", cluster_.memory_why);
  json["databases"] = cluster_.databases;
  return json;
}

Json JsonWriter::move(const rules::Move& move) {
  Json json = {{"segment", to_string(move.segment)},
               {"collection", to_string(move.collection)},
               {"collection_name", names_.of(move.collection)},
               {"replica", to_string(move.replica)},
               {"from", to_string(move.from)},
               {"to", to_string(move.to)},
               {"rows", move.rows},
               {"bytes", move.bytes},
               {"urgency", rules::name(move.urgency)},
               {"words", rules::words(move)}};
  if (full()) {
    put(json, "from_ratio_before", move.from_before);
    put(json, "from_ratio_after", move.from_after);
    put(json, "to_ratio_before", move.to_before);
    put(json, "to_ratio_after", move.to_after);
    if (move.exchange != 0) json["exchange"] = move.exchange;
    if (move.makes_room_for) json["makes_room_for"] = to_string(*move.makes_room_for);
  }
  return json;
}

Json JsonWriter::moves(const rules::Plan& plan) {
  Json moves = Json::array();
  for (const auto& each : plan.moves) moves.push_back(move(each));
  if (!full()) return moves;
  const auto sources = size_sources(plan, cluster_);
  for (std::size_t i = 0; i < moves.size(); ++i) {
    moves[i]["size_source"] = rules::name(sources.at(plan.moves[i].segment));
  }
  return moves;
}

Json JsonWriter::rejected_move(const rules::RejectedMove& move) const {
  Json json = {{"replica", to_string(move.replica)},
               {"from", to_string(move.from)},
               {"why", rules::name(move.why)},
               {"count", move.count},
               {"words", rules::words(move, policy_)}};
  if (move.segment) json["segment"] = to_string(*move.segment);
  if (move.to) json["to"] = to_string(*move.to);
  if (full() && move.to_after > 0) put(json, "to_ratio_after", move.to_after);
  return json;
}

Json JsonWriter::unfixable(const rules::Unfixable& wrong) const {
  Json json = {{"node", to_string(wrong.node)},
               {"urgency", rules::name(wrong.urgency)},
               {"obstacle", rules::name(wrong.obstacle)},
               {"excess", wrong.excess},
               {"room_needed", wrong.room_needed},
               {"capacity_needed", wrong.own_capacity},
               {"words", rules::words(wrong)}};
  if (wrong.replica) json["replica"] = to_string(*wrong.replica);
  if (full()) {
    json["smallest_segment_bytes"] = wrong.smallest;
    put(json, "mark", wrong.mark);
    json["further_nodes"] = wrong.further_nodes;
  }
  return json;
}

Json JsonWriter::plan(const loop::Decision& decision) {
  const rules::Plan& plan = decision.plan;
  Json rejected = Json::array();
  for (const auto& each : plan.rejected) rejected.push_back(rejected_move(each));
  Json wrong = Json::array();
  for (const auto& each : plan.unfixable) wrong.push_back(unfixable(each));
  Json json = {{"moves", moves(plan)},
               {"why_nothing", rules::name(plan.why_nothing)},
               {"rejected", std::move(rejected)},
               {"unfixable", std::move(wrong)}};
  if (full()) {
    json["why_nothing_words"] = decision.why_nothing;
    json["bytes"] = plan.bytes();
    put(json, "worst_spread_before", plan.worst_spread_before);
    put(json, "worst_spread_after", plan.worst_spread_after);
    put(json, "worst_ratio_before", plan.worst_ratio_before);
    put(json, "worst_ratio_after", plan.worst_ratio_after);
    if (plan.waits_for_node) json["waits_for_node"] = to_string(*plan.waits_for_node);
    if (plan.waits_for_replica) json["waits_for_replica"] = to_string(*plan.waits_for_replica);
  }
  return json;
}

Json JsonWriter::call(const rules::Call& call) {
  Json segments = Json::array();
  for (const auto& each : call.moves) segments.push_back(to_string(each.segment));
  return {{"collection", to_string(call.collection)},
          {"collection_name", names_.of(call.collection)},
          {"replica", to_string(call.replica)},
          {"from", to_string(call.from)},
          {"to", to_string(call.to)},
          {"segments", std::move(segments)},
          {"bytes", call.bytes()}};
}

Json JsonWriter::gates(const rules::Admission& admission) {
  Json json = Json::array();
  for (const auto& verdict : admission.gates) {
    Json gate = {{"gate", rules::name(verdict.gate)}, {"open", verdict.open}};
    put(gate, "detail", verdict.detail);
    json.push_back(std::move(gate));
  }
  return json;
}

Json JsonWriter::made_move(const loop::MoveRecord& record) {
  Json json = move(record.move);
  json["result"] = loop::name(record.result);
  put(json, "detail", record.detail);
  json["started"] = rfc3339(record.started);
  json["finished"] = rfc3339(record.finished);
  return json;
}

Json JsonWriter::decision(const loop::Decision& decision) {
  Json moves = Json::array();
  for (const auto& record : decision.moves) moves.push_back(made_move(record));
  Json alerts = Json::array();
  for (const auto& alert : decision.alerts) {
    alerts.push_back({{"name", alert.name}, {"fingerprint", alert.fingerprint}});
  }
  Json requests = Json::array();
  for (const auto number : decision.requests) requests.push_back(std::to_string(number));
  Json json = {{"id", std::to_string(decision.id)},
               {"at", rfc3339(decision.at)},
               {"trigger", loop::name(decision.trigger)},
               {"alerts", std::move(alerts)},
               {"requests", std::move(requests)},
               {"outcome", loop::name(decision.outcome)},
               {"words", decision.words},
               {"seconds", decision.seconds},
               {"planned", decision.plan.moves.size()},
               {"moves", std::move(moves)},
               {"gates", gates(decision.admission)}};
  put(json, "requested_by", decision.requested_by);
  put(json, "focus", decision.focus);
  return json;
}

std::map<rules::SegmentId, rules::SizeSource> size_sources(const rules::Plan& plan,
                                                           const rules::Cluster& cluster) {
  std::map<rules::SegmentId, rules::SizeSource> sources;
  for (const auto& move : plan.moves) sources[move.segment];
  for (const auto& segment : cluster.segments) {
    if (const auto it = sources.find(segment.id); it != sources.end()) {
      it->second = segment.size_source;
    }
  }
  return sources;
}

}  // namespace evenkeel::view
