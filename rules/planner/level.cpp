// Difference: from the highest node of the worst set to its lowest, until the spread is inside the
// stop mark. The part above or below the band that takes the fewest bytes is moved by the one
// segment that is just enough, or by the largest that is not too much and then further ones,
// whichever takes fewer bytes.
//
// Every move lowers the potential Σ capacity × (ratio − mean)² strictly. Moving b bytes between
// nodes of capacities c, c' and ratios r > r' changes it by b × (b/c + b/c' − 2(r − r')), and a
// move is allowed only where b/c ≤ r − r' and b/c' < r − r': the source does not fall below where
// the destination was, and the destination stays below where the source was.

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/planner/draft.hpp"
#include "rules/planner/fluid.hpp"
#include "rules/planner/greedy.hpp"
#include "rules/planner/widest.hpp"

namespace evenkeel::rules {
namespace {

// A source and a destination in a set.
struct Pair {
  Index set = 0;
  Index source = 0;
  Index destination = 0;
};

// A levelling of some sets in one draft.
class Levelling {
 public:
  Levelling(Draft& draft, const std::vector<Index>& sets);
  void run();

 private:
  void open(Index set);
  void reopen_all();
  [[nodiscard]] bool move_one(Index set);
  [[nodiscard]] bool try_pair(const Pair& pair);
  [[nodiscard]] std::optional<SegmentRef> choose(const Pair& pair);
  [[nodiscard]] std::optional<SegmentRef> shrunk_until_improving(
      const Pair& pair, std::optional<SegmentRef> segment) const;
  [[nodiscard]] std::optional<SegmentRef> fitting(const Pair& pair, Bytes wanted, Bytes most) const;
  [[nodiscard]] Bytes most_bytes(const Pair& pair) const;
  [[nodiscard]] bool worth_its_bytes(const Pair& pair, Bytes bytes) const;
  [[nodiscard]] bool improves(const Pair& pair, Bytes bytes) const;
  [[nodiscard]] bool harms_a_set(const Pair& pair, double from_after, double to_after) const;
  [[nodiscard]] const Band& band_of(Index set);
  void reopen_sets_of(const Pair& pair);
  [[nodiscard]] Index highest_of(Index set) const;
  void reject(const Pair& pair);
  void reject_for_budget(Index set);
  void give_up(Index set);

  [[nodiscard]] const DraftNode& node(Index index) const { return draft_.nodes()[index]; }

  Draft& draft_;
  const std::vector<Index>& sets_;  // to be levelled, where they differ
  double stop_;
  std::vector<bool> wanted_;                // by set: it is among sets_, and differs
  std::vector<std::optional<Band>> bands_;  // by set; none: to be recomputed
  Widest widest_;                           // the wanted sets, less those where no move helps
  bool cut_by_budget_ = false;
};

Levelling::Levelling(Draft& draft, const std::vector<Index>& sets)
    : draft_(draft),
      sets_(sets),
      stop_(draft.policy().max_difference * draft.policy().difference_stop),
      wanted_(draft.inventory().sets().size(), false),
      bands_(wanted_.size()),
      widest_(draft, stop_) {
  for (const Index set : sets_) wanted_[set] = draft.different(set);
  reopen_all();
}

// Ends: each pass takes a segment, and each is taken once, or closes a set.
void Levelling::run() {
  bool moved = false;  // since the closed sets were last opened
  for (;;) {
    const std::optional<Index> set = widest_.set();
    if (!set && !std::exchange(moved, false)) break;
    if (!set) {
      reopen_all();
      continue;
    }
    draft_.rejections().begin_scan();
    if (draft_.full()) return reject_for_budget(*set);
    if (move_one(*set)) {
      moved = true;
    } else {
      widest_.close(*set);
    }
  }
  if (cut_by_budget_) return;
  for (const Index set : sets_) {
    if (wanted_[set] && draft_.set(set).spread() > draft_.policy().max_difference) give_up(set);
  }
}

void Levelling::open(Index set) {
  if (wanted_[set] && !widest_.is_open(set)) widest_.open(set);
}

// A set may be blocked by another set that shares no node with the changed ones, so retry all.
void Levelling::reopen_all() {
  for (const Index set : sets_) open(set);
}

// Only a move off the highest node or to the lowest one makes the spread smaller.
bool Levelling::move_one(Index set) {
  const std::vector<Index>& members = draft_.nodes_of(set);
  const auto lower = [&](Index a, Index b) { return draft_.ratio(a) < draft_.ratio(b); };
  const Index highest = highest_of(set);
  const Index lowest = *std::min_element(members.begin(), members.end(), lower);
  draft_.reject_unmovable_on(highest, set);
  if (try_pair({set, highest, lowest})) return true;

  std::vector<Index> rising = members;
  std::stable_sort(rising.begin(), rising.end(), lower);
  return std::any_of(rising.begin(), rising.end(),
                     [&](Index to) {
                       return to != highest && to != lowest && try_pair({set, highest, to});
                     }) ||
         std::any_of(rising.rbegin(), rising.rend(), [&](Index from) {
           return from != highest && from != lowest && try_pair({set, from, lowest});
         });
}

bool Levelling::try_pair(const Pair& pair) {
  const std::optional<SegmentRef> chosen = choose(pair);
  if (!chosen) {
    reject(pair);
    return false;
  }
  assert(chosen->bytes() <= draft_.room(pair.destination));
  [[maybe_unused]] const double highest = draft_.ratio(pair.source);
  draft_.add_move(*chosen, pair.destination, Urgency::difference);
  assert(draft_.ratio(pair.destination) < highest && "the potential falls");
  reopen_sets_of(pair);
  return true;
}

// The move changed these sets, so a move in them may help now, and their bands are outdated.
void Levelling::reopen_sets_of(const Pair& pair) {
  widest_.follow(pair.source, pair.destination);
  for (const Index changed : {pair.source, pair.destination}) {
    for (const Index set : draft_.inventory().sets_of(changed)) {
      if (set != pair.set) bands_[set].reset();
      open(set);
    }
  }
}

std::optional<SegmentRef> Levelling::choose(const Pair& pair) {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  if (!from.available() || !to.available() ||
      !(draft_.ratio(pair.source) > draft_.ratio(pair.destination)))
    return std::nullopt;

  const Band& band = band_of(pair.set);
  const auto above = [&](double ratio) {
    return saturating_subtract(from.now, scaled_down(from.capacity, ratio));
  };
  const auto below = [&](double ratio) {
    return saturating_subtract(scaled_up(to.capacity, ratio), to.now);
  };
  const Bytes excess = above(band.top);
  const Bytes deficit = below(band.bottom);
  const Bytes wanted =
      excess > 0 && deficit > 0 ? std::min(excess, deficit) : std::max(excess, deficit);
  if (wanted <= 0) return std::nullopt;  // both are inside the band: the nodes outside cannot move
  const Bytes limit = most_bytes(pair);
  const Bytes inside = std::min({above(band.bottom), below(band.top), limit});

  std::optional<SegmentRef> chosen = fitting(pair, wanted, inside);
  if (!chosen) {
    chosen = draft_.movable().smallest_from(pair.source, pair.set, 1);
    if (chosen && (chosen->bytes() > limit || !worth_its_bytes(pair, chosen->bytes())))
      return std::nullopt;
  }
  return shrunk_until_improving(pair, chosen);
}

// The segment, or a smaller one that improves things. Ends: the size halves each time.
std::optional<SegmentRef> Levelling::shrunk_until_improving(
    const Pair& pair, std::optional<SegmentRef> segment) const {
  if (!segment || improves(pair, segment->bytes())) return segment;
  return shrunk_until_improving(
      pair, draft_.movable().largest_up_to(pair.source, pair.set, segment->bytes() / 2));
}

// The segment of at most `most` bytes that begins the cheapest way to move `wanted`.
std::optional<SegmentRef> Levelling::fitting(const Pair& pair, Bytes wanted, Bytes most) const {
  std::optional<SegmentRef> alone = draft_.movable().smallest_from(pair.source, pair.set, wanted);
  if (alone && alone->bytes() > most) alone.reset();
  const std::optional<SegmentRef> first =
      draft_.movable().largest_up_to(pair.source, pair.set, std::min(wanted, most));
  if (!alone || !first) return alone ? alone : first;
  SegmentRef last = *first;
  const auto next = [&](Bytes at_most) -> std::optional<Bytes> {
    auto smaller = draft_.movable().smaller(last);
    if (smaller && smaller->bytes() > at_most) {
      smaller = draft_.movable().largest_up_to(pair.source, pair.set, at_most);
    }
    if (!smaller) return std::nullopt;
    last = *smaller;
    return last.bytes();
  };
  const auto rest = [&](Bytes at_least) -> std::optional<Bytes> {
    const auto segment = draft_.movable().smallest_from(pair.source, pair.set, at_least);
    return segment ? std::optional(segment->bytes()) : std::nullopt;
  };
  const Bytes steps = bytes_in_steps(first->bytes(), wanted, next, rest);
  assert(first->bytes() <= most && steps >= wanted);
  return one_is_better(alone->bytes(), steps) ? alone : first;
}

// The most that may go from source to destination by room, budget and the gap between them.
Bytes Levelling::most_bytes(const Pair& pair) const {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const Bytes gap = scaled_down(std::min(from.capacity, to.capacity), from.ratio() - to.ratio());
  return std::min({gap, draft_.room(pair.destination), draft_.bytes_left()});
}

// A segment that leaves the band on the other side is worth its bytes only where the two nodes come
// a good deal closer.
bool Levelling::worth_its_bytes(const Pair& pair, Bytes bytes) const {
  constexpr double kLeast = 1.0 / 7;
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const double highest = std::max(ratio_of(saturating_subtract(from.now, bytes), from.capacity),
                                  ratio_of(saturating_add(to.now, bytes), to.capacity));
  return from.ratio() - highest >= (from.ratio() - to.ratio()) * kLeast;
}

bool Levelling::improves(const Pair& pair, Bytes bytes) const {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const double from_after = ratio_of(saturating_subtract(from.now, bytes), from.capacity);
  const double to_after = ratio_of(saturating_add(to.now, bytes), to.capacity);
  return to_after < from.ratio() && !harms_a_set(pair, from_after, to_after);
}

// A set that is not being levelled stays inside its limit; one that is does not become worse than
// the one whose turn it is, since its own turn comes. Counts the two nodes' old ratios as well, so
// it forbids a little too much rather than too little.
bool Levelling::harms_a_set(const Pair& pair, double from_after, double to_after) const {
  const double worst = draft_.set(pair.set).spread();
  const auto has = [this](Index set, Index member) {
    const std::vector<Index>& members = draft_.nodes_of(set);
    return std::binary_search(members.begin(), members.end(), member);
  };
  const auto harmed = [&](Index index) {
    const DraftSet& set = draft_.set(index);
    const double highest =
        has(index, pair.destination) ? std::max(set.highest, to_after) : set.highest;
    const double lowest = has(index, pair.source) ? std::min(set.lowest, from_after) : set.lowest;
    const double limit = set.different ? worst : draft_.policy().max_difference;
    return highest - lowest > std::max(set.spread(), limit);
  };
  const auto sources = draft_.inventory().sets_of(pair.source);
  const auto destinations = draft_.inventory().sets_of(pair.destination);
  return std::any_of(sources.begin(), sources.end(),
                     [&](Index set) { return draft_.below_all(set, from_after) && harmed(set); }) ||
         std::any_of(destinations.begin(), destinations.end(),
                     [&](Index set) { return draft_.above_all(set, to_after) && harmed(set); });
}

// A set that differs was judged, so none of its nodes is without capacity.
const Band& Levelling::band_of(Index set) {
  std::optional<Band>& band = bands_[set];
  if (!band) {
    std::vector<FluidNode> fluid;
    fluid.reserve(draft_.nodes_of(set).size());
    for (const Index index : draft_.nodes_of(set)) {
      fluid.push_back(
          {static_cast<double>(node(index).now), static_cast<double>(node(index).capacity)});
    }
    band = best_band(fluid, stop_);
  }
  return *band;
}

Index Levelling::highest_of(Index set) const {
  const std::vector<Index>& members = draft_.nodes_of(set);
  return *std::max_element(members.begin(), members.end(),
                           [&](Index a, Index b) { return draft_.ratio(a) < draft_.ratio(b); });
}

void Levelling::reject(const Pair& pair) {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const auto smallest = draft_.movable().smallest_from(pair.source, pair.set, 1);
  if (!smallest) return;  // nothing was considered

  RejectedMove rejected = draft_.rejected_move(*smallest, Rejection::no_improvement);
  rejected.to = to.id;
  rejected.to_after = ratio_of(saturating_add(to.now, smallest->bytes()), to.capacity);
  if (!from.available() || !to.available()) {
    rejected.why = Rejection::in_flight;
  } else if (to.closed) {
    rejected.why = *to.closed;
  } else if (smallest->bytes() > draft_.bytes_left()) {
    rejected.why = Rejection::budget;
    cut_by_budget_ = true;
  } else if (smallest->bytes() > draft_.room(pair.destination)) {
    rejected.why = Rejection::destination_overload;
  }
  draft_.rejections().add(rejected);
}

void Levelling::reject_for_budget(Index set) {
  RejectedMove rejected;
  rejected.replica = draft_.inventory().sets()[set].replica;
  rejected.from = node(highest_of(set)).id;
  rejected.why = Rejection::budget;
  draft_.rejections().add(rejected);
}

void Levelling::give_up(Index set) {
  const DraftNode& highest = node(highest_of(set));
  Unfixable unfixable;
  unfixable.urgency = Urgency::difference;
  unfixable.node = highest.id;
  unfixable.replica = draft_.inventory().sets()[set].replica;
  unfixable.excess =
      scaled_up(highest.capacity, draft_.set(set).spread() - draft_.policy().max_difference);
  draft_.add_unfixable(unfixable);
}

}  // namespace

void level_greedily(Draft& draft, const std::vector<Index>& sets) {
  Levelling(draft, sets).run();
}

}  // namespace evenkeel::rules
