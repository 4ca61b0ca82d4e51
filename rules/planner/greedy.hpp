#pragma once
// The quick way to plan, for a cluster of any size: relieve takes segments from overloaded nodes,
// level from the highest node of the widest set. Internal to rules/planner.

#include <optional>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// Brings the overloaded ones of these nodes below their threshold with few bytes, worst first.
void relieve_greedily(Draft& draft, const std::vector<Index>& nodes);
// Moves as many segments as possible off drained nodes.
void empty_greedily(Draft& draft);
// Brings those of these sets that differ to the stop mark.
void level_greedily(Draft& draft, const std::vector<Index>& sets);

// The bytes of several segments that together have at least `wanted`, beginning with one of `first`
// bytes. `next(most)` gives the bytes of the largest further segment of at most `most`,
// `rest(least)` those of the smallest of at least `least`; each gives none where there is none.
// kMostBytes: all segments together are not enough.
template <typename Next, typename Rest>
[[nodiscard]] Bytes bytes_in_steps(Bytes first, Bytes wanted, Next next, Rest rest) {
  constexpr int kSteps = 12;
  Bytes sum = first;
  for (int step = 0; step < kSteps && sum < wanted; ++step) {
    const std::optional<Bytes> bytes = next(wanted - sum);
    if (!bytes) break;
    sum = saturating_add(sum, *bytes);
  }
  if (sum >= wanted) return sum;
  const std::optional<Bytes> last = rest(wanted - sum);
  return last ? saturating_add(sum, *last) : kMostBytes;
}

// One segment beats several that have a few bytes less: it saves calls.
[[nodiscard]] inline bool one_is_better(Bytes one, Bytes several) {
  constexpr double kWorth = 1.02;
  return one <= scaled_down(several, kWorth);
}

}  // namespace evenkeel::rules
