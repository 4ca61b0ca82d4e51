// A beam search: at each depth the most promising states are followed further. A state is promising
// if it has moved few bytes and, by the fluid bound, has few to move still. A step is a move; it
// may make something worse for a moment if the bound is good, so that segments are swapped and
// handed on from node to node.
// In the end such moves are grouped: those that leave something worse than it was until later ones
// follow are an exchange, made together or not at all.

#include "rules/planner/search.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "rules/arithmetic.hpp"
#include "rules/planner/fluid.hpp"

namespace evenkeel::rules {
namespace {

constexpr std::size_t kMostNodes = kMostSearchedNodes;
constexpr std::size_t kMostMoves = 16;
static_assert(kMostSearchedSegments <= std::numeric_limits<std::uint16_t>::max());
static_assert(kMostNodes <= std::numeric_limits<std::uint8_t>::max());

// A beam search in one component.
class Search {
 public:
  Search(const Draft& draft, const Component& component, Urgency urgency, const Beam& beam);

  // A move of the search.
  struct Step {
    Index segment = 0;  // index in segments_
    Index to = 0;       // index in nodes_
  };
  // The best plan of a search.
  struct Found {
    Score score;
    std::vector<std::pair<SegmentRef, Index>> moves;
    std::vector<std::uint32_t> exchanges;
  };
  [[nodiscard]] std::optional<Found> run(const Score& bar);
  [[nodiscard]] std::int64_t effort_left() const { return effort_; }

 private:
  // A node of the component, for the arithmetic of the search.
  struct Node {
    Index index = 0;  // in the draft
    double capacity = 0;
    double room = 0;
    double target = 0;  // bytes, where it is overloaded
    bool available = false;
    bool overloaded = false;
    std::vector<Index> segments;  // indices in segments_, by set and bytes
  };
  // A set whose spread is limited.
  struct Set {
    std::vector<Index> nodes;
    double allowed = 0;
    bool different = false;
  };
  // The nodes after some steps, and the steps that led there.
  struct State {
    std::array<double, kMostNodes> use{};
    std::array<double, kMostNodes> arrived{};
    std::array<std::uint16_t, kMostMoves> segment{};
    std::array<std::uint8_t, kMostMoves> to{};
    std::size_t moves = 0;
    double bytes = 0;
    double bound = 0;  // bytes moved, and a lower bound of those still to be moved
    std::int64_t violation = 0;
    double potential = 0;
    std::uint64_t hash = 0;
  };

  [[nodiscard]] Index local_index(Index node) const;
  [[nodiscard]] double ratio(const State& state, Index node) const {
    return state.use[node] / nodes_[node].capacity;
  }
  // The node's part of the potential Σ use² ÷ capacity.
  [[nodiscard]] double share(const State& state, Index node) const {
    return state.use[node] * state.use[node] / nodes_[node].capacity;
  }
  [[nodiscard]] std::pair<Index, Index> ends(const State& state, const Set& set) const;
  [[nodiscard]] double excess(const State& state, const Set& set) const;
  void assess(State& state);
  [[nodiscard]] bool moved(const State& state, Index segment) const;
  [[nodiscard]] bool may_go(const State& state, Index segment, Index to) const;
  [[nodiscard]] State after(const State& state, Step step);
  void expand(const State& state, std::vector<State>& into);
  void expand_relief(const State& state, std::vector<State>& into);
  // Visits the node's segments that have not moved, the first of each size and set: equal ones are
  // the same to the search.
  template <typename Visit>
  void for_each_kind(const State& state, Index node, Visit visit) const;
  void move_from(const State& state, Index from, std::vector<State>& into);
  void move_to(const State& state, Index to, std::vector<State>& into);
  void consider(const State& state, std::vector<State>& into);
  [[nodiscard]] bool improves(const State& from, const State& to) const;
  [[nodiscard]] Found found(const State& state);

  const Draft& draft_;
  Urgency urgency_;
  std::vector<Node> nodes_;
  std::vector<Index> overloaded_;
  std::vector<Set> sets_;  // only sets with a finite allowed spread
  std::vector<SegmentRef> segments_;
  std::vector<Index> home_;  // by segment: its node
  State root_;
  double root_excess_ = 0;
  State best_;
  Score best_score_;
  std::size_t width_;
  std::int64_t effort_;
  std::size_t most_moves_;
};

Search::Search(const Draft& draft, const Component& component, Urgency urgency, const Beam& beam)
    : draft_(draft),
      urgency_(urgency),
      width_(beam.width),
      effort_(beam.effort),
      most_moves_(std::min(kMostMoves, draft.moves_left())) {
  assert(component.nodes.size() <= kMostNodes);
  for (const Index index : component.nodes) {
    const DraftNode& from = draft.nodes()[index];
    Node node;
    node.index = index;
    node.capacity = static_cast<double>(from.capacity);
    node.room = static_cast<double>(draft.room(index));
    node.target = relief_target(draft, from);
    node.available = from.available();
    node.overloaded = from.overloaded;
    root_.use[nodes_.size()] = static_cast<double>(from.now);
    nodes_.push_back(node);
  }
  for (const Index set : component.sets) {
    Set own;
    for (const Index index : draft.nodes_of(set)) own.nodes.push_back(local_index(index));
    own.allowed = allowed_spread(draft, set, urgency);
    own.different = draft.different(set);
    if (!std::isinf(own.allowed) && !own.nodes.empty()) sets_.push_back(std::move(own));
  }
  for (Node& node : nodes_) {
    if (!node.available) continue;
    std::vector<SegmentRef> segments = draft.movable().segments_on(node.index);
    std::ranges::stable_sort(segments, {}, &SegmentRef::set);
    for (const SegmentRef& segment : segments) {
      node.segments.push_back(segments_.size());
      segments_.push_back(segment);
      home_.push_back(static_cast<Index>(&node - nodes_.data()));
    }
  }
  for (Index i = 0; i < nodes_.size(); ++i) {
    root_.potential += share(root_, i);
    if (urgency == Urgency::overload && nodes_[i].overloaded) overloaded_.push_back(i);
  }
  for (const Set& set : sets_) root_excess_ = std::max(root_excess_, excess(root_, set));
  assess(root_);
}

Index Search::local_index(Index index) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                  [index](const Node& node) { return node.index == index; });
  assert(found != nodes_.end() && "a component has all nodes of its sets");
  return static_cast<Index>(found - nodes_.begin());
}

// The highest and the lowest node.
std::pair<Index, Index> Search::ends(const State& state, const Set& set) const {
  std::pair<Index, Index> ends{set.nodes.front(), set.nodes.front()};
  for (const Index node : set.nodes) {
    if (ratio(state, node) > ratio(state, ends.first)) ends.first = node;
    if (ratio(state, node) < ratio(state, ends.second)) ends.second = node;
  }
  return ends;
}

double Search::excess(const State& state, const Set& set) const {
  const auto [highest, lowest] = ends(state, set);
  return ratio(state, highest) - ratio(state, lowest) - set.allowed;
}

void Search::assess(State& state) {
  state.violation = 0;
  double left = 0;
  for (const Index i : overloaded_) {
    const double over = state.use[i] - nodes_[i].target;
    state.violation += overload_steps(over, root_.use[i] - nodes_[i].target, nodes_[i].capacity);
    left += std::max(0.0, over);
  }
  const Set* worst = nullptr;
  double most = 0;
  for (const Set& set : sets_) {
    const double over = excess(state, set);
    effort_ -= static_cast<std::int64_t>(set.nodes.size());
    if (!(over > most)) continue;
    most = over;
    worst = &set;
  }
  if (worst != nullptr) {
    state.violation = std::max(state.violation, spread_steps(most, root_excess_));
    std::array<FluidNode, kMostNodes> fluid;
    for (Index i = 0; i < worst->nodes.size(); ++i) {
      fluid[i] = {state.use[worst->nodes[i]], nodes_[worst->nodes[i]].capacity};
    }
    left += least_bytes({fluid.data(), worst->nodes.size()}, worst->allowed);
    effort_ -= static_cast<std::int64_t>(worst->nodes.size() * 10);
  }
  state.bound = state.bytes + left;
  assert(state.bound >= state.bytes);
}

bool Search::moved(const State& state, Index segment) const {
  const auto end = state.segment.begin() + static_cast<std::ptrdiff_t>(state.moves);
  return std::find(state.segment.begin(), end, segment) != end;
}

bool Search::may_go(const State& state, Index segment, Index to) const {
  const Node& node = nodes_[to];
  const auto bytes = static_cast<double>(segments_[segment].bytes());
  if (!node.available || segments_[segment].node == node.index) return false;
  if (state.arrived[to] + bytes > node.room) return false;
  if (state.bytes + bytes > static_cast<double>(draft_.bytes_left())) return false;
  const std::vector<Index>& members = draft_.nodes_of(segments_[segment].set);
  return std::binary_search(members.begin(), members.end(), node.index);
}

Search::State Search::after(const State& state, Step step) {
  assert(state.moves < most_moves_ && !moved(state, step.segment));
  State next = state;
  const auto bytes = static_cast<double>(segments_[step.segment].bytes());
  const Index from = home_[step.segment];
  next.potential -= share(state, from) + share(state, step.to);
  next.use[from] = std::max(0.0, next.use[from] - bytes);
  next.use[step.to] += bytes;
  next.potential += share(next, from) + share(next, step.to);
  next.arrived[step.to] += bytes;
  next.segment[next.moves] = static_cast<std::uint16_t>(step.segment);
  next.to[next.moves] = static_cast<std::uint8_t>(step.to);
  ++next.moves;
  next.bytes += bytes;
  next.hash += mixed(step.segment * kMostNodes + step.to + 1);
  assess(next);
  return next;
}

void Search::consider(const State& state, std::vector<State>& into) {
  const Score reached{state.violation, static_cast<Bytes>(state.bytes), state.moves};
  if (reached < best_score_ && improves(root_, state)) {
    best_score_ = reached;
    best_ = state;
  }
  const bool hopeless =
      best_score_.violation == 0 && state.bound >= static_cast<double>(best_score_.bytes);
  if (state.violation > 0 && state.moves < most_moves_ && !hopeless) into.push_back(state);
}

template <typename Visit>
void Search::for_each_kind(const State& state, Index node, Visit visit) const {
  const SegmentRef* last = nullptr;
  for (const Index segment : nodes_[node].segments) {
    const SegmentRef& it = segments_[segment];
    if (moved(state, segment)) continue;
    if (last != nullptr && last->set == it.set && last->bytes() == it.bytes()) continue;
    last = &it;
    visit(segment);
  }
}

void Search::move_from(const State& state, Index from, std::vector<State>& into) {
  for_each_kind(state, from, [&](Index segment) {
    for (Index to = 0; to < nodes_.size(); ++to) {
      if (!(ratio(state, from) > ratio(state, to)) || !may_go(state, segment, to)) continue;
      const State next = after(state, {segment, to});
      // Relief is for now, so the destination ends below where the source was, whatever may follow.
      const bool worse = urgency_ == Urgency::overload && !(ratio(next, to) < ratio(state, from));
      if (!worse) consider(next, into);
    }
  });
}

void Search::move_to(const State& state, Index to, std::vector<State>& into) {
  for (Index from = 0; from < nodes_.size(); ++from) {
    if (!(ratio(state, from) > ratio(state, to))) continue;
    for_each_kind(state, from, [&](Index segment) {
      if (may_go(state, segment, to)) consider(after(state, {segment, to}), into);
    });
  }
}

void Search::expand_relief(const State& state, std::vector<State>& into) {
  std::optional<Index> worst;
  const auto over = [&](Index i) { return state.use[i] - nodes_[i].target; };
  for (Index i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].overloaded || !(over(i) > 0)) continue;
    if (!worst || over(i) > over(*worst)) worst = i;
  }
  if (worst) move_from(state, *worst, into);
}

void Search::expand(const State& state, std::vector<State>& into) {
  if (urgency_ == Urgency::overload) return expand_relief(state, into);
  if (sets_.empty()) return;
  const auto worst = std::max_element(sets_.begin(), sets_.end(), [&](const Set& a, const Set& b) {
    return excess(state, a) < excess(state, b);
  });
  const auto [highest, lowest] = ends(state, *worst);
  move_from(state, highest, into);
  move_to(state, lowest, into);
}

// No node ends worse than the worst was, no set beyond its limit, and the potential falls.
bool Search::improves(const State& from, const State& to) const {
  double worst_before = 0;
  double worst_after = 0;
  for (Index i = 0; i < nodes_.size(); ++i) {
    if (!(nodes_[i].capacity > 0)) continue;
    worst_before = std::max(worst_before, ratio(from, i));
    worst_after = std::max(worst_after, ratio(to, i));
  }
  constexpr double kRounding = 1e-12;
  const bool falls = to.potential < from.potential * (1 - kRounding);
  if (worst_after > worst_before || !falls) return false;
  double limit = 0;
  for (const Set& set : sets_) limit = std::max(limit, excess(from, set));
  return std::all_of(sets_.begin(), sets_.end(), [&](const Set& set) {
    return excess(to, set) <= (set.different ? limit : std::max(0.0, excess(from, set)));
  });
}

Search::Found Search::found(const State& state) {
  Found found;
  found.score = best_score_;
  State start = root_;
  State now = root_;
  std::uint32_t exchange = 0;
  std::size_t open = 0;  // moves since `start`
  for (Index i = 0; i < state.moves; ++i) {
    found.moves.emplace_back(segments_[state.segment[i]], nodes_[state.to[i]].index);
    found.exchanges.push_back(0);
    now = after(now, {state.segment[i], state.to[i]});
    ++open;
    if (!improves(start, now)) continue;
    if (open > 1) {
      ++exchange;
      std::fill_n(found.exchanges.rbegin(), open, exchange);
    }
    start = now;
    open = 0;
  }
  // The whole sequence improves things even if its last part alone does not.
  if (open > 0) std::fill(found.exchanges.begin(), found.exchanges.end(), 1);
  return found;
}

// Ends: each pass is one move deeper, and no deeper than most_moves_.
std::optional<Search::Found> Search::run(const Score& bar) {
  constexpr double kNear = 1.01;  // so near the fluid bound, the last bytes are worth no search
  const bool near = bar.violation == 0 && static_cast<double>(bar.bytes) <= root_.bound * kNear;
  if (near || most_moves_ == 0) return std::nullopt;
  best_score_ = bar;
  std::vector<State> beam{root_};
  const auto order = [](const State& a, const State& b) {
    return std::tie(a.bound, a.violation, a.potential, a.hash) <
           std::tie(b.bound, b.violation, b.potential, b.hash);
  };
  while (!beam.empty() && effort_ > 0) {
    std::vector<State> next;
    for (const State& state : beam) {
      if (effort_ <= 0) break;
      expand(state, next);
    }
    std::sort(next.begin(), next.end(), order);
    beam.clear();
    std::set<std::uint64_t> known;
    for (const State& state : next) {
      if (beam.size() == width_) break;
      if (known.insert(state.hash).second) beam.push_back(state);
    }
  }
  if (best_.moves == 0) return std::nullopt;
  assert(best_score_ < bar);
  return found(best_);
}

}  // namespace

bool search(Draft& draft, const Component& component, Urgency urgency, const Score& bar,
            Beam& beam) {
  Search search(draft, component, urgency, beam);
  const auto found = search.run(bar);
  beam.effort = search.effort_left();
  if (!found) return false;
  const bool exchanges = std::any_of(found->exchanges.begin(), found->exchanges.end(),
                                     [](std::uint32_t number) { return number != 0; });
  if (exchanges && draft.exchanges_rest()) return false;
  const std::uint32_t first = draft.next_exchange();
  for (Index i = 0; i < found->moves.size(); ++i) {
    const std::uint32_t own = found->exchanges[i];
    const auto& [segment, to] = found->moves[i];
    assert(segment.bytes() <= draft.room(to));
    draft.add_move(segment, to, urgency, {own == 0 ? 0 : first + own - 1, std::nullopt});
  }
  return true;
}

}  // namespace evenkeel::rules
