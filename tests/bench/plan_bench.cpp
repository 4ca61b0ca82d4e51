// The rules at a scale that nobody reaches today: judge and plan from the raw Cluster value, on one
// core. Each run is a process of its own, forked when the cluster is ready, so that its peak memory
// is that of this run alone: total_MB with the cluster in it, beyond_MB without.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rules/inventory.hpp"
#include "rules/judge.hpp"
#include "rules/planner/planner.hpp"
#include "tests/bench/big_cluster.hpp"

namespace evenkeel::bench {
namespace {

constexpr std::uint64_t kSeed = 4;

enum class Budget {
  unlimited,  // the full plan
  standard,   // what one round may do by default
};

rules::Policy policy_of(Budget budget) {
  rules::Policy policy;
  if (budget == Budget::unlimited) {
    policy.max_moves_per_round = 1'000'000'000;
    policy.max_bytes_per_round = rules::Bytes{1} << 60;
  }
  return policy;
}

// What a run tells its parent: plain figures that fit into one write.
struct Figures {
  double sort_seconds = 0;  // to make or follow the inventory
  double judge_seconds = 0;
  double plan_seconds = 0;
  double overloaded = 0;  // nodes
  double start_MB = 0;
  double peak_MB = 0;
  double moves = 0;
  double moved_GiB = 0;
  double spread_before = 0, spread_after = 0;
  double ratio_before = 0, ratio_after = 0;
  double rejected = 0;
  double unfixable = 0;
};

// In MB; name is one of /proc/self/status: VmRSS, now, or VmHWM, at most so far.
double resident(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) * 1024 / 1e6;
  }
  return 0;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

using ClusterPtr = std::shared_ptr<const rules::Cluster>;

// From the raw cluster, or following it from the one before, as the agent does from round to round.
rules::Plan plan_once(const ClusterPtr& cluster, std::optional<rules::Inventory>& inventory,
                      const BigCluster& big, const rules::Policy& policy, Figures& figures) {
  auto begin = std::chrono::steady_clock::now();
  if (inventory) {
    inventory->follow(cluster);
  } else {
    inventory.emplace(cluster);
  }
  figures.sort_seconds = seconds_since(begin);
  begin = std::chrono::steady_clock::now();
  const rules::Judgement judgement = rules::judge(*inventory, policy, big.ledger, big.now);
  figures.judge_seconds = seconds_since(begin);
  figures.overloaded = static_cast<double>(std::count_if(
      judgement.nodes.begin(), judgement.nodes.end(),
      [](const auto& verdict) { return verdict.state == rules::NodeState::overloaded; }));
  begin = std::chrono::steady_clock::now();
  rules::Plan plan = rules::plan(*inventory, judgement, policy, big.ledger, big.now);
  figures.plan_seconds = seconds_since(begin);
  return plan;
}

void describe(const rules::Plan& plan, Figures& figures) {
  figures.moves = static_cast<double>(plan.moves.size());
  figures.moved_GiB = static_cast<double>(plan.bytes()) / 0x1.0p30;
  figures.spread_before = plan.worst_spread_before;
  figures.spread_after = plan.worst_spread_after;
  figures.ratio_before = plan.worst_ratio_before;
  figures.ratio_after = plan.worst_ratio_after;
  figures.rejected = static_cast<double>(plan.rejected.size());
  figures.unfixable = static_cast<double>(plan.unfixable.size());
}

Figures full_plan_of(BigCluster& big, const rules::Policy& policy) {
  Figures figures;
  figures.start_MB = resident("VmRSS");
  std::optional<rules::Inventory> inventory;
  const rules::Plan plan = plan_once(rules::borrowed(big.cluster), inventory, big, policy, figures);
  figures.peak_MB = resident("VmHWM");
  describe(plan, figures);
  return figures;
}

// One round has planned; then some things change, and the next round plans.
Figures second_plan_of(BigCluster& big, const rules::Policy& policy, bool carried_out) {
  Figures figures;
  figures.start_MB = resident("VmRSS");
  std::optional<rules::Inventory> inventory;
  ClusterPtr before = std::make_shared<const rules::Cluster>(big.cluster);
  rules::Plan plan = plan_once(before, inventory, big, policy, figures);
  if (carried_out) {
    carry_out(big, plan);
    before = std::make_shared<const rules::Cluster>(big.cluster);
    plan = plan_once(before, inventory, big, policy, figures);
  }
  change_one_percent(big, kSeed);
  plan = plan_once(rules::borrowed(big.cluster), inventory, big, policy, figures);
  figures.peak_MB = resident("VmHWM");
  describe(plan, figures);
  return figures;
}

// None where the child did not come to its end.
std::optional<Figures> in_child(const std::function<Figures()>& run) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    const Figures figures = run();
    _exit(write(ends[1], &figures, sizeof figures) == sizeof figures ? 0 : 1);
  }
  close(ends[1]);
  Figures figures;
  const bool told = read(ends[0], &figures, sizeof figures) == sizeof figures;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return told && status == 0 ? std::optional(figures) : std::nullopt;
}

void measure(benchmark::State& state, const std::function<Figures()>& run) {
  Figures figures;
  for (auto _ : state) {
    const std::optional<Figures> told = in_child(run);
    if (!told) return state.SkipWithError("the run died");
    figures = *told;
    state.SetIterationTime(figures.sort_seconds + figures.judge_seconds + figures.plan_seconds);
  }
  state.counters["sort_ms"] = figures.sort_seconds * 1e3;
  state.counters["judge_ms"] = figures.judge_seconds * 1e3;
  state.counters["plan_ms"] = figures.plan_seconds * 1e3;
  state.counters["total_MB"] = figures.peak_MB;
  state.counters["beyond_MB"] = figures.peak_MB - figures.start_MB;
  state.counters["overloaded"] = figures.overloaded;
  state.counters["moves"] = figures.moves;
  state.counters["moved_GiB"] = figures.moved_GiB;
  state.counters["spread_before"] = figures.spread_before;
  state.counters["spread_after"] = figures.spread_after;
  state.counters["ratio_before"] = figures.ratio_before;
  state.counters["ratio_after"] = figures.ratio_after;
  state.counters["rejected"] = figures.rejected;
  state.counters["unfixable"] = figures.unfixable;
  state.SetComplexityN(state.range(0));
}

// Made once for the benchmarks that follow each other, and only one at a time.
BigCluster& made(Layout layout, Skew skew, std::size_t segments) {
  static std::tuple<Layout, Skew, std::size_t> what;
  static std::optional<BigCluster> big;
  if (const std::tuple wanted(layout, skew, segments); !big || wanted != what) {
    big.reset();
    big = big_cluster(layout, skew, segments, kSeed);
    what = wanted;
    malloc_trim(0);
  }
  return *big;
}

void full_plan(benchmark::State& state, Layout layout, Skew skew, Budget budget) {
  BigCluster& big = made(layout, skew, static_cast<std::size_t>(state.range(0)));
  measure(state, [&] { return full_plan_of(big, policy_of(budget)); });
}

void replan(benchmark::State& state, Layout layout, bool carried_out) {
  BigCluster& big = made(layout, Skew::levelling, static_cast<std::size_t>(state.range(0)));
  measure(state, [&] { return second_plan_of(big, policy_of(Budget::unlimited), carried_out); });
}

void one_crowded_node(benchmark::State& state, Budget budget) {
  BigCluster big = crowded_node(static_cast<std::size_t>(state.range(0)), kSeed);
  malloc_trim(0);
  measure(state, [&] { return full_plan_of(big, policy_of(budget)); });
}

void three_sizes(benchmark::internal::Benchmark* family) {
  family->RangeMultiplier(10)->Range(10'000, 1'000'000);
  family->UseManualTime()->Unit(benchmark::kMillisecond)->Complexity(benchmark::oNLogN);
}

void once(benchmark::internal::Benchmark* family) {
  family->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);
}

using enum Layout;
using enum Skew;
using enum Budget;

BENCHMARK_CAPTURE(full_plan, everywhere_relief, everywhere, relief, unlimited)->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, everywhere_levelling, everywhere, levelling, unlimited)
    ->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, groups_relief, groups, relief, unlimited)->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, groups_levelling, groups, levelling, unlimited)->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, subsets_relief, subsets, relief, unlimited)->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, subsets_levelling, subsets, levelling, unlimited)->Apply(three_sizes);

BENCHMARK_CAPTURE(full_plan, groups_relief_one_round, groups, relief, standard)->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, groups_levelling_one_round, groups, levelling, standard)
    ->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, subsets_relief_one_round, subsets, relief, standard)
    ->Apply(three_sizes);
BENCHMARK_CAPTURE(full_plan, subsets_levelling_one_round, subsets, levelling, standard)
    ->Apply(three_sizes);

BENCHMARK_CAPTURE(replan, everywhere_carried_out, everywhere, true)->Arg(1'000'000)->Apply(once);
BENCHMARK_CAPTURE(replan, groups, groups, false)->Arg(1'000'000)->Apply(once);
BENCHMARK_CAPTURE(replan, groups_carried_out, groups, true)->Arg(1'000'000)->Apply(once);
BENCHMARK_CAPTURE(replan, subsets, subsets, false)->Arg(1'000'000)->Apply(once);
BENCHMARK_CAPTURE(replan, subsets_carried_out, subsets, true)->Arg(1'000'000)->Apply(once);

BENCHMARK_CAPTURE(one_crowded_node, all, unlimited)
    ->RangeMultiplier(10)
    ->Range(100'000, 1'000'000)
    ->Apply(once);
BENCHMARK_CAPTURE(one_crowded_node, one_round, standard)->Arg(10'000'000)->Apply(once);

}  // namespace
}  // namespace evenkeel::bench

BENCHMARK_MAIN();
