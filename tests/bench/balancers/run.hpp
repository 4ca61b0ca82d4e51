#pragma once
// Lets one balancer work on one instance until it has nothing more to do, and measures it.

#include "tests/bench/balancers/asked.hpp"
#include "tests/bench/balancers/balancer.hpp"

namespace evenkeel::balancers {

inline constexpr int kMostRounds = 300;

struct Violations {
  int over_threshold = 0;  // a destination would pass its threshold while it loads what arrives
  int made_worst = 0;      // a destination ended above the highest node of the replicas it is in
  int back_again = 0;      // a segment returned to a node that it had left
  int left_replica = 0;    // or moved from where it was not
  int never_stable = 0;    // still moving after the last round, and the last 100 improved nothing

  [[nodiscard]] int sum() const {
    return over_threshold + made_worst + back_again + left_replica + never_stable;
  }
  Violations& operator+=(const Violations& other);
};

struct Result {
  State before;
  State after;
  Bytes bytes = 0;
  int moves = 0;
  int calls = 0;   // load_balance calls, of at most five segments
  int rounds = 0;  // until the last move
  Violations violations;
};

[[nodiscard]] Result run(const Instance& instance, const Asked& asked, const Entry& balancer);

}  // namespace evenkeel::balancers
