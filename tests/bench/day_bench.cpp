// Resident memory of the agent's loop after a day of rounds over 10,000 replicas. The cluster is
// made of formulas and keeps next to nothing, so that the memory is the agent's.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "agent/loop/agent.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "tests/loop/jumping_clock.hpp"

namespace evenkeel {
namespace {

constexpr int kNodes = 100;
constexpr int kReplicas = 10'000;
constexpr int kNodesOfAReplica = 3;
constexpr int kSegmentsOfAReplica = 6;
constexpr rules::Bytes kMiB = rules::Bytes{1} << 20;
constexpr rules::Duration kRound = std::chrono::minutes{1};

std::string address_of(int node) {
  return "10.0.0." + std::to_string(node) + ":9091";
}

rules::NodeId node_of(int collection, int place) {
  return rules::NodeId{(collection + place) % kNodes + 1};
}

// Each collection has one replica on three neighbours, and two segments on each of them.
class Formulas final : public milvus::Coordinator, public scrape::Scraper {
 public:
  explicit Formulas(loop::Clock& clock) : clock_(clock) {}

  Awaitable<milvus::Result<milvus::SystemInfo>> system_info() override {
    milvus::SystemInfo info;
    info.version = "2.3.5";
    for (int n = 1; n <= kNodes; ++n) {
      milvus::QueryNode node;
      node.version = info.version;
      node.id = rules::NodeId{n};
      node.address = address_of(n);
      node.memory = 64 * 1024 * kMiB;
      info.nodes.push_back(std::move(node));
    }
    co_return info;
  }

  Awaitable<milvus::Result<milvus::Databases>> databases() override {
    co_return milvus::Databases{{"default"}, true};
  }

  Awaitable<milvus::Result<std::vector<milvus::CollectionInfo>>> collections(
      const std::string&) override {
    std::vector<milvus::CollectionInfo> all;
    for (int c = 1; c <= kReplicas; ++c) {
      all.push_back({rules::CollectionId{c}, "collection_" + std::to_string(c)});
    }
    co_return all;
  }

  Awaitable<milvus::Result<std::vector<milvus::ReplicaInfo>>> replicas(
      const milvus::CollectionInfo& collection) override {
    const int c = static_cast<int>(collection.id);
    milvus::ReplicaInfo replica{rules::ReplicaId{kReplicas + c}, collection.id, "__default", {}};
    for (int i = 0; i < kNodesOfAReplica; ++i) replica.nodes.push_back(node_of(c, i));
    std::sort(replica.nodes.begin(), replica.nodes.end());
    co_return std::vector{std::move(replica)};
  }

  Awaitable<milvus::Result<std::vector<milvus::SegmentInfo>>> segments(
      const milvus::CollectionInfo& collection) override {
    const int c = static_cast<int>(collection.id);
    std::vector<milvus::SegmentInfo> all;
    for (int i = 0; i < kSegmentsOfAReplica; ++i) {
      milvus::SegmentInfo segment;
      segment.id = rules::SegmentId{c * 10 + i};
      segment.rows = 20;
      segment.state = rules::SegmentState::sealed;
      segment.nodes = {node_of(c, i % kNodesOfAReplica)};
      all.push_back(std::move(segment));
    }
    co_return all;
  }

  Awaitable<milvus::Result<rules::Bytes>> row_bytes(const milvus::CollectionInfo&) override {
    co_return kMiB;
  }

  Awaitable<milvus::Result<void>> load_balance(const milvus::LoadBalance&) override {
    std::abort();  // the cluster is balanced
  }

  Awaitable<std::vector<scrape::TargetResult>> scrape(
      const std::vector<http::Url>& targets) override {
    std::vector<scrape::TargetResult> results;
    for (const http::Url& target : targets) {
      scrape::TargetResult result;
      result.target = target.str();
      result.at = clock_.now();
      result.figures.id = rules::NodeId{std::stoi(target.host.substr(target.host.rfind('.') + 1))};
      result.figures.resident = 16 * 1024 * kMiB;
      results.push_back(std::move(result));
    }
    co_return results;
  }

 private:
  loop::Clock& clock_;
};

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

void a_day_of_rounds(benchmark::State& state) {
  for (auto _ : state) {
    asio::io_context io{1};
    test::JumpingClock clock;
    Formulas cluster(clock);
    settings::Settings settings;
    settings.balance.interval = std::chrono::minutes{1};
    settings.scrape.interval = std::chrono::minutes{1};
    for (int n = 1; n <= kNodes; ++n) {
      settings.scrape.targets.push_back("http://" + address_of(n) + "/metrics");
    }
    loop::Agent agent(io.get_executor(),
                      loop::Parts{cluster, cluster, clock, nullptr, nullptr, nullptr}, settings,
                      false);
    bool ended = false;
    asio::co_spawn(io, agent.run(), [&ended](const std::exception_ptr& error) {
      if (error) std::abort();
      ended = true;
    });
    const auto rounds = [&](int count) {
      clock.drive(io, count * kRound, [] { return false; });
      return resident_mib();
    };
    state.counters["mib_after_3_rounds"] = rounds(3);
    state.counters["mib_after_110"] = rounds(107);
    state.counters["mib_after_a_day"] = rounds(1440 - 110);
    const auto& decisions = agent.snapshot()->decisions;
    state.counters["decisions_kept"] = static_cast<double>(decisions.size());
    state.counters["last_decision"] = static_cast<double>(decisions.front()->id);
    if (decisions.front()->outcome != loop::Outcome::balanced) {
      state.SkipWithError(decisions.front()->words.c_str());
    }
    agent.stop();
    clock.drive(io, std::chrono::seconds{10}, [&ended] { return ended; });
  }
}
BENCHMARK(a_day_of_rounds)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace evenkeel

BENCHMARK_MAIN();
