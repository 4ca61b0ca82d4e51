#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "agent/telemetry/metrics.hpp"
#include "rules/explain.hpp"

namespace evenkeel::telemetry {
namespace {

using loop::Snapshot;

void add_knobs(ExpositionText& out, const Snapshot& snapshot) {
  add_gauge(out, "evenkeel_overload_threshold_ratio",
            "Share of its capacity above which a node is overloaded.",
            snapshot.policy.overload_threshold);
  add_gauge(out, "evenkeel_max_difference_ratio",
            "Spread of a replica's nodes above which it is levelled.",
            snapshot.policy.max_difference);
  add_gauge(out, "evenkeel_stop_difference_ratio", "Spread down to which a replica is levelled.",
            snapshot.policy.max_difference * snapshot.policy.difference_stop);
  add_gauge(out, "evenkeel_balance_interval_seconds", "Time from one round to the next.",
            snapshot.balance_interval_seconds);
  add_gauge(out, "evenkeel_auto_balance_enabled",
            "Whether the agent may move segments of its own accord.",
            snapshot.auto_balance ? 1 : 0);
  add_gauge(out, "evenkeel_dry_run", "Whether the agent runs without moving anything.",
            snapshot.dry_run ? 1 : 0);
  add_gauge(out, "evenkeel_paused", "Whether somebody has paused the agent: nothing is moved.",
            snapshot.pause ? 1 : 0);
  add_gauge(
      out, "evenkeel_acting",
      "Whether the agent moves what it plans: not a dry run, not paused, auto balance on, its "
      "turn, and inside a maintenance window if everything waits for one.",
      snapshot.acting() ? 1 : 0);
  add_gauge(out, "evenkeel_journal_writable",
            "Whether what the agent does can be written down: else nothing is moved.",
            snapshot.journal_trouble.empty() ? 1 : 0);
}

void add_windows(ExpositionText& out, const Snapshot& snapshot) {
  const auto& opening = snapshot.maintenance.opening;
  add_gauge(out, "evenkeel_window_open",
            "Whether a maintenance window is open, or there are none: replicas are levelled.",
            opening.open ? 1 : 0);
  auto closes =
      gauges("evenkeel_window_close_timestamp_seconds",
             "When the open maintenance window closes, since the epoch; absent where none "
             "is open or it does not close within two weeks.");
  auto next = gauges("evenkeel_next_window_timestamp_seconds",
                     "When the next maintenance window opens, since the epoch; absent where none "
                     "does within two weeks.");
  if (opening.until) add(closes, seconds_since_epoch(*opening.until));
  if (opening.next) add(next, seconds_since_epoch(*opening.next));
  for (const auto* family : {&closes, &next}) out.add(*family);
}

// One series a state, of which one is 1: an alert may wait for any.
void add_builtin_balancer(ExpositionText& out, const Snapshot& snapshot) {
  auto states = gauges("evenkeel_builtin_balancer_hold",
                       "Whether Milvus's own balancer is in this state: quiet or active, held off "
                       "by the agent or somebody else, released, ignored, or to be held off, which "
                       "failed.");
  for (const auto hold : loop::kHolds) {
    add(states, snapshot.builtin_balancer.hold == hold ? 1 : 0, {label("state", loop::name(hold))});
  }
  out.add(states);
  auto ways = gauges("evenkeel_builtin_balancer_held_by",
                     "Whether the agent holds Milvus's own balancer off in this way: by a key in "
                     "Milvus's etcd, or by balance/suspend.");
  for (const auto by : loop::kHeldBy) {
    if (by == loop::HeldBy::nothing) continue;
    add(ways, snapshot.builtin_balancer.by == by ? 1 : 0, {label("by", loop::name(by))});
  }
  out.add(ways);
}

// One series a standing, of which one is 1; and who acts, as far as this agent knows.
void add_turn(ExpositionText& out, const Snapshot& snapshot) {
  auto standings = gauges("evenkeel_turn",
                          "Whether this agent is the only one, watches another that acts, takes "
                          "over from it, or acts itself.");
  for (const auto standing : loop::kStandings) {
    add(standings, snapshot.turn.standing == standing ? 1 : 0,
        {label("standing", loop::name(standing))});
  }
  auto actor = gauges("evenkeel_turn_info",
                      "Who acts, as far as this agent knows: a host, nobody, or this agent alone.");
  const bool alone = snapshot.turn.standing == loop::Standing::alone;
  const std::string nobody = alone ? "this agent" : "nobody";
  add(actor, 1, {label("actor", snapshot.turn.actor.empty() ? nobody : snapshot.turn.actor)});
  for (const auto* family : {&standings, &actor}) out.add(*family);
}

// Moves under way and segments at rest, from the ledger.
void add_ledger(ExpositionText& out, const Snapshot& snapshot) {
  std::size_t cooling = 0;
  std::size_t resting = 0;
  rules::Bytes bytes = 0;
  if (snapshot.ledger) {
    for (const auto& flight : snapshot.ledger->flights()) bytes += flight.bytes;
    for (const auto& [key, history] : snapshot.ledger->histories()) {
      if (history.resting_until > snapshot.at) ++resting;
      if (history.moves > 0 &&
          history.last_moved + rules::cooldown(history, snapshot.policy) > snapshot.at) {
        ++cooling;
      }
    }
  }
  add_gauge(out, "evenkeel_moves_in_flight",
            "Moves that were sent and have not ended yet, as Milvus's distribution shows.",
            static_cast<double>(snapshot.moves_in_flight));
  add_gauge(out, "evenkeel_in_flight_bytes", "Estimated bytes of the moves in flight.",
            static_cast<double>(bytes));
  add_gauge(out, "evenkeel_segments_cooling_down",
            "Segments that stay where they are, since they moved too recently.",
            static_cast<double>(cooling));
  add_gauge(out, "evenkeel_segments_resting",
            "Segments that stay where they are, since they failed to move too often.",
            static_cast<double>(resting));
}

void add_newest_decision(ExpositionText& out, const Snapshot& snapshot) {
  auto decided = gauges("evenkeel_last_decision_timestamp_seconds",
                        "When the newest round began, since the epoch.");
  auto moved = gauges("evenkeel_last_move_timestamp_seconds",
                      "When the newest move ended, since the epoch; absent before the first.");
  auto gates = gauges("evenkeel_gate_open",
                      "Whether the gate let the newest round's moves through; absent before the "
                      "gates saw a plan.");
  auto held = gauges("evenkeel_held_moves", "Moves of the newest round that the gate held back.");
  if (!snapshot.decisions.empty()) {
    const auto& newest = *snapshot.decisions.front();
    add(decided, seconds_since_epoch(newest.at));
    for (const auto& verdict : newest.admission.gates) {
      const Labels labels{label("gate", rules::name(verdict.gate))};
      add(gates, verdict.open ? 1 : 0, labels);
      add(held,
          static_cast<double>(
              std::count_if(newest.admission.held.begin(), newest.admission.held.end(),
                            [&](const auto& each) { return each.gate == verdict.gate; })),
          labels);
    }
  }
  if (snapshot.last_move != rules::TimePoint{}) {
    add(moved, seconds_since_epoch(snapshot.last_move));
  }
  for (const auto* family : {&decided, &moved, &gates, &held}) out.add(*family);
}

void add_scrapes(ExpositionText& out, const Snapshot& snapshot) {
  auto up = gauges("evenkeel_scrape_up", "Whether the target's last scrape gave its figures.");
  auto duration = gauges("evenkeel_scrape_duration_seconds", "Time the target's last scrape took.");
  std::set<std::string_view> targets;
  for (const auto& state : snapshot.targets) {
    if (!targets.insert(state.target).second) continue;
    add(up, state.up ? 1 : 0, {label("target", state.target)});
    add(duration, state.seconds, {label("target", state.target)});
  }
  for (const auto* family : {&up, &duration}) out.add(*family);
  add_gauge(out, "evenkeel_coordinator_up",
            "1 if Milvus's proxy answered every question the last time, 0 if not.",
            snapshot.coordinator_up ? 1 : 0);
}

void add_reloads(ExpositionText& out, const Snapshot& snapshot) {
  add_gauge(out, "evenkeel_config_last_reload_successful",
            "Whether the last reload of the configuration succeeded.",
            snapshot.last_reload_ok ? 1 : 0);
  auto succeeded = gauges("evenkeel_config_last_reload_success_timestamp_seconds",
                          "When the configuration was last loaded, since the epoch.");
  if (snapshot.last_reload != rules::TimePoint{}) {
    add(succeeded, seconds_since_epoch(snapshot.last_reload));
  }
  out.add(succeeded);
}

void add_alerts(ExpositionText& out, const Snapshot& snapshot) {
  auto decided = gauges("evenkeel_alert_decision_timestamp_seconds",
                        "When the newest round began that the alert asked for, since the epoch; "
                        "of the newest 20 alerts.");
  for (const auto& [alert, at] : snapshot.alert_decisions) {
    add(decided, seconds_since_epoch(at),
        {label("alertname", alert.name), label("fingerprint", alert.fingerprint)});
  }
  out.add(decided);
}

}  // namespace

void add_gauge(ExpositionText& out, std::string name, std::string help, double value) {
  auto family = gauges(std::move(name), std::move(help));
  add(family, value);
  out.add(family);
}

void add_agent_metrics(ExpositionText& out, const Snapshot& snapshot) {
  add_knobs(out, snapshot);
  add_windows(out, snapshot);
  add_builtin_balancer(out, snapshot);
  add_turn(out, snapshot);
  add_ledger(out, snapshot);
  add_newest_decision(out, snapshot);
  add_scrapes(out, snapshot);
  add_reloads(out, snapshot);
  add_alerts(out, snapshot);
}

}  // namespace evenkeel::telemetry
