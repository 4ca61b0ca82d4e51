// Difference: from the highest node of the worst set to its lowest, until the spread is inside the
// stop mark. Greedy: the smallest segment that brings both nodes into the band around the set's
// mean, else the largest that overshoots it on neither side, else the one that overshoots least.
//
// Every move lowers the potential Σ capacity × (ratio − mean)² strictly. Moving b bytes between
// nodes of capacities c, c' and ratios r > r' changes it by b × (b/c + b/c' − 2(r − r')), and a
// move is allowed only where b/c ≤ r − r' and b/c' < r − r': the source does not fall below where
// the destination was, and the destination stays below where the source was.

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/draft.hpp"

namespace evenkeel::rules {
namespace {

// The ratios between which all nodes of a set are inside the stop mark.
struct Band {
  double bottom = 0;
  double top = 0;
};

struct Pair {
  Index set = 0;
  Index source = 0;
  Index destination = 0;
};

using Segments = std::span<const Movable>;  // by bytes

Bytes bytes_of(const Movable& movable) {
  return movable.segment->bytes;
}

// The smallest that has at least so many bytes and is not taken; null: none.
const Movable* smallest_from(Segments segments, Bytes bytes) {
  auto found = std::partition_point(segments.begin(), segments.end(),
                                    [bytes](const Movable& m) { return bytes_of(m) < bytes; });
  while (found != segments.end() && found->taken) ++found;
  return found != segments.end() ? &*found : nullptr;
}

// The largest that has at most so many bytes and is not taken; null: none.
const Movable* largest_up_to(Segments segments, Bytes bytes) {
  auto end = std::partition_point(segments.begin(), segments.end(),
                                  [bytes](const Movable& m) { return bytes_of(m) <= bytes; });
  while (end != segments.begin() && (end - 1)->taken) --end;
  return end != segments.begin() ? &*(end - 1) : nullptr;
}

class Levelling {
 public:
  explicit Levelling(Draft& draft);
  void run();

 private:
  [[nodiscard]] std::optional<Index> worst_set() const;
  [[nodiscard]] bool move_one(Index set);
  [[nodiscard]] bool try_pair(const Pair& pair, const Band& band);
  [[nodiscard]] const Movable* choose(const Pair& pair, const Band& band) const;
  [[nodiscard]] Bytes most(const Pair& pair) const;
  [[nodiscard]] bool improves(const Pair& pair, Bytes bytes) const;
  [[nodiscard]] bool harms_a_set(const Pair& pair, double from_after, double to_after) const;
  [[nodiscard]] Band band_of(const NodeSet& set) const;
  [[nodiscard]] Index highest_of(const NodeSet& set) const;
  void reject(const Pair& pair);
  void cut(Index set);
  void give_up(const NodeSet& set);

  [[nodiscard]] const DraftNode& node(Index index) const { return draft_.nodes()[index]; }

  Draft& draft_;
  double stop_;
  std::vector<bool> stuck_;  // sets in which no move helps as things are
  bool cut_by_budget_ = false;
};

Levelling::Levelling(Draft& draft)
    : draft_(draft),
      stop_(draft.policy().max_difference * draft.policy().difference_stop),
      stuck_(draft.sets().size(), false) {}

// Ends: each pass takes a segment, and each is taken once, or leaves one set less to try.
void Levelling::run() {
  while (const std::optional<Index> set = worst_set()) {
    draft_.begin_scan();
    if (draft_.full()) return cut(*set);
    if (move_one(*set)) {
      std::fill(stuck_.begin(), stuck_.end(), false);  // sets share nodes
    } else {
      stuck_[*set] = true;
    }
  }
  if (cut_by_budget_) return;
  for (const NodeSet& set : draft_.sets()) {
    if (set.different && set.spread() > draft_.policy().max_difference) give_up(set);
  }
}

std::optional<Index> Levelling::worst_set() const {
  std::optional<Index> worst;
  for (Index i = 0; i < draft_.sets().size(); ++i) {
    const NodeSet& set = draft_.sets()[i];
    if (!set.different || stuck_[i] || !(set.spread() > stop_)) continue;
    if (!worst || set.spread() > draft_.sets()[*worst].spread()) worst = i;
  }
  return worst;
}

// Only what lowers the highest node or raises the lowest one makes the spread smaller.
bool Levelling::move_one(Index set) {
  std::vector<Index> rising = draft_.sets()[set].nodes;
  std::stable_sort(rising.begin(), rising.end(),
                   [&](Index a, Index b) { return node(a).ratio() < node(b).ratio(); });
  const Index lowest = rising.front();
  const Index highest = rising.back();
  const Band band = band_of(draft_.sets()[set]);
  draft_.reject_unmovable_on(highest, set);
  return std::any_of(rising.begin(), rising.end() - 1,
                     [&](Index to) {
                       return try_pair({set, highest, to}, band);
                     }) ||
         std::any_of(rising.rbegin() + 1, rising.rend() - 1, [&](Index from) {
           return try_pair({set, from, lowest}, band);
         });
}

bool Levelling::try_pair(const Pair& pair, const Band& band) {
  const Movable* chosen = choose(pair, band);
  if (chosen == nullptr) {
    reject(pair);
    return false;
  }
  draft_.take(*chosen, pair.destination, Urgency::difference);
  return true;
}

const Movable* Levelling::choose(const Pair& pair, const Band& band) const {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  if (!from.available() || !to.available() || !(from.ratio() > to.ratio())) return nullptr;

  const auto above = [&](double ratio) {
    return saturating_subtract(from.now, scaled_down(from.capacity, ratio));
  };
  const auto below = [&](double ratio) {
    return saturating_subtract(scaled_up(to.capacity, ratio), to.now);
  };
  const Bytes wanted = std::max(above(band.top), below(band.bottom));
  if (wanted <= 0) return nullptr;  // both are inside the band: what is outside of it cannot move
  const Bytes inside = std::min({above(band.bottom), below(band.top), most(pair)});

  const Segments segments = draft_.movable_on(pair.source, pair.set);
  const Movable* chosen = smallest_from(segments, wanted);
  if (chosen == nullptr || bytes_of(*chosen) > inside) chosen = largest_up_to(segments, inside);
  if (chosen == nullptr) chosen = smallest_from(segments, 1);
  if (chosen != nullptr && bytes_of(*chosen) > most(pair)) return nullptr;
  // Ends: the size halves each time.
  while (chosen != nullptr && !improves(pair, bytes_of(*chosen))) {
    chosen = largest_up_to(segments, bytes_of(*chosen) / 2);
  }
  return chosen;
}

// What may go from the one to the other by room, budget and the gap between them.
Bytes Levelling::most(const Pair& pair) const {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const Bytes gap = scaled_down(std::min(from.capacity, to.capacity), from.ratio() - to.ratio());
  return std::min({gap, draft_.room(pair.destination), draft_.bytes_left()});
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
// it refuses a little too much rather than too little.
bool Levelling::harms_a_set(const Pair& pair, double from_after, double to_after) const {
  const double worst = draft_.sets()[pair.set].spread();
  const auto harmed = [&](Index index) {
    const NodeSet& set = draft_.sets()[index];
    const auto has = [&set](Index member) {
      return std::binary_search(set.nodes.begin(), set.nodes.end(), member);
    };
    const double highest = has(pair.destination) ? std::max(set.highest, to_after) : set.highest;
    const double lowest = has(pair.source) ? std::min(set.lowest, from_after) : set.lowest;
    const double limit = set.different ? worst : draft_.policy().max_difference;
    return highest - lowest > std::max(set.spread(), limit);
  };
  const auto any_harmed = [&](const std::vector<Index>& sets) {
    return std::any_of(sets.begin(), sets.end(), harmed);
  };
  return any_harmed(node(pair.source).sets) || any_harmed(node(pair.destination).sets);
}

Band Levelling::band_of(const NodeSet& set) const {
  double used = 0;
  double capacity = 0;
  for (const Index index : set.nodes) {
    used += static_cast<double>(node(index).now);
    capacity += static_cast<double>(node(index).capacity);
  }
  const double mean = used / capacity;  // all its nodes could be judged, so none has no capacity
  return {mean - stop_ / 2, mean + stop_ / 2};
}

Index Levelling::highest_of(const NodeSet& set) const {
  return *std::max_element(set.nodes.begin(), set.nodes.end(),
                           [&](Index a, Index b) { return node(a).ratio() < node(b).ratio(); });
}

void Levelling::reject(const Pair& pair) {
  const DraftNode& from = node(pair.source);
  const DraftNode& to = node(pair.destination);
  const Movable* smallest = smallest_from(draft_.movable_on(pair.source, pair.set), 1);
  if (smallest == nullptr) return;  // there was nothing to consider

  Candidate rejected;
  rejected.segment = smallest->segment->id;
  rejected.replica = smallest->segment->replica;
  rejected.from = from.id;
  rejected.to = to.id;
  rejected.to_after = ratio_of(saturating_add(to.now, bytes_of(*smallest)), to.capacity);
  if (!from.available() || !to.available()) {
    rejected.why = Rejection::in_flight;
  } else if (bytes_of(*smallest) > draft_.bytes_left()) {
    rejected.why = Rejection::budget;
    cut_by_budget_ = true;
  } else if (bytes_of(*smallest) > draft_.room(pair.destination)) {
    rejected.why = Rejection::destination_overload;
  } else {
    rejected.why = Rejection::no_improvement;
  }
  draft_.reject(rejected);
}

void Levelling::cut(Index set) {
  Candidate rejected;
  rejected.replica = draft_.sets()[set].replica;
  rejected.from = node(highest_of(draft_.sets()[set])).id;
  rejected.why = Rejection::budget;
  draft_.reject(rejected);
}

void Levelling::give_up(const NodeSet& set) {
  const DraftNode& highest = node(highest_of(set));
  Unfixable unfixable;
  unfixable.urgency = Urgency::difference;
  unfixable.node = highest.id;
  unfixable.replica = set.replica;
  unfixable.excess = scaled_up(highest.capacity, set.spread() - draft_.policy().max_difference);
  draft_.give_up(unfixable);
}

}  // namespace

void level(Draft& draft) {
  Levelling(draft).run();
}

}  // namespace evenkeel::rules
