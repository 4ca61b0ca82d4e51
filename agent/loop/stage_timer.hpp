#pragma once
// Timer of a stage of the round, from its construction to the end of the scope.

#include <chrono>

#include "agent/loop/instruments.hpp"

namespace evenkeel::loop {

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
