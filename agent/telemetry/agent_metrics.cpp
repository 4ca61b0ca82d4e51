#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "agent/telemetry/metrics.hpp"
#include "rules/explain.hpp"

namespace evenkeel::telemetry {
namespace {

using loop::MoveResult;
using loop::Snapshot;
using rules::Urgency;

constexpr std::array kResults{MoveResult::succeeded, MoveResult::failed, MoveResult::unknown,
                              MoveResult::gone};

// What was counted for the key; nothing where it has not happened yet.
template <typename Map>
typename Map::mapped_type counted(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

void add_counter(ExpositionText& out, std::string name, std::string help, std::uint64_t value) {
  auto family = counters(std::move(name), std::move(help));
  add(family, static_cast<double>(value));
  out.add(family);
}

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
  add_gauge(out, "evenkeel_acting",
            "Whether the agent moves what it plans: not a dry run, not paused, auto balance on.",
            snapshot.acting() ? 1 : 0);
}

void add_rounds(ExpositionText& out, const Snapshot& snapshot) {
  auto decisions =
      counters("evenkeel_decisions_total", "Rounds, by how they ended and what made them.");
  std::uint64_t rounds = 0;
  for (const auto outcome : loop::kOutcomes) {
    for (const auto trigger : loop::kTriggers) {
      const auto count = counted(snapshot.totals.rounds, {outcome, trigger});
      add(decisions, static_cast<double>(count),
          {label("outcome", loop::name(outcome)), label("trigger", loop::name(trigger))});
      rounds += count;
    }
  }
  out.add(decisions);
  add_counter(out, "evenkeel_rounds_total", "Rounds since the start.", rounds);

  prometheus::MetricFamily duration{.name = "evenkeel_round_duration_seconds",
                                    .help = "Time that rounds took, moves included.",
                                    .type = prometheus::MetricType::Summary,
                                    .metric = {{}}};
  duration.metric.front().summary = {
      .sample_count = rounds, .sample_sum = snapshot.totals.round_seconds, .quantile = {}};
  out.add(duration);

  prometheus::MetricFamily stages{.name = "evenkeel_round_stage_duration_seconds",
                                  .help =
                                      "Time that the stages of rounds took; what is observed "
                                      "and judged between rounds is counted, too.",
                                  .type = prometheus::MetricType::Summary,
                                  .metric = {}};
  for (const auto stage : loop::kStages) {
    const auto tally = counted(snapshot.totals.stages, stage);
    auto& metric = stages.metric.emplace_back();
    metric.label = {label("stage", loop::name(stage))};
    metric.summary = {.sample_count = tally.times, .sample_sum = tally.seconds, .quantile = {}};
  }
  out.add(stages);
}

using Tallies = std::map<Urgency, loop::MoveTally>;

void add_tallies(ExpositionText& out, const std::string& what, const std::string& which,
                 const Tallies& tallies) {
  auto moves = counters("evenkeel_moves_" + what + "_total", "Moves " + which + ", by why.");
  auto bytes = counters("evenkeel_" + what + "_bytes_total",
                        "Estimated bytes of moves " + which + ", by why.");
  for (const auto urgency : kCauses) {
    const auto tally = counted(tallies, urgency);
    add(moves, static_cast<double>(tally.moves), {label("urgency", rules::name(urgency))});
    add(bytes, static_cast<double>(tally.bytes), {label("urgency", rules::name(urgency))});
  }
  out.add(moves);
  out.add(bytes);
}

void add_moves(ExpositionText& out, const Snapshot& snapshot) {
  auto moves = counters("evenkeel_moves_total", "Moved segments, by why and how it ended.");
  auto bytes = counters("evenkeel_moved_bytes_total",
                        "Estimated bytes of moved segments, by why and how it ended.");
  for (const auto urgency : kCauses) {
    for (const auto result : kResults) {
      const Labels labels{label("urgency", rules::name(urgency)),
                          label("result", loop::name(result))};
      const auto tally = counted(snapshot.totals.moves, {urgency, result});
      add(moves, static_cast<double>(tally.moves), labels);
      add(bytes, static_cast<double>(tally.bytes), labels);
    }
  }
  out.add(moves);
  out.add(bytes);
  add_tallies(out, "planned", "that plans contained", snapshot.totals.planned);
  add_tallies(out, "started", "that were sent to the coordinator", snapshot.totals.started);
  add_counter(out, "evenkeel_moves_undone_total", "Moves of ours that somebody else has reversed.",
              snapshot.totals.undone.moves);
  add_counter(out, "evenkeel_undone_bytes_total", "Estimated bytes of them.",
              static_cast<std::uint64_t>(snapshot.totals.undone.bytes));
}

// What the ledger remembers of moves under way and moves done.
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
            "Moves sent whose end the distribution has not shown yet.",
            static_cast<double>(snapshot.moves_in_flight));
  add_gauge(out, "evenkeel_in_flight_bytes", "Estimated bytes of them.",
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
                      "Whether the gate let the newest round's moves through; absent before a "
                      "plan was held against the gates.");
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
  // A target that is read no more goes with its counters, like every other series about it.
  std::set<std::string_view> targets;
  for (const auto& state : snapshot.targets) {
    if (!targets.insert(state.target).second) continue;
    add(up, state.up ? 1 : 0, {label("target", state.target)});
    add(duration, state.seconds, {label("target", state.target)});
  }

  auto scrapes = counters("evenkeel_scrapes_total", "Times the target was read.");
  for (const auto& [target, count] : snapshot.totals.scrapes) {
    if (!targets.contains(target)) continue;
    add(scrapes, static_cast<double>(count), {label("target", target)});
  }
  auto failures = counters("evenkeel_scrape_failures_total",
                           "Times the target could not be read, by what was wrong.");
  for (const auto& [key, count] : snapshot.totals.scrape_failures) {
    if (!targets.contains(key.first)) continue;
    add(failures, static_cast<double>(count),
        {label("target", key.first), label("kind", key.second)});
  }
  for (const auto* family : {&up, &duration, &scrapes, &failures}) out.add(*family);
}

void add_coordinator(ExpositionText& out, const Snapshot& snapshot) {
  add_gauge(out, "evenkeel_coordinator_up", "Whether the coordinator answered the last time.",
            snapshot.coordinator_up ? 1 : 0);
  add_counter(out, "evenkeel_coordinator_calls_total", "Calls sent to the coordinator.",
              snapshot.totals.coordinator_calls);
  auto failures = counters("evenkeel_coordinator_failures_total",
                           "Calls to the coordinator that failed, by what was wrong.");
  for (const auto& [kind, count] : snapshot.totals.coordinator_failures) {
    add(failures, static_cast<double>(count), {label("kind", kind)});
  }
  out.add(failures);
}

void add_reloads(ExpositionText& out, const Snapshot& snapshot) {
  add_counter(out, "evenkeel_config_reloads_total", "Reloads of the configuration.",
              snapshot.totals.reloads);
  add_counter(out, "evenkeel_config_reload_failures_total",
              "Reloads that failed and kept the old configuration.",
              snapshot.totals.failed_reloads);
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

void add_requests(ExpositionText& out, const Snapshot& snapshot) {
  auto requests = counters("evenkeel_requests_total", "Requests that were taken, by their kind.");
  for (const auto kind : loop::kRequestKinds) {
    add(requests, static_cast<double>(counted(snapshot.totals.requests, kind)),
        {label("kind", loop::name(kind))});
  }
  auto alerts = counters("evenkeel_alerts_total",
                         "Alerts that the webhook was sent, by what became of them.");
  for (const auto result : loop::kAlertResults) {
    add(alerts, static_cast<double>(counted(snapshot.totals.alerts, result)),
        {label("result", loop::name(result))});
  }
  auto decided = gauges("evenkeel_alert_decision_timestamp_seconds",
                        "When the newest round began that the alert asked for, since the epoch; "
                        "of the newest 20 alerts.");
  for (const auto& [alert, at] : snapshot.alert_decisions) {
    add(decided, seconds_since_epoch(at),
        {label("alertname", alert.name), label("fingerprint", alert.fingerprint)});
  }
  for (const auto* family : {&requests, &alerts, &decided}) out.add(*family);
}

}  // namespace

void add_gauge(ExpositionText& out, std::string name, std::string help, double value) {
  auto family = gauges(std::move(name), std::move(help));
  add(family, value);
  out.add(family);
}

void add_agent_metrics(ExpositionText& out, const Snapshot& snapshot) {
  add_knobs(out, snapshot);
  add_rounds(out, snapshot);
  add_moves(out, snapshot);
  add_ledger(out, snapshot);
  add_newest_decision(out, snapshot);
  add_scrapes(out, snapshot);
  add_coordinator(out, snapshot);
  add_reloads(out, snapshot);
  add_requests(out, snapshot);
}

}  // namespace evenkeel::telemetry
