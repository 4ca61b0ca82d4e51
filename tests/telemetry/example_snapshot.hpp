#pragma once
// A snapshot with something of everything: three nodes (one overloaded, one dead, one fine), two
// collections, a decision that moved.

#include <memory>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"

namespace evenkeel::loop {

inline constexpr rules::Bytes kMiB = rules::Bytes{1} << 20;

inline rules::TimePoint at_second(std::int64_t seconds) {
  return rules::TimePoint(std::chrono::seconds(seconds));
}

inline rules::Cluster example_cluster() {
  using namespace rules;
  Cluster cluster;
  cluster.observed_at = at_second(1'700'000'000);
  cluster.coordinator_complete = true;
  cluster.nodes = {
      {.id = NodeId{3},
       .address = "10.0.0.3:21123",
       .used = 950 * kMiB,
       .capacity = 1000 * kMiB,
       .capacity_source = CapacitySource::coordinator,
       .sampled_at = at_second(1'700'000'000),
       .health = NodeHealth::up,
       .problem = ""},
      {.id = NodeId{12},
       .address = "10.0.0.12:21123",
       .used = 200 * kMiB,
       .capacity = 1000 * kMiB,
       .capacity_source = CapacitySource::coordinator,
       .sampled_at = at_second(1'699'999'900),
       .health = NodeHealth::unreachable,
       .problem = "connection refused"},
      {.id = NodeId{4},
       .address = "10.0.0.4:21123",
       .used = 400 * kMiB,
       .capacity = 1000 * kMiB,
       .capacity_source = CapacitySource::coordinator,
       .sampled_at = at_second(1'700'000'001),
       .health = NodeHealth::up,
       .problem = ""},
  };
  cluster.collections = {
      {.id = CollectionId{100}, .name = "book", .complete = true, .problem = ""},
      {.id = CollectionId{200}, .name = "film", .complete = true, .problem = ""}};
  cluster.replicas = {{.id = ReplicaId{470641382500597818},
                       .collection = CollectionId{100},
                       .resource_group = "__default_resource_group",
                       .nodes = {NodeId{3}, NodeId{4}, NodeId{12}}}};
  const auto segment = [](std::int64_t id, std::int64_t collection, std::int64_t node) {
    return Segment{.id = SegmentId{id},
                   .collection = CollectionId{collection},
                   .partition = PartitionId{1},
                   .replica = ReplicaId{470641382500597818},
                   .node = NodeId{node},
                   .rows = 1000,
                   .bytes = 10 * kMiB,
                   .size_source = SizeSource::learned,
                   .state = SegmentState::sealed};
  };
  cluster.segments = {segment(1, 100, 3), segment(2, 200, 3), segment(3, 100, 3),
                      segment(4, 100, 4)};
  return cluster;
}

inline rules::Judgement example_judgement() {
  using namespace rules;
  Judgement judgement;
  judgement.coordinator_complete = true;
  judgement.nodes = {
      {.id = NodeId{3},
       .state = NodeState::overloaded,
       .reason = Reason::none,
       .used = 950 * kMiB,
       .expected = 960 * kMiB,
       .capacity = 1000 * kMiB,
       .ratio = 0.96,
       .samples = 3,
       .unexplained = 100 * kMiB,
       .kept_free = 20 * kMiB},
      {.id = NodeId{4},
       .state = NodeState::fine,
       .reason = Reason::none,
       .used = 400 * kMiB,
       .expected = 400 * kMiB,
       .capacity = 1000 * kMiB,
       .ratio = 0.4,
       .samples = 3,
       .growth = Growth{.lowest = 100'000, .likely = 200'000, .highest = 250'000},
       .forecast = Forecast{.likely = at_second(1'700'002'620),
                            .earliest = at_second(1'700'002'100),
                            .latest = at_second(1'700'005'240)}},
      {.id = NodeId{12}, .state = NodeState::cannot_judge, .reason = Reason::node_unreachable}};
  judgement.replicas = {{.id = ReplicaId{470641382500597818},
                         .collection = CollectionId{100},
                         .state = ReplicaState::difference,
                         .reason = Reason::none,
                         .highest = NodeId{3},
                         .lowest = NodeId{4},
                         .highest_ratio = 0.96,
                         .lowest_ratio = 0.4,
                         .spread = 0.56},
                        {.id = ReplicaId{470641382500599999},
                         .collection = CollectionId{200},
                         .state = ReplicaState::cannot_judge,
                         .reason = Reason::single_node,
                         .highest = std::nullopt,
                         .lowest = std::nullopt}};
  return judgement;
}

inline std::shared_ptr<const Decision> example_decision() {
  Decision decision;
  decision.id = 7;
  decision.at = at_second(1'700'000'002);
  decision.outcome = Outcome::moved;
  decision.words = "moved 1 segment (10.0 MiB) from node 3 to node 4";
  decision.judge_by(example_judgement());
  decision.admission.gates = {{.gate = rules::Gate::auto_balance, .open = true, .detail = ""},
                              {.gate = rules::Gate::data_fresh, .open = false, .detail = "old"}};
  decision.admission.held = {{.move = {}, .gate = rules::Gate::data_fresh}};
  decision.plan.unfixable = {{.urgency = rules::Urgency::overload,
                              .node = rules::NodeId{3},
                              .replica = std::nullopt,
                              .excess = 60 * kMiB,
                              .room_needed = 200 * kMiB}};
  decision.alerts = {{"NodeOverloaded", "c0ffee"}};
  MoveRecord record;
  record.move.segment = rules::SegmentId{1};
  record.move.collection = rules::CollectionId{100};
  record.move.from = rules::NodeId{3};
  record.move.to = rules::NodeId{4};
  record.move.bytes = 10 * kMiB;
  record.move.urgency = rules::Urgency::overload;
  record.result = MoveResult::succeeded;
  record.started = at_second(1'700'000'003);
  record.finished = at_second(1'700'000'005);
  decision.moves = {record};
  decision.seconds = 3.5;
  return std::make_shared<const Decision>(std::move(decision));
}

// One move under way, one segment that has just moved, one that failed too often.
inline rules::Ledger example_ledger(const rules::Policy& policy) {
  using namespace rules;
  const auto flight = [](std::int64_t segment) {
    return Flight{.segment = SegmentId{segment},
                  .replica = ReplicaId{470641382500597818},
                  .from = NodeId{3},
                  .to = NodeId{4},
                  .bytes = 10 * kMiB,
                  .started = at_second(1'700'000'000)};
  };
  Ledger ledger;
  ledger.start(flight(1));
  ledger.land({SegmentId{1}, flight(1).replica}, at_second(1'700'000'005));
  for (int i = 0; i < policy.failures_before_rest; ++i) {
    ledger.start(flight(2));
    ledger.fail({SegmentId{2}, flight(2).replica}, at_second(1'700'000'005), policy);
  }
  ledger.start(flight(3));
  return ledger;
}

inline Snapshot example_snapshot() {
  Snapshot snapshot;
  snapshot.version = 9;
  snapshot.at = at_second(1'700'000'006);
  snapshot.started = at_second(1'699'990'000);
  snapshot.cluster = std::make_shared<const rules::Cluster>(example_cluster());
  snapshot.judgement = std::make_shared<const rules::Judgement>(example_judgement());
  snapshot.decisions = {example_decision()};
  snapshot.coordinator_up = true;
  snapshot.builtin_balancer = {Hold::held, "by by-dev/config/queryCoord/autoBalance in etcd",
                               at_second(1'699'999'000), HeldBy::etcd};
  snapshot.turn = {Standing::acting, "keel-0", "", 17, at_second(1'699'998'000)};
  snapshot.ledger = std::make_shared<const rules::Ledger>(example_ledger(snapshot.policy));
  snapshot.moves_in_flight = snapshot.ledger->flights().size();
  snapshot.per_segment = 100;
  snapshot.maintenance = {
      .has_windows = true,
      .opening = {.until = at_second(1'700'003'600), .next = at_second(1'700'086'400)}};
  snapshot.alert_decisions = {{{"NodeOverloaded", "c0ffee"}, at_second(1'700'000'002)}};
  snapshot.last_reload = at_second(1'699'990'000);
  snapshot.targets = {
      {.target = "http://10.0.0.3:9091/metrics", .up = true, .seconds = 0.025, .problem = ""},
      {.target = "http://10.0.0.12:9091/metrics",
       .up = false,
       .seconds = 5,
       .problem = "connection refused"}};
  snapshot.last_move = at_second(1'700'000'005);
  return snapshot;
}

// What an agent with that snapshot may have counted.
inline std::shared_ptr<const Instruments> example_instruments() {
  auto instruments = std::make_shared<Instruments>();
  const auto round = [&](Outcome outcome, Trigger trigger, double seconds) {
    Decision decision;
    decision.outcome = outcome;
    decision.trigger = trigger;
    decision.seconds = seconds;
    instruments->round_ended(decision);
  };
  round(Outcome::moved, Trigger::alert, 3);
  for (int i = 0; i < 5; ++i) round(Outcome::balanced, Trigger::interval, 0.25);
  for (int i = 0; i < 4; ++i) instruments->stage_ended(Stage::plan, 0.125);
  const MoveRecord record = example_decision()->moves.front();
  for (int i = 0; i < 3; ++i) instruments->move_planned(record.move);
  instruments->move_started(record.move);
  instruments->move_ended(record);
  for (int i = 0; i < 2; ++i) instruments->move_undone(record.move.bytes);
  instruments->moved_by_others({.segment = record.move.segment,
                                .collection = record.move.collection,
                                .from = record.move.to,
                                .to = record.move.from,
                                .bytes = record.move.bytes,
                                .reverses = true});
  for (int i = 0; i < 20; ++i) {
    instruments->scraped("http://10.0.0.3:9091/metrics", "");
    instruments->scraped("http://10.0.0.12:9091/metrics", i < 4 ? "connect" : "");
    instruments->scraped("http://10.0.0.99:9091/metrics", "");
  }
  instruments->keep_targets({"http://10.0.0.3:9091/metrics", "http://10.0.0.12:9091/metrics"});
  instruments->expect_coordinator_failure("refused");
  for (int i = 0; i < 42; ++i) instruments->coordinator_called(i < 2 ? "transport" : "");
  instruments->reloaded(true);
  instruments->reloaded(false);
  for (int i = 0; i < 2; ++i) instruments->requested(RequestKind::pause);
  instruments->alerts_came(AlertResult::duplicate, 3);
  return instruments;
}

}  // namespace evenkeel::loop
