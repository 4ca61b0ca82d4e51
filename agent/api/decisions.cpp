#include "agent/api/decisions.hpp"

#include <algorithm>

#include "agent/api/move_json.hpp"
#include "rules/explain.hpp"

namespace evenkeel::api {
namespace {

Json record_json(const loop::MoveRecord& record, telemetry::CollectionNames& names) {
  Json json = json_of(record.move, names);
  json["result"] = loop::name(record.result);
  put(json, "detail", record.detail);
  json["started"] = rfc3339(record.started);
  json["finished"] = rfc3339(record.finished);
  return json;
}

Json decision_json(const loop::Decision& decision, telemetry::CollectionNames& names) {
  Json moves = Json::array();
  for (const auto& record : decision.moves) moves.push_back(record_json(record, names));
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
               {"gates", gates_of(decision.admission)}};
  put(json, "requested_by", decision.requested_by);
  put(json, "focus", decision.focus);
  return json;
}

}  // namespace

Json gates_of(const rules::Admission& admission) {
  Json json = Json::array();
  for (const auto& verdict : admission.gates) {
    Json gate = {{"gate", rules::name(verdict.gate)}, {"open", verdict.open}};
    put(gate, "detail", verdict.detail);
    json.push_back(std::move(gate));
  }
  return json;
}

Json decisions_of(const loop::Snapshot& snapshot, std::size_t limit) {
  telemetry::CollectionNames names(*snapshot.cluster);
  Json decisions = Json::array();
  const auto count = std::min(limit, snapshot.decisions.size());
  for (std::size_t i = 0; i < count; ++i) {
    decisions.push_back(decision_json(*snapshot.decisions[i], names));
  }
  return {{"decisions", std::move(decisions)}};
}

}  // namespace evenkeel::api
