#pragma once
// Room on a destination: the one law that the planner, a person's load_balance and the look before
// each call keep. Pure.
//
//   expected + kept free + loading peak × what is to come ≤ overload threshold × capacity
//
// What is planned to leave the node does not count as gone: its memory falls late or never.

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// A node as a destination. In bytes.
struct Room {
  Bytes limit = 0;      // the overload threshold × its capacity
  Bytes expected = 0;   // what it will use once all that is under way has come and gone
  Bytes kept_free = 0;  // for what segments do not explain, and for what may arrive
  Bytes to_come = 0;    // the sizes of the segments that are planned to it so far

  // How many bytes of segments it can take besides. Never negative.
  [[nodiscard]] Bytes left(const Policy& policy) const;
  // What it may use at most while so many bytes of segments load besides.
  [[nodiscard]] Bytes highest(Bytes bytes, const Policy& policy) const;
  // How far above the limit that is; 0: it takes them.
  [[nodiscard]] Bytes missing(Bytes bytes, const Policy& policy) const;
};

// Nothing is planned to it yet.
[[nodiscard]] Room room_on(const NodeVerdict& node, const Policy& policy);

}  // namespace evenkeel::rules
