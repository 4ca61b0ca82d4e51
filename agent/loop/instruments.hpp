#pragma once
// Counters of the agent's own work. They are prometheus-cpp's, so that any thread may collect them
// while the loop goes on; no snapshot has a copy.

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/loop/decision.hpp"
#include "agent/loop/request.hpp"
#include "rules/foreign.hpp"

namespace evenkeel::loop {

// Counters and histograms of the agent. Every series that can be known beforehand exists from the
// start, at 0, so that its first event shows as an increase. Thread-safe, except for targets and
// nodes: they belong to the loop's thread.
class Instruments final : public prometheus::Collectable {
 public:
  Instruments();

  void round_ended(const Decision& decision);
  void stage_ended(Stage stage, double seconds);
  void move_planned(const rules::Move& move);
  void move_started(const rules::Move& move);
  void move_ended(const MoveRecord& record);
  void move_undone(rules::Bytes bytes);  // by another balancer, or a person
  void moved_by_others(const rules::ForeignMove& move);
  // Counts foreign moves of these nodes from now on, and drops what is counted of all others.
  void keep_nodes(const std::set<rules::NodeId>& current);
  // `failure`: its kind; empty: the scrape succeeded.
  void scraped(const std::string& target, std::string_view failure);
  // Drops the series of all other targets: nodes come and go for years.
  void keep_targets(const std::set<std::string_view>& current);
  void expect_coordinator_failure(std::string_view kind);
  void coordinator_called(std::string_view failure);
  void reloaded(bool good);
  void requested(RequestKind kind);
  void alerts_came(AlertResult result, std::uint64_t times);

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  using Counter = prometheus::Counter;
  using Counters = prometheus::Family<prometheus::Counter>;
  using Histogram = prometheus::Histogram;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  // Counters of moves and of their bytes.
  struct Moves {
    Counters& moves;
    Counters& bytes;

    void add(const prometheus::Labels& labels, rules::Bytes more);
  };
  // Counters of one metrics target.
  struct Target {
    Counter* scrapes = nullptr;
    std::map<std::string, Counter*, std::less<>> failures;  // by kind
  };

  [[nodiscard]] Counters& counters(const char* name, const char* help);
  [[nodiscard]] Histograms& histograms(const char* name, const char* help);

  prometheus::Registry registry_;
  Counter& rounds_;
  Counters& decisions_;
  Histogram& round_seconds_;
  std::map<Stage, Histogram*> stage_seconds_;
  std::map<MoveResult, Histogram*> move_seconds_;
  Moves planned_, started_, ended_, undone_, foreign_;
  Counters& scrapes_;
  Counters& scrape_failures_;
  Counter& coordinator_calls_;
  Counters& coordinator_failures_;
  Counter& reloads_;
  Counter& failed_reloads_;
  Counters& requests_;
  Counters& alerts_;
  std::set<rules::NodeId> nodes_;                       // that have series; so
  std::map<std::string, Target, std::less<>> targets_;  // for the loop's thread alone
};

// Timer of a stage of the round, from its construction to the end of the scope.
class StageTimer {
 public:
  // Both must outlive the timer.
  StageTimer(Instruments& instruments, Stage stage) : instruments_(instruments), stage_(stage) {}
  ~StageTimer() {
    instruments_.stage_ended(stage_, std::chrono::duration<double>(Clock::now() - begun_).count());
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;  // measures this machine, in simulations too

  Instruments& instruments_;
  Stage stage_;
  Clock::time_point begun_ = Clock::now();
};

}  // namespace evenkeel::loop
