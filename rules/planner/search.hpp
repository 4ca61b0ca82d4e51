#pragma once
// A search for the plan of fewest bytes in each component of a cluster whose segments are coarse:
// swaps, chains and other plans to which no single improving move leads. Internal to rules/planner.

#include <compare>
#include <cstdint>
#include <vector>

#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// The quality of a plan's end; the least is the best.
struct Score {
  std::int64_t violation = 0;  // remaining violation in whole steps: overload, then spread
  Bytes bytes = 0;
  std::size_t moves = 0;

  friend auto operator<=>(const Score&, const Score&) = default;
};

// Nodes that share sets with one another, directly or through others, and those sets.
struct Component {
  std::vector<Index> nodes;
  std::vector<Index> sets;
};

// The components with something to do, worst first. Nothing may be planned in `draft` yet.
[[nodiscard]] std::vector<Component> components(const Draft& draft, Urgency urgency);
// The score of the moves planned since `before`, in one component.
[[nodiscard]] Score score(const Draft& before, const Draft& after, const Component& component,
                          Urgency urgency);
// The spread that a set has to end within; infinite: any.
[[nodiscard]] double allowed_spread(const Draft& draft, Index set, Urgency urgency);
// The bytes that an overloaded node has to be brought down to.
[[nodiscard]] double relief_target(const Draft& draft, const DraftNode& node);
// Remaining violation in whole steps; smaller improvements count as none. 0: the goal is reached.
[[nodiscard]] std::int64_t spread_steps(double excess, double before);
[[nodiscard]] std::int64_t overload_steps(double excess, double before, double capacity);

// The largest component that is searched.
inline constexpr std::size_t kMostSearchedNodes = 24;
inline constexpr std::size_t kMostSearchedSegments = 512;
// The component has few enough nodes and segments for a search.
[[nodiscard]] bool searchable(const Draft& draft, const Component& component);
// The limits of a search.
struct Beam {
  std::size_t width = 0;    // states of each depth that are followed further
  std::int64_t effort = 0;  // as Policy::effort; the search leaves the unused part
};
// Plans the best moves found, if they score better than `bar`; false: none do, or they are an
// exchange while exchanges rest. Bounded by Policy::effort: the best plan found by then counts.
[[nodiscard]] bool search(Draft& draft, const Component& component, Urgency urgency,
                          const Score& bar, Beam& beam);

}  // namespace evenkeel::rules
