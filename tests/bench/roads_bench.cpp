// A look at 2,000 loaded collections, over HTTP and over gRPC: the same cluster, in a process of
// its own. On two cores that others used, too, it took 0.87 s over HTTP and 1.49 s over gRPC
// (medians of nine): 0.24 and 0.29 s of the agent's processor time, 0.19 and 0.50 s of the
// simulated cluster's, which makes the messages of JSON.
#include "agent/util/asio.hpp"

#include <benchmark/benchmark.h>

#include <iostream>
#include <memory>
#include <string>

#include "agent/http/client.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/observer.hpp"
#include "agent/milvus/grpc_coordinator.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/milvus/wrapped_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/util/url.hpp"
#include "tests/bench/served_cluster.hpp"

namespace evenkeel {
namespace {

constexpr int kNodes = 3;
constexpr int kCollections = 2000;
constexpr int kSegmentsPerCollection = 10;

// Milvus 2.3, which has no lists: each collection is asked for by itself in every look.
demo::World two_thousand_collections() {
  demo::World world;
  std::vector<rules::NodeId> everywhere;
  for (int n = 1; n <= kNodes; ++n) {
    everywhere.push_back(rules::NodeId{n});
    world.nodes.push_back({everywhere.back(), rules::Bytes{64} << 30, rules::Bytes{1} << 30, 0});
  }
  bench::add_collections(world, everywhere, kCollections, kSegmentsPerCollection, 5'000);
  return world;
}

bench::Served cluster;

using Connect = std::unique_ptr<milvus::Coordinator>(http::Client&);

std::unique_ptr<milvus::Coordinator> over_http(http::Client& client) {
  return std::make_unique<milvus::HttpCoordinator>(client, *http::parse_url(cluster.address),
                                                   milvus::CoordinatorOptions{});
}

std::unique_ptr<milvus::Coordinator> over_grpc(http::Client&) {
  const auto url = split_grpc_url(cluster.grpc_address, kMilvusGrpcPort);
  return std::make_unique<milvus::GrpcCoordinator>(http::Url{.host = url->host, .port = url->port},
                                                   milvus::CoordinatorOptions{});
}

void observe_2000_collections(benchmark::State& state, Connect* connect) {
  asio::io_context io{1};
  http::Client client(io.get_executor());
  const auto coordinator = connect(client);
  std::uint64_t asked = 0;
  std::uint64_t failed = 0;
  milvus::CountedCoordinator counted(*coordinator, [&](const milvus::Failure* failure) {
    ++asked;
    if (failure != nullptr) ++failed;
  });
  const loop::SystemClock clock;
  scrape::HttpScraper scraper(client, {}, [&] { return clock.now(); });
  loop::Instruments instruments;
  settings::Settings settings;
  settings.scrape.targets = cluster.targets;
  std::size_t segments = 0;
  const double before = bench::processor_seconds(cluster);
  for (auto _ : state) {
    asked = 0;
    loop::Observer observer(
        counted, scraper, [&] { return clock.now(); }, instruments);
    const auto look = [&]() -> Awaitable<void> {
      segments = (co_await observer.observe(settings)).cluster->segments.size();
    };
    asio::co_spawn(io, look(), asio::detached);
    io.restart();
    io.run();
  }
  if (segments != std::size_t{kCollections} * kSegmentsPerCollection || failed != 0) {
    state.SkipWithError("not every segment was seen");
  }
  state.counters["server_CPU_s"] = bench::processor_seconds(cluster) - before;
  state.counters["requests"] = static_cast<double>(asked);
}

void configure(benchmark::internal::Benchmark* bench) {
  bench->Unit(benchmark::kSecond)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Iterations(1)
      ->Repetitions(9);
}

BENCHMARK_CAPTURE(observe_2000_collections, over_http, over_http)->Apply(configure);
BENCHMARK_CAPTURE(observe_2000_collections, over_grpc, over_grpc)->Apply(configure);

}  // namespace
}  // namespace evenkeel

int main(int argc, char** argv) {
  evenkeel::cluster = evenkeel::bench::serve_cluster(evenkeel::two_thousand_collections());
  if (evenkeel::cluster.targets.empty()) {
    std::cerr << "the simulated cluster did not start\n";
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
