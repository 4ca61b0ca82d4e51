#pragma once

#include <chrono>
#include <memory>

namespace evenkeel {

// Ends the process a while after SIGINT or SIGTERM, whatever hangs: a last resort.
class HardStop {
 public:
  // Ends the process by _Exit with `exit_code`, `after` (milliseconds) the first of the two signals
  // and one line to standard error. Others can still wait for the signals.
  HardStop(std::chrono::milliseconds after, int exit_code);
  // Calls it off.
  ~HardStop();
  HardStop(const HardStop&) = delete;
  HardStop& operator=(const HardStop&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
