// worlds: runs the real agent in random worlds by seed, and prints each that breaks a rule.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/util/log.hpp"
#include "tests/sim/generator.hpp"
#include "tests/sim/runner.hpp"
#include "tests/sim/shrink.hpp"

namespace evenkeel::sim {
namespace {

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
  double minutes = 0;  // stop after so long, where positive
  bool shrink = false;
  bool trace = false;
  bool holds = false;  // only the worlds in which Milvus's own balancer is held off
};

constexpr const char* kUsage =
    "usage: worlds [--first SEED] [--count N] [--jobs N] [--minutes N] [--shrink] [--trace] "
    "[--holds]\n";
constexpr std::uint64_t kMostShrunk = 3;

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--shrink") {
      arguments.shrink = true;
      continue;
    }
    if (option == "--holds") {
      arguments.holds = true;
      continue;
    }
    if (option == "--trace") {
      arguments.trace = true;
      continue;
    }
    if (++i == argc) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(argv[i], &end);
    if (*end != '\0' || value < 0) return std::nullopt;
    const auto number = static_cast<std::uint64_t>(value);
    if (option == "--first") {
      arguments.first = number;
    } else if (option == "--count") {
      arguments.count = number;
    } else if (option == "--jobs") {
      arguments.jobs = std::max<std::uint64_t>(1, number);
    } else if (option == "--minutes") {
      arguments.minutes = value;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

class Worlds {
 public:
  explicit Worlds(Arguments arguments)
      : arguments_(arguments), started_(std::chrono::steady_clock::now()) {}

  int run() {
    std::vector<std::thread> threads;
    for (std::uint64_t job = 0; job < arguments_.jobs; ++job) {
      threads.emplace_back([this] { work(); });
    }
    for (std::thread& thread : threads) thread.join();
    summarize();
    return total_.violations == 0 && !short_of_something() ? 0 : 1;
  }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

  void work() {
    Tally own;
    for (;;) {
      const std::uint64_t index = next_++;
      const bool late = arguments_.minutes > 0 && seconds() > 60 * arguments_.minutes;
      if (index >= arguments_.count || late) break;
      const World world = generate(arguments_.first + index);
      if (arguments_.holds && !world.holds) continue;
      const auto trace = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
      if (arguments_.trace) trace(words(world));
      const Result result = arguments_.trace ? sim::run(world, trace) : sim::run(world);
      own.add(result.tally);
      if (!result.violations.empty()) report(world, result);
    }
    const std::scoped_lock lock(mutex_);
    total_.add(own);
  }

  void report(const World& world, const Result& result) {
    const std::scoped_lock lock(mutex_);
    std::printf("seed %" PRIu64 ": ", world.seed);
    const Violation& first = result.violations.front();
    std::printf("%s: %s\n  replay: worlds --first %" PRIu64 " --count 1 --trace\n",
                first.rule.c_str(), first.detail.c_str(), world.seed);
    if (arguments_.shrink && shrunk_++ < kMostShrunk) {
      std::printf("  the smallest world that breaks it too:\n%s",
                  words(shrink(world, first.rule)).c_str());
    }
    std::fflush(stdout);
  }

  // A checker that never meets what it is to check shows nothing.
  [[nodiscard]] bool short_of_something() const {
    if (total_.worlds < 1000 || arguments_.holds) return false;
    bool short_of = false;
    const auto require = [&](std::string_view what, std::uint64_t count, std::uint64_t least) {
      if (count >= least) return;
      short_of = true;
      std::printf("too few worlds with %.*s: %" PRIu64 ", wanted %" PRIu64 "\n",
                  static_cast<int>(what.size()), what.data(), count, least);
    };
    require("an overload relieved", total_.relieved, total_.worlds / 20);
    require("a difference levelled", total_.levelled, total_.worlds / 10);
    require("a refusal", total_.refused, total_.worlds / 20);
    require("a stop", total_.stopped, total_.worlds / 10);
    require("two agents that both move", total_.both_moved, total_.worlds / 50);
    require("a turn taken over", total_.turned, total_.worlds / 50);
    require("moves that wait for a window", total_.waited, total_.worlds / 100);
    require("moves while Milvus's own balancer is held off", total_.held_off, total_.worlds / 50);
    for (std::size_t i = 0; i < kEras.size(); ++i) {
      require(std::string("moves in Milvus ") + kEras[i], total_.eras[i], total_.worlds / 25);
    }
    for (const Happening what : kHappenings) {
      require(name(what), total_.happened[static_cast<std::size_t>(what)], total_.worlds / 50);
    }
    for (const MoveEnd end : kMoveEnds) {
      require(name(end), total_.move_ends[static_cast<std::size_t>(end)], total_.worlds / 50);
    }
    return short_of;
  }

  void summarize() const {
    const auto line = [](std::string_view what, std::uint64_t count) {
      std::printf(" %.*s %" PRIu64, static_cast<int>(what.size()), what.data(), count);
    };
    std::printf("worlds in which it happened:");
    for (const Happening what : kHappenings) {
      line(name(what), total_.happened[static_cast<std::size_t>(what)]);
    }
    std::printf("\nworlds in which something moved, by version:");
    for (std::size_t i = 0; i < kEras.size(); ++i) line(kEras[i], total_.eras[i]);
    std::printf("\ncalls that came out:");
    for (const MoveEnd end : kMoveEnds) {
      line(name(end), total_.move_ends[static_cast<std::size_t>(end)]);
    }
    std::printf("\nworlds that ended:");
    for (const loop::Outcome outcome : loop::kOutcomes) {
      line(loop::name(outcome), total_.ends[static_cast<std::size_t>(outcome)]);
    }
    std::printf("\n%" PRIu64 " worlds in %.1f s:", total_.worlds, seconds());
    line("rounds", total_.rounds);
    line("calls", total_.calls);
    line("moves", total_.moves);
    line("simulated minutes", total_.minutes);
    line("relieved", total_.relieved);
    line("levelled", total_.levelled);
    line("refused", total_.refused);
    line("stopped", total_.stopped);
    line("two agents moved", total_.both_moved);
    line("turns taken over", total_.turned);
    line("waited for a window", total_.waited);
    line("held Milvus's balancer off", total_.held_off);
    line("violations", total_.violations);
    std::printf("\n");
  }

  Arguments arguments_;
  std::chrono::steady_clock::time_point started_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  Tally total_;
  std::uint64_t shrunk_ = 0;
};

}  // namespace
}  // namespace evenkeel::sim

int main(int argc, char** argv) {
  const auto arguments = evenkeel::sim::parse(argc, argv);
  if (!arguments) {
    std::fputs(evenkeel::sim::kUsage, stderr);
    return 2;
  }
  evenkeel::log::configure(evenkeel::log::Level::error, evenkeel::log::Format::logfmt);
  return evenkeel::sim::Worlds(*arguments).run();
}
