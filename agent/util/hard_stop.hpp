#pragma once
// The last resort behind an orderly end: once SIGINT or SIGTERM has come, the process ends after a
// while, whatever its other threads are doing.

#include <chrono>
#include <memory>

namespace evenkeel {

class HardStop {
 public:
  // Ends the process with `exit_code`, by _Exit, `after` (milliseconds) the first of the two
  // signals and one line to standard error. Blocks neither signal for others who wait for it.
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
