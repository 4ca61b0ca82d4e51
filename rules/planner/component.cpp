// The components of a cluster, and the scores of plans for them.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "rules/planner/search.hpp"

namespace evenkeel::rules {
namespace {

constexpr double kSpreadStep = 0.01;     // ratio; smaller differences count as none
constexpr double kOverloadStep = 0.001;  // part of a node's capacity

std::int64_t steps_left(double excess, double before, double step) {
  if (!(excess > 0)) return 0;
  constexpr double kMost = 1e12;
  const auto steps = [=](double value) { return std::clamp(value / step, -kMost, kMost); };
  const double left = std::ceil(steps(before)) - std::floor(steps(before - excess));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(left));
}

}  // namespace

double allowed_spread(const Draft& draft, Index set, Urgency urgency) {
  const DraftSet& state = draft.set(set);
  const Policy& policy = draft.policy();
  if (urgency == Urgency::overload || !state.judged) return std::numeric_limits<double>::infinity();
  if (state.different) return policy.max_difference * policy.difference_stop;
  return std::max(state.spread(), policy.max_difference);
}

double relief_target(const Draft& draft, const DraftNode& node) {
  const Policy& policy = draft.policy();
  return static_cast<double>(node.capacity) * (policy.overload_threshold - policy.overload_margin);
}

std::int64_t spread_steps(double excess, double before) {
  return steps_left(excess, before, kSpreadStep);
}

std::int64_t overload_steps(double excess, double before, double capacity) {
  return steps_left(excess, before, kOverloadStep * capacity);
}

std::vector<Component> components(const Draft& draft, Urgency urgency) {
  const Inventory& inventory = draft.inventory();
  std::vector<bool> seen(inventory.sets().size(), false);
  std::vector<std::pair<double, Component>> worst_first;
  for (Index node = 0; node < draft.nodes().size(); ++node) {
    const DraftNode& its = draft.nodes()[node];
    const bool alone = inventory.sets_of(node).empty();
    if (urgency == Urgency::overload && its.overloaded && alone) {
      worst_first.push_back({its.ratio(), {{node}, {}}});
    }
  }
  for (Index first = 0; first < inventory.sets().size(); ++first) {
    if (seen[first]) continue;
    Component component;
    component.sets.push_back(first);
    seen[first] = true;
    double wrong = 0;
    for (Index next = 0; next < component.sets.size(); ++next) {
      const Index set = component.sets[next];
      if (urgency == Urgency::difference && draft.different(set)) {
        wrong = std::max(wrong, draft.set(set).spread());
      }
      for (const Index node : draft.nodes_of(set)) {
        component.nodes.push_back(node);
        if (urgency == Urgency::overload && draft.nodes()[node].overloaded) {
          wrong = std::max(wrong, draft.nodes()[node].ratio());
        }
        for (const Index neighbour : inventory.sets_of(node)) {
          if (!seen[neighbour]) component.sets.push_back(neighbour);
          seen[neighbour] = true;
        }
      }
    }
    std::sort(component.nodes.begin(), component.nodes.end());
    component.nodes.erase(std::unique(component.nodes.begin(), component.nodes.end()),
                          component.nodes.end());
    std::sort(component.sets.begin(), component.sets.end());
    if (wrong > 0) worst_first.emplace_back(wrong, std::move(component));
  }
  std::stable_sort(worst_first.begin(), worst_first.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Component> components;
  components.reserve(worst_first.size());
  for (auto& [wrong, component] : worst_first) components.push_back(std::move(component));
  return components;
}

Score score(const Draft& before, const Draft& after, const Component& component, Urgency urgency) {
  Score score;
  score.bytes = after.bytes_planned() - before.bytes_planned();
  score.moves = after.moves_planned() - before.moves_planned();
  assert(score.bytes >= 0 && after.moves_planned() >= before.moves_planned());
  double spread_before = 0;
  double spread_after = 0;
  for (const Index set : component.sets) {
    const double most = allowed_spread(before, set, urgency);
    spread_before = std::max(spread_before, before.set(set).spread() - most);
    spread_after = std::max(spread_after, after.set(set).spread() - most);
  }
  score.violation = spread_steps(spread_after, spread_before);
  if (urgency == Urgency::overload) {
    for (const Index index : component.nodes) {
      const DraftNode& node = after.nodes()[index];
      if (!node.overloaded) continue;
      const double target = relief_target(after, node);
      score.violation += overload_steps(static_cast<double>(node.now) - target,
                                        static_cast<double>(before.nodes()[index].now) - target,
                                        static_cast<double>(node.capacity));
    }
  }
  return score;
}

bool searchable(const Draft& draft, const Component& component) {
  if (draft.policy().effort <= 0 || component.nodes.size() > kMostSearchedNodes) return false;
  std::size_t segments = 0;
  for (const Index node : component.nodes) {
    const DraftNode& its = draft.nodes()[node];
    if (!its.judged || its.capacity <= 0) return false;
    for (const auto& held : draft.inventory().segments_on(node)) segments += held.movable.size();
  }
  return segments <= kMostSearchedSegments;
}

}  // namespace evenkeel::rules
