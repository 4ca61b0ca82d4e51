#include "rules/planner/widest.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace evenkeel::rules {

Widest::Widest(const Draft& draft, double stop)
    : draft_(draft),
      stop_(stop),
      open_(draft.inventory().sets().size(), false),
      queued_(draft.nodes().size(), 0) {}

void Widest::open(Index set) {
  open_[set] = true;
  for (const Index node : draft_.nodes_of(set)) {
    queue(node, draft_.ratio(node) - draft_.lowest_at_least(set));
  }
}

void Widest::follow(Index from, Index to) {
  for (const Index set : draft_.inventory().sets_of(from)) {
    // If the source is the set's lowest node now, all others may be farther above than before.
    if (open_[set] && draft_.lowest_at_least(set) == draft_.ratio(from)) open(set);
  }
  double lowest = std::numeric_limits<double>::infinity();
  for (const Index set : draft_.inventory().sets_of(to)) {
    if (open_[set]) lowest = std::min(lowest, draft_.lowest_at_least(set));
  }
  queue(to, draft_.ratio(to) - lowest);
}

void Widest::queue(Index node, double above) {
  if (above <= std::max(stop_, queued_[node])) return;
  queued_[node] = above;
  queue_.push({above, node});
}

// A set whose lowest node is, but for `alike`, the farthest below this one, and a lower bound of
// the distance. Measures only sets whose lowest node may be that much lower than another one's.
Widest::Farthest Widest::farthest(Index node, double alike) const {
  double lowest = std::numeric_limits<double>::infinity();
  Farthest farthest;
  const auto sets = draft_.inventory().sets_of(node);
  for (const Index set : sets) {
    if (!open_[set] || draft_.lowest_at_most(set) >= lowest) continue;
    lowest = draft_.lowest_at_most(set);
    farthest.set = set;
  }
  for (const Index set : sets) {
    if (!open_[set] || draft_.lowest_at_least(set) >= lowest - alike) continue;
    if (draft_.lowest(set) >= lowest) continue;
    lowest = draft_.lowest(set);
    farthest.set = set;
  }
  if (farthest.set != kNone) farthest.above = draft_.ratio(node) - lowest;
  return farthest;
}

// Ends: an entry that is not returned is dropped, or queued again with a smaller bound.
std::optional<Index> Widest::set() {
  while (!queue_.empty()) {
    const Queued first = queue_.top();
    const auto comes_first = [&](const Farthest& found) {
      return found.above > stop_ && found.above >= first.above - kAlike / 2;
    };
    if (const Farthest nearly = farthest(first.node, kAlike / 2); comes_first(nearly))
      return nearly.set;
    const Farthest exactly = farthest(first.node, 0);
    if (comes_first(exactly)) return exactly.set;
    queue_.pop();
    assert((exactly.above <= first.above || queued_[first.node] != first.above) && "upper bound");
    if (queued_[first.node] != first.above) continue;  // an outdated entry
    queued_[first.node] = 0;
    if (exactly.set != kNone) queue(first.node, exactly.above);
  }
  return std::nullopt;
}

}  // namespace evenkeel::rules
