#include "agent/api/endpoints.hpp"

#include <utility>

#include "agent/util/format.hpp"
#include "agent/view/json_writer.hpp"
#include "evenkeel_version.hpp"
#include "rules/explain.hpp"

namespace evenkeel::api {
namespace {

Json flights_of(const loop::Snapshot& snapshot) {
  Json flights = Json::array();
  for (const auto& flight : snapshot.ledger->flights()) {
    flights.push_back({{"segment", to_string(flight.segment)},
                       {"replica", to_string(flight.replica)},
                       {"from", to_string(flight.from)},
                       {"to", to_string(flight.to)},
                       {"bytes", flight.bytes},
                       {"started", view::rfc3339(flight.started)}});
  }
  return flights;
}

Json pause_of(const loop::Pause& pause) {
  Json json = {{"since", view::rfc3339(pause.since)}};
  view::put(json, "reason", pause.reason);
  view::put(json, "by", pause.by);
  if (pause.until) json["until"] = view::rfc3339(*pause.until);
  return json;
}

Json windows_of(const loop::Maintenance& maintenance) {
  const auto& opening = maintenance.opening;
  Json json = {{"open", opening.open},
               {"outside", maintenance.relief_outside ? "relief" : "nothing"}};
  if (opening.until) json["until"] = view::rfc3339(*opening.until);
  if (opening.next) json["next"] = view::rfc3339(*opening.next);
  return json;
}

Json balancer_of(const loop::BuiltinBalancer& balancer) {
  Json json = {{"hold", loop::name(balancer.hold)}};
  if (balancer.by != loop::HeldBy::nothing) json["by"] = loop::name(balancer.by);
  view::put(json, "words", balancer.words);
  if (balancer.since != rules::TimePoint{}) json["since"] = view::rfc3339(balancer.since);
  return json;
}

Json turn_of(const loop::Turn& turn) {
  Json json = {{"standing", loop::name(turn.standing)}};
  view::put(json, "actor", turn.actor);
  view::put(json, "words", turn.words);
  if (turn.term != 0) json["term"] = std::to_string(turn.term);
  if (turn.since != rules::TimePoint{}) json["since"] = view::rfc3339(turn.since);
  return json;
}

Json milvus_of(const loop::Snapshot& snapshot) {
  Json json = view::JsonWriter(*snapshot.cluster, snapshot.policy).milvus(snapshot.untested);
  view::put(json, "name", snapshot.milvus_name);
  view::put(json, "address", snapshot.milvus_address);
  return json;
}

Json progress_of(const loop::Progress& progress) {
  return {{"since", view::rfc3339(progress.since)},
          {"moves", progress.moves},
          {"moves_ended", progress.moves_ended},
          {"bytes", progress.bytes},
          {"bytes_ended", progress.bytes_ended}};
}

Json set_aside_of(const loop::Snapshot& snapshot) {
  Json words = Json::array();
  if (!snapshot.judgement) return words;
  for (const auto& copies : snapshot.judgement->set_aside) words.push_back(rules::words(copies));
  return words;
}

// Lists collections that nodes' metrics name and no list does.
Json unlisted_of(const loop::Snapshot& snapshot) {
  Json unlisted = Json::array();
  for (const auto& each : snapshot.cluster->unlisted) {
    unlisted.push_back({{"collection", to_string(each.id)},
                        {"node", to_string(each.node)},
                        {"bytes", each.bytes}});
  }
  return unlisted;
}

Json targets_of(const loop::Snapshot& snapshot) {
  Json targets = Json::array();
  for (const auto& state : snapshot.targets) {
    Json target = {{"target", state.target}, {"up", state.up}, {"seconds", state.seconds}};
    view::put(target, "problem", state.problem);
    targets.push_back(std::move(target));
  }
  return targets;
}

// Writes a text that changes with every published snapshot, over a restart too.
std::string version_of(const loop::Snapshot& snapshot) {
  return std::to_string(snapshot.started.time_since_epoch().count()) + '.' +
         std::to_string(snapshot.version);
}

}  // namespace

Json status_of(const loop::Snapshot& snapshot, bool read_only) {
  Json status = {{"version", version_of(snapshot)},
                 {"at", view::rfc3339(snapshot.at)},
                 {"started", view::rfc3339(snapshot.started)},
                 {"agent", {{"version", kVersion}, {"revision", kRevision}}},
                 {"auto_balance", snapshot.auto_balance},
                 {"dry_run", snapshot.dry_run},
                 {"paused", snapshot.pause.has_value()},
                 {"acting", snapshot.acting()},
                 {"read_only", read_only},
                 {"coordinator_up", snapshot.coordinator_up},
                 {"balance_interval_seconds", snapshot.balance_interval_seconds}};
  status["builtin_balancer"] = balancer_of(snapshot.builtin_balancer);
  status["turn"] = turn_of(snapshot.turn);
  if (snapshot.pause) status["pause"] = pause_of(*snapshot.pause);
  if (Json drains = drains_of(snapshot); !drains.empty()) status["drains"] = std::move(drains);
  view::put(status, "journal_trouble", snapshot.journal_trouble);
  if (snapshot.maintenance.has_windows) status["windows"] = windows_of(snapshot.maintenance);
  if (snapshot.next_round) status["next_round_at"] = view::rfc3339(*snapshot.next_round);
  view::put(status, "overload_threshold", snapshot.policy.overload_threshold);
  view::put(status, "max_difference", snapshot.policy.max_difference);
  view::put(status, "stop_difference",
            snapshot.policy.max_difference * snapshot.policy.difference_stop);
  status["milvus"] = milvus_of(snapshot);
  if (snapshot.progress) status["round"] = progress_of(*snapshot.progress);
  status["unlisted_collections"] = unlisted_of(snapshot);
  status["moves_in_flight"] = flights_of(snapshot);
  status["problems"] = rules::texts(snapshot.cluster->problems);
  status["set_aside"] = set_aside_of(snapshot);
  status["targets"] = targets_of(snapshot);
  if (!snapshot.decisions.empty()) {
    const auto& newest = *snapshot.decisions.front();
    status["newest"] = {{"id", std::to_string(newest.id)},
                        {"outcome", loop::name(newest.outcome)},
                        {"words", newest.words}};
  }
  return status;
}

}  // namespace evenkeel::api
