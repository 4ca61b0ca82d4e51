#pragma once
// The parts of a cluster that have nothing to do with one another, and how good a plan is for one
// of them. Internal to rules/.

#include <compare>
#include <cstdint>
#include <vector>

#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// How good the end of a plan is; the least is the best.
struct Score {
  std::int64_t violation = 0;  // what is asked and not reached: overload, then spread; in steps
  Bytes bytes = 0;
  std::size_t moves = 0;

  friend auto operator<=>(const Score&, const Score&) = default;
};

// The nodes that share sets with one another, directly or through others, and those sets.
struct Component {
  std::vector<Index> nodes;
  std::vector<Index> sets;
};

// Those with something to do, worst first. `draft`: nothing planned yet.
[[nodiscard]] std::vector<Component> components(const Draft& draft, Urgency urgency);
// Of what is planned since `before` in a component.
[[nodiscard]] Score score(const Draft& before, const Draft& after, const Component& component,
                          Urgency urgency);
// The spread that a set has to end within; infinite: any.
[[nodiscard]] double allowed_spread(const Draft& draft, Index set, Urgency urgency);
// Bytes that an overloaded node has to be brought down to.
[[nodiscard]] double relief_target(const Draft& draft, const DraftNode& node);
// What is asked and not reached, in steps down from what it was before: what is better by less than
// one is no better. 0: nothing is left.
[[nodiscard]] std::int64_t spread_steps(double excess, double before);
[[nodiscard]] std::int64_t overload_steps(double excess, double before, double capacity);

// Few nodes and segments enough to be searched.
[[nodiscard]] bool searchable(const Draft& draft, const Component& component);
// How much a search may look at.
struct Beam {
  std::size_t width = 0;    // states that are followed further, of each depth
  std::int64_t effort = 0;  // as Policy::effort; the search leaves here what it did not use
};
// Plans the best moves found, if they are better than `bar`; false: they are not.
[[nodiscard]] bool search(Draft& draft, const Component& component, Urgency urgency,
                          const Score& bar, Beam& beam);

}  // namespace evenkeel::rules
