#pragma once
// Heartbeats of the loop's two schedules, for the health endpoint and the service manager's
// watchdog. They say nothing of Milvus: a failed attempt is a heartbeat, too.

#include <array>
#include <atomic>
#include <string>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

class Pulse {
 public:
  enum class Part { observation, round };
  static constexpr std::size_t kParts = 2;

  // start() begins both schedules; allow() sets how long one may be silent. Loop's thread only.
  void start(rules::TimePoint now);
  void allow(Part part, rules::Duration longest);
  // Notes an attempt, whether it succeeds or not. Loop's thread only.
  void beat(Part part, rules::TimePoint now);

  // In words, which schedule is silent for too long; empty: none is, or not started. Any thread may
  // call it.
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
