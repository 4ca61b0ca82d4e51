#include "agent/loop/instruments.hpp"

#include <array>
#include <chrono>

#include "rules/explain.hpp"

namespace evenkeel::loop {
namespace {

using prometheus::Labels;
using rules::Urgency;

constexpr std::array kCauses{Urgency::overload, Urgency::drain, Urgency::difference,
                             Urgency::asked};
constexpr std::array kResults{MoveResult::succeeded, MoveResult::failed, MoveResult::unknown,
                              MoveResult::gone};
// The usual failures of a scrape, which have a series from the start.
constexpr std::array kUsualFailures{"connect", "timeout", "status", "malformed"};

// Bucket bounds, from a stage without I/O to a round that moves large segments.
prometheus::Histogram::BucketBoundaries seconds() {
  return {0.001, 0.01, 0.1, 1, 3, 10, 30, 100, 300};
}

Labels labelled(const char* key, std::string_view value) {
  return {{key, std::string(value)}};
}
Labels of(Urgency urgency) {
  return labelled("urgency", rules::name(urgency));
}
Labels of(Urgency urgency, MoveResult result) {
  return {{"urgency", std::string(rules::name(urgency))}, {"result", std::string(name(result))}};
}
Labels of(Outcome outcome, Trigger trigger) {
  return {{"outcome", std::string(name(outcome))}, {"trigger", std::string(name(trigger))}};
}
Labels of(const std::string& target, std::string_view failure) {
  return {{"target", target}, {"kind", std::string(failure)}};
}
Labels foreign_of(rules::NodeId node, const char* direction) {
  return {{"node_id", rules::number(node)}, {"direction", direction}};
}

}  // namespace

void Instruments::Moves::add(const Labels& labels, rules::Bytes more) {
  moves.Add(labels).Increment();
  bytes.Add(labels).Increment(static_cast<double>(more));
}

Instruments::Counters& Instruments::counters(const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
}

Instruments::Histograms& Instruments::histograms(const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_);
}

Instruments::Instruments()
    : rounds_(counters("evenkeel_rounds_total", "Rounds since the start.").Add({})),
      decisions_(
          counters("evenkeel_decisions_total", "Rounds, by how they ended and what made them.")),
      round_seconds_(
          histograms("evenkeel_round_duration_seconds", "Time that rounds took, moves included.")
              .Add({}, seconds())),
      planned_{counters("evenkeel_moves_planned_total", "Moves that plans contained, by why."),
               counters("evenkeel_planned_bytes_total",
                        "Estimated bytes of moves that plans contained, by why.")},
      started_{counters("evenkeel_moves_started_total", "Moves that were sent to Milvus, by why."),
               counters("evenkeel_started_bytes_total",
                        "Estimated bytes of moves that were sent to Milvus, by why.")},
      ended_{counters("evenkeel_moves_total", "Moved segments, by why and how it ended."),
             counters("evenkeel_moved_bytes_total",
                      "Estimated bytes of moved segments, by why and how it ended.")},
      undone_{counters("evenkeel_moves_undone_total",
                       "Moves of the agent that somebody else has reversed."),
              counters("evenkeel_undone_bytes_total",
                       "Estimated bytes of moves of the agent that somebody else has reversed.")},
      foreign_{counters("evenkeel_foreign_moves_total",
                        "Segments that somebody else has moved, by the node they left or came to."),
               counters("evenkeel_foreign_bytes_total",
                        "Estimated bytes of segments that somebody else has moved, by the node "
                        "they left or came to.")},
      scrapes_(counters("evenkeel_scrapes_total", "Times the target was read.")),
      scrape_failures_(counters("evenkeel_scrape_failures_total",
                                "Times the target could not be read, by what was wrong.")),
      coordinator_calls_(
          counters("evenkeel_coordinator_calls_total", "Calls sent to Milvus's proxy.").Add({})),
      coordinator_failures_(counters("evenkeel_coordinator_failures_total",
                                     "Calls to Milvus's proxy that failed, by what was wrong.")),
      reloads_(counters("evenkeel_config_reloads_total", "Reloads of the configuration.").Add({})),
      failed_reloads_(counters("evenkeel_config_reload_failures_total",
                               "Reloads that failed and kept the old configuration.")
                          .Add({})),
      requests_(counters("evenkeel_requests_total", "Requests that were taken, by their kind.")),
      alerts_(counters("evenkeel_alerts_total",
                       "Alerts that the webhook was sent, by what became of them.")) {
  for (const auto outcome : kOutcomes) {
    for (const auto trigger : kTriggers) decisions_.Add(of(outcome, trigger));
  }
  auto& stages = histograms("evenkeel_round_stage_duration_seconds",
                            "Time that the stages of rounds took; what is observed and judged "
                            "between rounds is counted, too.");
  for (const auto stage : kStages) {
    stage_seconds_[stage] = &stages.Add(labelled("stage", name(stage)), seconds());
  }
  auto& moves = histograms("evenkeel_move_duration_seconds",
                           "Time from a move's call to its end, by how it ended.");
  for (const auto result : kResults) {
    move_seconds_[result] = &moves.Add(labelled("result", name(result)), seconds());
    for (const auto urgency : kCauses) {
      ended_.moves.Add(of(urgency, result));
      ended_.bytes.Add(of(urgency, result));
    }
  }
  for (const auto urgency : kCauses) {
    for (auto* family : {&planned_, &started_}) {
      family->moves.Add(of(urgency));
      family->bytes.Add(of(urgency));
    }
  }
  undone_.moves.Add({});
  undone_.bytes.Add({});
  for (const auto kind : kRequestKinds) requests_.Add(labelled("kind", name(kind)));
  for (const auto result : kAlertResults) alerts_.Add(labelled("result", name(result)));
}

void Instruments::round_ended(const Decision& decision) {
  rounds_.Increment();
  decisions_.Add(of(decision.outcome, decision.trigger)).Increment();
  round_seconds_.Observe(decision.seconds);
}

void Instruments::stage_ended(Stage stage, double took) {
  stage_seconds_.at(stage)->Observe(took);
}

void Instruments::move_planned(const rules::Move& move) {
  planned_.add(of(move.urgency), move.bytes);
}

void Instruments::move_started(const rules::Move& move) {
  started_.add(of(move.urgency), move.bytes);
}

void Instruments::move_ended(const MoveRecord& record) {
  ended_.add(of(record.move.urgency, record.result), record.move.bytes);
  const std::chrono::duration<double> took = record.finished - record.started;
  move_seconds_.at(record.result)->Observe(took.count());
}

void Instruments::move_undone(rules::Bytes bytes) {
  undone_.add({}, bytes);
}

void Instruments::moved_by_others(const rules::ForeignMove& move) {
  nodes_.insert({move.from, move.to});
  foreign_.add(foreign_of(move.from, "out"), move.bytes);
  foreign_.add(foreign_of(move.to, "in"), move.bytes);
}

void Instruments::keep_nodes(const std::set<rules::NodeId>& current) {
  for (const rules::NodeId node : current) {
    if (!nodes_.insert(node).second) continue;
    for (const auto* direction : {"in", "out"}) {
      foreign_.moves.Add(foreign_of(node, direction));
      foreign_.bytes.Add(foreign_of(node, direction));
    }
  }
  std::erase_if(nodes_, [&](rules::NodeId node) {
    if (current.contains(node)) return false;
    for (const auto* direction : {"in", "out"}) {
      foreign_.moves.Remove(&foreign_.moves.Add(foreign_of(node, direction)));
      foreign_.bytes.Remove(&foreign_.bytes.Add(foreign_of(node, direction)));
    }
    return true;
  });
}

void Instruments::scraped(const std::string& target, std::string_view failure) {
  Target& counted = targets_[target];
  if (counted.scrapes == nullptr) {
    counted.scrapes = &scrapes_.Add({{"target", target}});
    for (const char* kind : kUsualFailures) {
      counted.failures.emplace(kind, &scrape_failures_.Add(of(target, kind)));
    }
  }
  counted.scrapes->Increment();
  if (failure.empty()) return;
  Counter*& times = counted.failures[std::string(failure)];
  if (times == nullptr) times = &scrape_failures_.Add(of(target, failure));
  times->Increment();
}

void Instruments::keep_targets(const std::set<std::string_view>& current) {
  std::erase_if(targets_, [&](const auto& entry) {
    const auto& [target, counted] = entry;
    if (current.contains(target)) return false;
    scrapes_.Remove(counted.scrapes);
    for (const auto& [kind, times] : counted.failures) scrape_failures_.Remove(times);
    return true;
  });
}

void Instruments::expect_coordinator_failure(std::string_view kind) {
  coordinator_failures_.Add(labelled("kind", kind));
}

void Instruments::coordinator_called(std::string_view failure) {
  coordinator_calls_.Increment();
  if (!failure.empty()) coordinator_failures_.Add(labelled("kind", failure)).Increment();
}

void Instruments::reloaded(bool good) {
  reloads_.Increment();
  if (!good) failed_reloads_.Increment();
}

void Instruments::requested(RequestKind kind) {
  requests_.Add(labelled("kind", name(kind))).Increment();
}

void Instruments::alerts_came(AlertResult result, std::uint64_t times) {
  alerts_.Add(labelled("result", name(result))).Increment(static_cast<double>(times));
}

std::vector<prometheus::MetricFamily> Instruments::Collect() const {
  return registry_.Collect();
}

}  // namespace evenkeel::loop
