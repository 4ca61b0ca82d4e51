#pragma once
// A segment's moves, and how long it rests after them. Pure.

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// The moves and failures of one segment.
struct SegmentHistory {
  TimePoint last_moved{};  // the epoch: never
  int moves = 0;           // in a row, with no more than some rests between them
  NodeId last_from{};
  int failures = 0;         // since the last success
  TimePoint last_failed{};  // the epoch: never
  NodeId failed_from{};     // source and destination of that move
  NodeId failed_to{};
  TimePoint resting_until{};

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("last_moved", self.last_moved);
    visit("moves", self.moves);
    visit("last_from", self.last_from);
    visit("failures", self.failures);
    visit("last_failed", self.last_failed);
    visit("failed_from", self.failed_from);
    visit("failed_to", self.failed_to);
    visit("resting_until", self.resting_until);
  }
};

// The cool-down after a segment's last move. Each further move quadruples it, so that a segment
// that keeps needing moves (its size is wrong, memory does not fall, somebody moves it back)
// settles down.
[[nodiscard]] Duration cooldown(const SegmentHistory& history, const Policy& policy);

// The segment cools down.
[[nodiscard]] bool cools_down(const SegmentHistory& history, const Policy& policy, TimePoint now);

// No later move, rest or plan depends on the history any more.
[[nodiscard]] bool forgettable(const SegmentHistory& history, const Policy& policy, TimePoint now);

}  // namespace evenkeel::rules
