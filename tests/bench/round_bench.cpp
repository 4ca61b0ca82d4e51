// A whole round of the agent's reading and judging, over a thousand simulated query nodes with 200
// KB of metrics each. The cluster runs in a process of its own, so that this one's memory and time
// are the agent's alone.
#include "agent/util/asio.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <iostream>
#include <string>

#include "agent/http/client.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/observer.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/milvus/wrapped_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/admit.hpp"
#include "rules/planner/planner.hpp"
#include "tests/bench/served_cluster.hpp"

namespace evenkeel {
namespace {

constexpr int kNodes = 1000;
constexpr int kSegmentsPerNode = 10;
constexpr std::size_t kText = 200'000;  // bytes of metrics a node, at least

demo::World thousand_nodes() {
  demo::World world;
  demo::World::Collection book;
  book.id = rules::CollectionId{1};
  book.name = "book";
  demo::World::Replica replica;
  replica.id = rules::ReplicaId{2};
  for (int n = 1; n <= kNodes; ++n) {
    const rules::NodeId id{n};
    world.nodes.push_back({id, rules::Bytes{16} << 30, rules::Bytes{1} << 30, kText});
    replica.nodes.push_back(id);
    for (int s = 0; s < kSegmentsPerNode; ++s) {
      book.segments.push_back({rules::SegmentId{1'000'000 + n * 100 + s}, 500'000, id});
    }
  }
  book.replicas.push_back(replica);
  world.collections.push_back(std::move(book));
  return world;
}

constexpr int kCollections = 2000;
constexpr int kSegmentsPerCollection = 10;

// Milvus 2.6 with two streaming nodes; each collection lives on every query node.
demo::World two_thousand_collections() {
  demo::World world;
  world.era = demo::Era::v2_6;
  std::vector<rules::NodeId> everywhere;
  for (int n = 1; n <= kNodes; ++n) {
    const rules::NodeId id{n};
    world.nodes.push_back({id, rules::Bytes{16} << 30, rules::Bytes{1} << 30, 0});
    everywhere.push_back(id);
  }
  for (const int n : {kNodes + 1, kNodes + 2}) {
    world.nodes.push_back({rules::NodeId{n}, rules::Bytes{16} << 30, rules::Bytes{1} << 30, 0});
    world.nodes.back().streaming = true;
  }
  bench::add_collections(world, everywhere, kCollections, kSegmentsPerCollection, 500'000);
  return world;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

bench::Served cluster;

void round_over_a_thousand_nodes(benchmark::State& state) {
  asio::io_context io{1};
  http::Client client(io.get_executor());
  milvus::HttpCoordinator coordinator(client, *http::parse_url(cluster.address), {});
  loop::SystemClock clock;
  scrape::HttpScraper scraper(client, {}, [&] { return clock.now(); });
  loop::Instruments instruments;
  loop::Observer observer(
      coordinator, scraper, [&] { return clock.now(); }, instruments);
  settings::Settings settings;
  settings.scrape.targets = cluster.targets;
  rules::Ledger ledger;
  std::size_t up = 0;
  for (auto _ : state) {
    loop::Observation seen;
    asio::co_spawn(
        io, [&]() -> Awaitable<void> { seen = co_await observer.observe(settings); },
        asio::detached);
    io.restart();
    io.run();
    const auto& policy = settings.balance.policy;
    const auto now = clock.now();
    ledger.observe(*seen.cluster, policy);
    const auto judgement = rules::judge(*seen.cluster, policy, ledger, now);
    const auto plan = rules::plan(*seen.cluster, judgement, policy, ledger, now);
    benchmark::DoNotOptimize(rules::admit(*seen.cluster, judgement, plan, policy, ledger, {}, now));
    up = 0;
    for (const auto& node : seen.cluster->nodes) up += node.health == rules::NodeHealth::up ? 1 : 0;
  }
  if (up != kNodes)
    state.SkipWithError(("only " + std::to_string(up) + " nodes were read").c_str());
  state.counters["nodes_read"] = static_cast<double>(up);
  state.counters["peak_MB"] = peak_megabytes();
}

// One look at the cluster; `later`: once it is known already.
void observe_two_thousand_collections(benchmark::State& state, bool later) {
  const auto served = bench::serve_cluster(two_thousand_collections());
  asio::io_context io{1};
  http::Client client(io.get_executor());
  milvus::HttpCoordinator coordinator(client, *http::parse_url(served.address), {});
  std::uint64_t asked = 0;
  milvus::CountedCoordinator counted(coordinator, [&](const milvus::Failure*) { ++asked; });
  loop::SystemClock clock;
  scrape::HttpScraper scraper(client, {}, [&] { return clock.now(); });
  loop::Instruments instruments;
  loop::Observer observer(
      counted, scraper, [&] { return clock.now(); }, instruments);
  settings::Settings settings;
  settings.scrape.targets = served.targets;
  std::size_t segments = 0;
  const auto look = [&] {
    asked = 0;
    asio::co_spawn(
        io,
        [&]() -> Awaitable<void> {
          segments = (co_await observer.observe(settings)).cluster->segments.size();
        },
        asio::detached);
    io.restart();
    io.run();
  };
  if (later) look();
  for (auto _ : state) look();
  if (segments != std::size_t{kCollections} * kSegmentsPerCollection) {
    state.SkipWithError("not every segment was seen");
  }
  state.counters["requests"] = static_cast<double>(asked);
  state.counters["segments"] = static_cast<double>(segments);
}

BENCHMARK_CAPTURE(observe_two_thousand_collections, first, false)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1)
    ->Repetitions(3);
BENCHMARK_CAPTURE(observe_two_thousand_collections, later, true)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1)
    ->Repetitions(5);

BENCHMARK(round_over_a_thousand_nodes)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1)
    ->Repetitions(7);

}  // namespace
}  // namespace evenkeel

int main(int argc, char** argv) {
  evenkeel::cluster = evenkeel::bench::serve_cluster(evenkeel::thousand_nodes());
  if (evenkeel::cluster.targets.size() != evenkeel::kNodes) {
    std::cerr << "the simulated cluster did not start (are 4,000 open files allowed? ulimit -n)\n";
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
