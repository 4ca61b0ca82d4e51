// How long /metrics of a large cluster takes to write: 1,000 nodes, 20 collections on each. And how
// long its largest part takes by our own writer, and by prometheus-cpp's.

#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/telemetry/exposition_text.hpp"
#include "agent/telemetry/telemetry.hpp"

namespace {

using namespace evenkeel;

constexpr int kCollections = 20;
constexpr int kSegmentsOfACollectionOnANode = 5;

loop::Snapshot large_snapshot(std::int64_t nodes) {
  const rules::TimePoint now(std::chrono::seconds(1'700'000'000));
  auto cluster = std::make_shared<rules::Cluster>();
  auto judgement = std::make_shared<rules::Judgement>();
  for (int c = 0; c < kCollections; ++c) {
    auto& collection = cluster->collections.emplace_back();
    collection.id = rules::CollectionId{470641382500597800 + c};
    collection.name = "collection_" + std::to_string(c);
  }
  std::int64_t segment_id = 470641044885740000;
  for (std::int64_t n = 0; n < nodes; ++n) {
    auto& node = cluster->nodes.emplace_back();
    node.id = rules::NodeId{n + 1};
    node.address = "10.0." + std::to_string(n / 250) + '.' + std::to_string(n % 250) + ":21123";
    node.used = 12'345'678'901 + n;
    node.capacity = rules::Bytes{16} << 30;
    node.sampled_at = now;
    node.health = rules::NodeHealth::up;
    auto& verdict = judgement->nodes.emplace_back();
    verdict.id = node.id;
    verdict.state = rules::NodeState::fine;
    verdict.expected = node.used;
    for (const auto& collection : cluster->collections) {
      for (int s = 0; s < kSegmentsOfACollectionOnANode; ++s) {
        auto& segment = cluster->segments.emplace_back();
        segment.id = rules::SegmentId{++segment_id};
        segment.collection = collection.id;
        segment.node = node.id;
        segment.rows = 123'456;
        segment.bytes = 66'172'416;
      }
    }
  }
  loop::Snapshot snapshot;
  snapshot.cluster = cluster;
  snapshot.judgement = judgement;
  return snapshot;
}

void exposition(benchmark::State& state) {
  const auto snapshot = large_snapshot(state.range(0));
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto text = telemetry::exposition(&snapshot, {});
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["text_bytes"] = static_cast<double>(bytes);
}
// A gauge for each node and collection.
prometheus::MetricFamily large_family(std::int64_t nodes) {
  auto family = telemetry::gauges("evenkeel_node_collection_bytes",
                                  "Estimated memory of the collection's segments on the node.");
  for (std::int64_t n = 0; n < nodes; ++n) {
    for (int c = 0; c < kCollections; ++c) {
      telemetry::add(family, 66'172'416.0 * static_cast<double>(n % 9 + 1),
                     {telemetry::label("node_id", std::to_string(n + 1)),
                      telemetry::label("collection", "collection_" + std::to_string(c))});
    }
  }
  return family;
}

void our_writer(benchmark::State& state) {
  const auto family = large_family(state.range(0));
  for (auto _ : state) {
    telemetry::ExpositionText text;
    text.add(family);
    benchmark::DoNotOptimize(std::move(text).text().data());
  }
}
BENCHMARK(our_writer)->Arg(1000)->Unit(benchmark::kMillisecond);

void text_serializer(benchmark::State& state) {
  const std::vector families{large_family(state.range(0))};
  for (auto _ : state) {
    benchmark::DoNotOptimize(prometheus::TextSerializer().Serialize(families).data());
  }
}
BENCHMARK(text_serializer)->Arg(1000)->Unit(benchmark::kMillisecond);

BENCHMARK(exposition)->Arg(3)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
