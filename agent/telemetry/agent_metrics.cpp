#include <algorithm>
#include <array>
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

constexpr std::array kUrgencies{Urgency::overload, Urgency::difference};
constexpr std::array kResults{MoveResult::succeeded, MoveResult::failed, MoveResult::unknown,
                              MoveResult::gone};

void add_gauge(ExpositionText& out, std::string name, std::string help, double value) {
  auto family = gauges(std::move(name), std::move(help));
  add(family, value);
  out.add(family);
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
  add_gauge(out, "evenkeel_balance_interval_seconds", "Time from one round to the next.",
            snapshot.balance_interval_seconds);
  add_gauge(out, "evenkeel_auto_balance_enabled",
            "Whether the agent may move segments of its own accord.",
            snapshot.auto_balance ? 1 : 0);
  add_gauge(out, "evenkeel_dry_run", "Whether the agent runs without moving anything.",
            snapshot.dry_run ? 1 : 0);
}

void add_rounds(ExpositionText& out, const Snapshot& snapshot) {
  auto decisions = counters("evenkeel_decisions_total", "Rounds, by how they ended.");
  std::uint64_t rounds = 0;
  for (const auto outcome : loop::kOutcomes) {
    const auto counted = snapshot.totals.rounds.find(outcome);
    const auto count = counted == snapshot.totals.rounds.end() ? 0 : counted->second;
    add(decisions, static_cast<double>(count), {label("outcome", loop::name(outcome))});
    rounds += count;
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
}

void add_moves(ExpositionText& out, const Snapshot& snapshot) {
  auto moves = counters("evenkeel_moves_total", "Moved segments, by why and how it ended.");
  auto bytes = counters("evenkeel_moved_bytes_total",
                        "Estimated bytes of moved segments, by why and how it ended.");
  for (const auto urgency : kUrgencies) {
    for (const auto result : kResults) {
      const Labels labels{label("urgency", rules::name(urgency)),
                          label("result", loop::name(result))};
      const auto found = snapshot.totals.moves.find({urgency, result});
      const auto tally = found == snapshot.totals.moves.end() ? loop::MoveTally{} : found->second;
      add(moves, static_cast<double>(tally.moves), labels);
      add(bytes, static_cast<double>(tally.bytes), labels);
    }
  }
  out.add(moves);
  out.add(bytes);
  add_counter(out, "evenkeel_moves_planned_total", "Moves that plans contained.",
              snapshot.totals.moves_planned);
  add_counter(out, "evenkeel_moves_started_total", "Moves that were sent to the coordinator.",
              snapshot.totals.moves_started);
  add_gauge(out, "evenkeel_moves_in_flight",
            "Moves sent whose end the distribution has not shown yet.",
            static_cast<double>(snapshot.moves_in_flight));
}

// When the last move of the newest decision that moved anything ended.
rules::TimePoint last_move(const Snapshot& snapshot) {
  for (const auto& decision : snapshot.decisions) {
    if (decision->moves.empty()) continue;
    rules::TimePoint last = decision->at;
    for (const auto& move : decision->moves) last = std::max(last, move.finished);
    return last;
  }
  return {};
}

void add_newest_decision(ExpositionText& out, const Snapshot& snapshot) {
  auto decided = gauges("evenkeel_last_decision_timestamp_seconds",
                        "When the newest round began, since the epoch.");
  auto moved = gauges("evenkeel_last_move_timestamp_seconds",
                      "When the newest move ended, since the epoch; absent where none of the kept "
                      "decisions moved anything.");
  auto gates = gauges("evenkeel_gate_open",
                      "Whether the gate let the newest round's moves through; absent before a "
                      "plan was held against the gates.");
  if (!snapshot.decisions.empty()) {
    const auto& newest = *snapshot.decisions.front();
    add(decided, seconds_since_epoch(newest.at));
    for (const auto& verdict : newest.admission.gates) {
      add(gates, verdict.open ? 1 : 0, {label("gate", rules::name(verdict.gate))});
    }
  }
  if (const auto at = last_move(snapshot); at != rules::TimePoint{}) {
    add(moved, seconds_since_epoch(at));
  }
  for (const auto* family : {&decided, &moved, &gates}) out.add(*family);
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

}  // namespace

void add_agent_metrics(ExpositionText& out, const Snapshot& snapshot) {
  add_knobs(out, snapshot);
  add_rounds(out, snapshot);
  add_moves(out, snapshot);
  add_newest_decision(out, snapshot);
  add_scrapes(out, snapshot);
  add_coordinator(out, snapshot);
  add_reloads(out, snapshot);
}

}  // namespace evenkeel::telemetry
