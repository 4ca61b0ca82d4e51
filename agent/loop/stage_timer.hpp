#pragma once
// Counts how long a stage of the round takes, from here to the end of the scope.

#include <chrono>

#include "agent/loop/decision.hpp"

namespace evenkeel::loop {

class StageTimer {
 public:
  // Both must outlive the timer.
  StageTimer(Totals& totals, Stage stage) : totals_(totals), stage_(stage) {}
  ~StageTimer() {
    StageTally& tally = totals_.stages[stage_];
    ++tally.times;
    tally.seconds += std::chrono::duration<double>(Clock::now() - begun_).count();
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;  // what is measured is this machine, in simulations too

  Totals& totals_;
  Stage stage_;
  Clock::time_point begun_ = Clock::now();
};

}  // namespace evenkeel::loop
