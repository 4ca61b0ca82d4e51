// How long /metrics of a large cluster takes to write: 1,000 nodes, 20 collections on each.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

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
    const auto text = telemetry::exposition(snapshot);
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["text_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(exposition)->Arg(3)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
