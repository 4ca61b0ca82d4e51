// Evenkeel beside other balancers, on every family of instances: see usage below.

#include <atomic>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "tests/bench/balancers/report.hpp"

namespace evenkeel::balancers {
namespace {

constexpr const char* kUsage =
    "compare_balancers [options]\n"
    "  --seeds N            instances of each small family (20)\n"
    "  --large-seeds N      instances of each large family (20)\n"
    "  --seed N             that seed alone\n"
    "  --family NAME        that family alone (may be given several times)\n"
    "  --only small|large   those families alone\n"
    "  --threads N          (2)\n"
    "  --json FILE          the results of every instance\n"
    "  --dump-instances DIR every instance, one JSON file each, for optimum.py\n"
    "  --check              exit with 1 where the claims do not hold\n";

struct Options {
  std::int64_t seeds = 20;
  std::int64_t large_seeds = 20;
  std::int64_t seed = 0;  // 0: all
  std::int64_t threads = 2;
  std::vector<std::string> families;
  std::string only;
  std::string json;
  std::string dump;
  bool check = false;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  const auto number = [](const char* text, std::int64_t& value) {
    const char* end = text + std::strlen(text);
    const auto [stopped, error] = std::from_chars(text, end, value);
    return error == std::errc{} && stopped == end && value > 0;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--check") {
      options.check = true;
      continue;
    }
    if (i + 1 >= argc) return std::nullopt;
    const char* value = argv[++i];
    bool known = true;
    if (name == "--seeds") {
      known = number(value, options.seeds);
    } else if (name == "--large-seeds") {
      known = number(value, options.large_seeds);
    } else if (name == "--seed") {
      known = number(value, options.seed);
    } else if (name == "--threads") {
      known = number(value, options.threads);
    } else if (name == "--family") {
      options.families.emplace_back(value);
    } else if (name == "--only") {
      options.only = value;
    } else if (name == "--json") {
      options.json = value;
    } else if (name == "--dump-instances") {
      options.dump = value;
    } else {
      known = false;
    }
    if (!known) return std::nullopt;
  }
  return options;
}

std::vector<InstanceResults> chosen(const Options& options) {
  std::vector<Family> families = small_families();
  for (const Family& family : large_families()) families.push_back(family);
  std::vector<InstanceResults> all;
  for (const Family& family : families) {
    const auto& names = options.families;
    if (!names.empty() && std::find(names.begin(), names.end(), family.name) == names.end()) {
      continue;
    }
    if (!options.only.empty() && (options.only == "small") != family.small) continue;
    const std::int64_t first = options.seed > 0 ? options.seed : 1;
    const std::int64_t count = family.small ? options.seeds : options.large_seeds;
    const std::int64_t last = options.seed > 0 ? options.seed : count;
    for (std::int64_t seed = first; seed <= last; ++seed) {
      all.push_back({family, static_cast<std::uint64_t>(seed), 0, {}});
    }
  }
  return all;
}

void work(InstanceResults& each, const Options& options) {
  const Instance instance = each.family.instance(each.seed);
  const Asked asked = asked_of(instance);
  each.least_bytes = asked.least_bytes;
  for (const Entry& entry : all_balancers()) each.results.push_back(run(instance, asked, entry));
  if (options.dump.empty()) return;
  std::ofstream file(std::filesystem::path(options.dump) /
                     (each.family.name + "-" + std::to_string(each.seed) + ".json"));
  print_instance(file, instance, asked, each.family.small);
}

int compare(const Options& options) {
  std::vector<InstanceResults> all = chosen(options);
  if (all.empty()) {
    std::cerr << "no such family\n";
    return 2;
  }
  if (!options.dump.empty()) std::filesystem::create_directories(options.dump);
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::int64_t i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] {
      // The largest come last in the list: begun first, so that none is left over at the end.
      for (std::size_t k = next++; k < all.size(); k = next++)
        work(all[all.size() - 1 - k], options);
    });
  }
  threads.clear();

  print_table(std::cout, all);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    print_json(file, all);
  }
  return options.check && !check(std::cout, all) ? 1 : 0;
}

}  // namespace
}  // namespace evenkeel::balancers

int main(int argc, char** argv) {
  const auto options = evenkeel::balancers::parse(argc, argv);
  if (!options) {
    std::cerr << evenkeel::balancers::kUsage;
    return 2;
  }
  return evenkeel::balancers::compare(*options);
}
