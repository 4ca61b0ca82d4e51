// A whole round of the agent's reading and judging, over a thousand simulated query nodes with 200
// KB of metrics each. The cluster runs in a process of its own, so that this one's memory and time
// are the agent's alone.
#include "agent/util/asio.hpp"

#include <benchmark/benchmark.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "agent/demo/simulated_milvus.hpp"
#include "agent/http/client.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/observer.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/admit.hpp"

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

// Serves until its parent dies; the first lines tell the parent where.
[[noreturn]] void serve(int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  asio::io_context io{1};
  const demo::SimulatedMilvus milvus(io.get_executor(), thousand_nodes());
  std::string text = milvus.address() + "\n";
  for (const auto& target : milvus.metrics_targets()) text += target + "\n";
  text += "end\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(out, text.data() + sent, text.size() - sent);
    if (n <= 0) _exit(1);
    sent += static_cast<std::size_t>(n);
  }
  io.run();
  _exit(0);
}

struct Served {
  std::string address;
  std::vector<std::string> targets;
};

Served start_cluster() {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  if (fork() == 0) {
    close(ends[0]);
    serve(ends[1]);
  }
  close(ends[1]);
  Served served;
  FILE* in = fdopen(ends[0], "r");
  char line[256];
  while (fgets(line, sizeof line, in) != nullptr) {
    std::string text(line);
    text.pop_back();
    if (text == "end") break;
    if (served.address.empty()) {
      served.address = text;
    } else {
      served.targets.push_back(text);
    }
  }
  fclose(in);
  return served;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

Served cluster;

void round_over_a_thousand_nodes(benchmark::State& state) {
  asio::io_context io{1};
  http::Client client(io.get_executor());
  milvus::HttpCoordinator coordinator(client, *http::parse_url(cluster.address), {});
  loop::SystemClock clock;
  scrape::HttpScraper scraper(client, {}, [&] { return clock.now(); });
  loop::Totals totals;
  loop::Observer observer(
      coordinator, scraper, [&] { return clock.now(); }, totals);
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

BENCHMARK(round_over_a_thousand_nodes)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1)
    ->Repetitions(7);

}  // namespace
}  // namespace evenkeel

int main(int argc, char** argv) {
  evenkeel::cluster = evenkeel::start_cluster();
  if (evenkeel::cluster.targets.size() != evenkeel::kNodes) {
    std::cerr << "the simulated cluster did not start (are 4,000 open files allowed? ulimit -n)\n";
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
