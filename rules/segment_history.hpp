#pragma once
// What the agent remembers of one segment's moves, and how long the segment rests after them. Pure.

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

struct SegmentHistory {
  TimePoint last_moved{};  // the epoch: never
  int moves = 0;           // one after the other, with no more than some rests between them
  NodeId last_from{};
  int failures = 0;         // since the last success
  TimePoint last_failed{};  // the epoch: never
  NodeId failed_from{};     // and the two nodes of that move
  NodeId failed_to{};
  TimePoint resting_until{};
};

// How long a segment stays after its last move. A segment that has to be moved again and again is
// one whose moves do not bring what they promise (its size is wrong, memory does not fall, somebody
// moves it back): each further move makes it rest four times as long, so that no argument about it
// goes on for ever.
[[nodiscard]] Duration cooldown(const SegmentHistory& history, const Policy& policy);

// It stays where its last move brought it, for now.
[[nodiscard]] bool cools_down(const SegmentHistory& history, const Policy& policy, TimePoint now);

// The history says nothing any more that a later move, a rest or a plan would go by.
[[nodiscard]] bool forgettable(const SegmentHistory& history, const Policy& policy, TimePoint now);

}  // namespace evenkeel::rules
