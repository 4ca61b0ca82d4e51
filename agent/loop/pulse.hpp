#pragma once
// Signs of life of the loop's two schedules, for whoever must know that they still turn: the health
// endpoint and the service manager's watchdog. They say nothing of Milvus: an attempt that failed
// is one, too.

#include <array>
#include <atomic>
#include <string>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

class Pulse {
 public:
  enum class Part { observation, round };
  static constexpr std::size_t kParts = 2;

  // Both schedules begin now, and each may be silent for so long (seconds). From the loop's thread.
  void start(rules::TimePoint now);
  void allow(Part part, rules::Duration longest);
  // Something of it was attempted now. From the loop's thread.
  void beat(Part part, rules::TimePoint now);

  // In words, what has not been attempted for too long; empty: nothing, or not started. From any
  // thread.
  [[nodiscard]] std::string trouble(rules::TimePoint now) const;

 private:
  struct Schedule {
    std::atomic<rules::TimePoint> last{};
    std::atomic<rules::Duration> longest{};
  };

  std::array<Schedule, kParts> schedules_;
  std::atomic<bool> started_ = false;
};

}  // namespace evenkeel::loop
