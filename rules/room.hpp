#pragma once
// Room on a destination: the one law that the planner, a person's load_balance and the guard before
// each call keep. Pure.
//
//   expected + kept free + loading peak × to come ≤ overload threshold × capacity
//
// Bytes that are planned to leave the node do not count as gone: its memory falls late or never.

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// The room of a node as a destination, in bytes.
struct Room {
  Bytes limit = 0;       // overload threshold × capacity
  Bytes expected = 0;    // memory once all that is under way has come and gone
  Bytes kept_free = 0;   // for unexplained memory, segments that may arrive, and sure growth
  Bytes to_come = 0;     // segments that are planned to it so far
  bool drained = false;  // it takes none, whatever its memory

  // Bytes of further segments that it can take. Never negative.
  [[nodiscard]] Bytes left(const Policy& policy) const;
  // Its highest memory while this many bytes of further segments load.
  [[nodiscard]] Bytes highest(Bytes bytes, const Policy& policy) const;
  // The part of highest() above the limit; 0: it takes them.
  [[nodiscard]] Bytes missing(Bytes bytes, const Policy& policy) const;
};

// The room of a node before anything is planned to it.
[[nodiscard]] Room room_on(const NodeVerdict& node, const Policy& policy);

}  // namespace evenkeel::rules
