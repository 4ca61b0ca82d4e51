// Overload: at once, with few bytes. Either the smallest segment leaves the node that suffices
// alone, or the largest that is not too much and then further ones, whichever takes fewer bytes;
// each goes to where the ratio ends lowest.
//
// Where no other node has room for any segment that would help, room is made: segments that may go
// further leave a neighbour first. They go now, and the overloaded node's segment follows in a
// later round, once the neighbour's memory has fallen: a copy needs its room before anything is
// freed, so two nodes that are both full cannot exchange segments directly.

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/planner/draft.hpp"
#include "rules/planner/greedy.hpp"

namespace evenkeel::rules {
namespace {

// The relief of one overloaded node in a draft.
class Relief {
 public:
  Relief(Draft& draft, Index source);
  // Moves the segments that can go at once.
  void run();
  // Makes room for the other segments, or gives up. Must run after run() of all nodes, as nothing
  // may use the room that is made. `cleared`: nodes already cleared for some overloaded node.
  void make_room_or_give_up(std::set<Index>& cleared);

 private:
  // The roomiest node of a set besides the source.
  struct Roomiest {
    std::optional<Index> node;
    Bytes room = 0;
    bool other_nodes = false;  // the set has others, available or not
  };
  // A segment of the source, and its destination.
  struct Choice {
    Index segment = 0;
    Index to = 0;
  };
  // The moves off a neighbour after which a segment of the source finds room there.
  struct Clearing {
    Index segment = 0;  // index in segments_
    std::vector<std::pair<SegmentRef, Index>> moves;
    Bytes bytes = 0;
  };

  [[nodiscard]] const DraftNode& source() const { return draft_.nodes()[source_]; }
  [[nodiscard]] Bytes bytes_above(Bytes mark) const;
  [[nodiscard]] Bytes room(Index index) const;
  [[nodiscard]] bool move_one();
  [[nodiscard]] std::optional<Choice> choose();
  [[nodiscard]] Bytes in_steps(Index first, Bytes wanted) const;
  [[nodiscard]] Index first_of_at_least(Bytes bytes) const;
  [[nodiscard]] std::optional<Index> destination(const SegmentRef& segment);
  [[nodiscard]] const Roomiest& roomiest(const SegmentRef& segment);
  [[nodiscard]] Index lowest_after(const SegmentRef& segment) const;
  [[nodiscard]] std::vector<Index> relieving_without_room(Bytes excess) const;
  [[nodiscard]] bool make_room(std::set<Index>& cleared);
  [[nodiscard]] double cost(const Clearing& clearing) const;
  [[nodiscard]] Bytes smallest_left() const;
  [[nodiscard]] std::optional<Clearing> clearing(Index number, Index neighbour) const;
  [[nodiscard]] std::optional<std::pair<SegmentRef, Index>> next_to_clear(
      Index neighbour, Bytes missing, const Clearing& so_far) const;
  [[nodiscard]] std::optional<Index> onward_destination(const SegmentRef& segment,
                                                        const Clearing& so_far) const;
  [[nodiscard]] bool lowers_potential(const Clearing& clearing, Index neighbour) const;
  void give_up();

  Draft& draft_;
  Index source_;
  Bytes target_;
  std::vector<SegmentRef> segments_;  // that may move off the source, by bytes
  std::vector<bool> taken_;           // by index in segments_
  bool cut_by_budget_ = false;
  // The state of the current scan:
  std::map<Index, Roomiest> roomiest_;  // by set
  std::vector<Index> no_room_;          // segments that no node has room for, by index
};

Relief::Relief(Draft& draft, Index source)
    : draft_(draft),
      source_(source),
      target_(scaled_down(draft.nodes()[source].capacity,
                          draft.policy().overload_threshold - draft.policy().overload_margin)),
      segments_(draft.movable().segments_on(source)),
      taken_(segments_.size(), false) {
  assert(std::is_sorted(
      segments_.begin(), segments_.end(),
      [](const SegmentRef& a, const SegmentRef& b) { return a.bytes() < b.bytes(); }));
}

// Ends: each pass takes a segment, and each is taken once.
void Relief::run() {
  while (bytes_above(target_) > 0 && move_one()) continue;
}

void Relief::make_room_or_give_up(std::set<Index>& cleared) {
  const bool overloaded = source().to_grow == 0 && bytes_above(source().room.limit) > 0;
  if (overloaded && !cut_by_budget_ && !make_room(cleared)) give_up();
}

Bytes Relief::bytes_above(Bytes mark) const {
  const Bytes grown = saturating_add(source().now, source().to_grow);
  return std::max<Bytes>(0, saturating_subtract(grown, mark));
}

// The destination stays below its threshold, and below the source's present ratio.
Bytes Relief::room(Index index) const {
  const DraftNode& node = draft_.nodes()[index];
  const Bytes as_high = scaled_down(node.capacity, source().ratio());
  return std::min(draft_.room(index), std::max<Bytes>(0, as_high - node.now - 1));
}

bool Relief::move_one() {
  draft_.rejections().begin_scan();
  draft_.reject_unmovable_on(source_);
  roomiest_.clear();
  no_room_.clear();
  const std::optional<Choice> choice = choose();
  if (!choice) return false;
  assert(segments_[choice->segment].bytes() <= draft_.room(choice->to));
  taken_[choice->segment] = true;
  draft_.add_move(segments_[choice->segment], choice->to, Urgency::overload);
  return true;
}

std::optional<Relief::Choice> Relief::choose() {
  const Bytes wanted = bytes_above(target_);
  const Index enough = first_of_at_least(wanted);
  std::optional<Choice> alone;
  std::optional<Choice> first;
  for (Index i = enough; i < segments_.size() && !alone; ++i) {
    if (const auto to = destination(segments_[i]); !taken_[i] && to) alone = Choice{i, *to};
  }
  for (Index i = enough; i-- > 0 && !first;) {
    if (const auto to = destination(segments_[i]); !taken_[i] && to) first = Choice{i, *to};
  }
  if (!alone || !first) return alone ? alone : first;
  const Bytes steps = in_steps(first->segment, wanted);
  return one_is_better(segments_[alone->segment].bytes(), steps) ? alone : first;
}

Bytes Relief::in_steps(Index first, Bytes wanted) const {
  Index end = first;
  const auto next = [&](Bytes at_most) -> std::optional<Bytes> {
    end = std::min(end, first_of_at_least(saturating_add(at_most, 1)));
    while (end > 0 && taken_[end - 1]) --end;
    if (end == 0) return std::nullopt;
    return segments_[--end].bytes();
  };
  const auto rest = [&](Bytes at_least) -> std::optional<Bytes> {
    Index last = first_of_at_least(at_least);
    while (last < segments_.size() && (taken_[last] || last == first)) ++last;
    if (last == segments_.size()) return std::nullopt;
    return segments_[last].bytes();
  };
  return bytes_in_steps(segments_[first].bytes(), wanted, next, rest);
}

// The index of the first segment that has at least this many bytes.
Index Relief::first_of_at_least(Bytes bytes) const {
  const auto found =
      std::partition_point(segments_.begin(), segments_.end(),
                           [bytes](const SegmentRef& segment) { return segment.bytes() < bytes; });
  return static_cast<Index>(found - segments_.begin());
}

std::optional<Index> Relief::destination(const SegmentRef& segment) {
  const auto number = static_cast<Index>(&segment - segments_.data());
  assert(number < segments_.size());
  if (taken_[number]) return std::nullopt;
  const Bytes bytes = segment.bytes();
  const Roomiest& best = roomiest(segment);
  if (best.node && best.room >= bytes) {
    if (!draft_.full() && bytes <= draft_.bytes_left()) return lowest_after(segment);
    cut_by_budget_ = true;
    draft_.rejections().add(draft_.rejected_move(segment, Rejection::budget));
    return std::nullopt;
  }
  if (best.node) {
    const DraftNode& node = draft_.nodes()[*best.node];
    const bool overloads = draft_.room(*best.node) < bytes;
    RejectedMove rejected = draft_.rejected_move(
        segment, overloads ? Rejection::destination_overload : Rejection::no_improvement);
    rejected.to_after = ratio_of(saturating_add(node.now, bytes), node.capacity);
    draft_.rejections().add(rejected);
  }
  // Where others are there but not available, room is not what is missing.
  if (best.node || !best.other_nodes) no_room_.push_back(number);
  return std::nullopt;
}

const Relief::Roomiest& Relief::roomiest(const SegmentRef& segment) {
  const auto [found, is_new] = roomiest_.try_emplace(segment.set);
  Roomiest& best = found->second;
  if (!is_new) return best;
  for (const Index index : draft_.nodes_of(segment.set)) {
    if (index == source_) continue;
    best.other_nodes = true;
    const DraftNode& node = draft_.nodes()[index];
    if (!node.available() || node.closed) {
      RejectedMove rejected =
          draft_.rejected_move(segment, !node.judged ? Rejection::destination_unhealthy
                                                     : node.closed.value_or(Rejection::in_flight));
      rejected.segment.reset();
      rejected.to = node.id;
      draft_.rejections().add(rejected);
      continue;
    }
    if (!best.node || room(index) > best.room) {
      best.node = index;
      best.room = room(index);
    }
  }
  return best;
}

// Some node of the set must have room for the segment.
Index Relief::lowest_after(const SegmentRef& segment) const {
  std::optional<std::pair<double, Index>> lowest;
  for (const Index index : draft_.nodes_of(segment.set)) {
    const DraftNode& node = draft_.nodes()[index];
    if (index == source_ || !node.available() || room(index) < segment.bytes()) continue;
    const std::pair after(ratio_of(saturating_add(node.now, segment.bytes()), node.capacity),
                          index);
    if (!lowest || after < *lowest) lowest = after;
  }
  assert(lowest);
  return lowest->second;
}

// Takes the clearing with the lowest cost().
bool Relief::make_room(std::set<Index>& cleared) {
  std::optional<Clearing> best;
  for (const Index number : no_room_) {
    for (const Index neighbour : draft_.nodes_of(segments_[number].set)) {
      const DraftNode& node = draft_.nodes()[neighbour];
      if (neighbour == source_ || !node.available() || node.overloaded || node.closed) continue;
      // The memory of segments that left may not have fallen yet: wait for the room that it brings.
      if (cleared.contains(neighbour) || node.draining) continue;
      auto found = clearing(number, neighbour);
      const auto spoils = [&](const auto& move) { return cleared.contains(move.second); };
      if (found && std::any_of(found->moves.begin(), found->moves.end(), spoils)) continue;
      if (found && (!best || cost(*found) < cost(*best))) best = std::move(found);
    }
  }
  if (!best) return false;
  cleared.insert(best->moves.front().first.node);
  for (const auto& [segment, to] : best->moves) {
    assert(segment.bytes() <= draft_.room(to));
    draft_.add_move(segment, to, Urgency::overload, {0, segments_[best->segment].copy->id});
  }
  return true;
}

// All bytes that are moved until the source is below its threshold. The rest after this segment
// takes at least another one, and room for that is made at the same rate.
double Relief::cost(const Clearing& clearing) const {
  const Bytes bytes = segments_[clearing.segment].bytes();
  assert(bytes > 0 && clearing.bytes > 0);
  const double rate = 1 + static_cast<double>(clearing.bytes) / static_cast<double>(bytes);
  const Bytes left = saturating_subtract(bytes_above(source().room.limit), bytes);
  const Bytes further = left > 0 ? std::max(left, smallest_left()) : 0;
  return rate * static_cast<double>(saturating_add(bytes, further));
}

Bytes Relief::smallest_left() const {
  const auto found = std::find(taken_.begin(), taken_.end(), false);
  return found == taken_.end() ? 0 : segments_[static_cast<Index>(found - taken_.begin())].bytes();
}

std::optional<Relief::Clearing> Relief::clearing(Index number, Index neighbour) const {
  const Room& room = draft_.nodes()[neighbour].room;
  Clearing result;
  result.segment = number;
  constexpr std::size_t kMost = 5;
  Bytes missing = room.missing(segments_[number].bytes(), draft_.policy());
  while (missing > 0) {
    if (result.moves.size() == std::min(kMost, draft_.moves_left())) return std::nullopt;
    const auto next = next_to_clear(neighbour, missing, result);
    if (!next) return std::nullopt;
    missing -= next->first.bytes();
    result.bytes = saturating_add(result.bytes, next->first.bytes());
    result.moves.push_back(*next);
  }
  const bool useful = !result.moves.empty() && result.bytes <= draft_.bytes_left();
  if (!useful || !lowers_potential(result, neighbour)) return std::nullopt;
  return result;
}

// The neighbour's smallest segment that is enough and can go further, else the largest that can.
std::optional<std::pair<SegmentRef, Index>> Relief::next_to_clear(Index neighbour, Bytes missing,
                                                                  const Clearing& so_far) const {
  std::optional<std::pair<SegmentRef, Index>> enough;
  std::optional<std::pair<SegmentRef, Index>> largest;
  for (const Index set : draft_.inventory().sets_of(neighbour)) {
    auto segment = draft_.movable().smallest_from(neighbour, set, missing);
    if (segment && (!enough || segment->bytes() < enough->first.bytes())) {
      if (const auto to = onward_destination(*segment, so_far)) enough = {*segment, *to};
    }
    constexpr int kTries = 8;
    segment = draft_.movable().largest_up_to(neighbour, set, missing);
    for (int i = 0; i < kTries && segment; ++i, segment = draft_.movable().smaller(*segment)) {
      const auto to = onward_destination(*segment, so_far);
      if (!to) continue;
      if (!largest || segment->bytes() > largest->first.bytes()) largest = {*segment, *to};
      break;
    }
  }
  return enough ? enough : largest;
}

// The destination of a neighbour's segment: the node that ends lowest, if that is not above where
// the highest of the segment's set was.
std::optional<Index> Relief::onward_destination(const SegmentRef& segment,
                                                const Clearing& so_far) const {
  double worst = 0;
  for (const Index index : draft_.nodes_of(segment.set)) {
    const DraftNode& node = draft_.nodes()[index];
    worst = std::max(worst, ratio_of(node.room.expected, node.capacity));
  }
  std::optional<std::pair<double, Index>> lowest;
  for (const Index index : draft_.nodes_of(segment.set)) {
    const DraftNode& node = draft_.nodes()[index];
    if (index == source_ || index == segment.node || !node.available() || node.draining) continue;
    Bytes arriving = segment.bytes();
    for (const auto& [earlier, to] : so_far.moves) {
      if (earlier.number == segment.number) return std::nullopt;
      if (to == index) arriving = saturating_add(arriving, earlier.bytes());
    }
    const std::pair after(ratio_of(saturating_add(node.now, arriving), node.capacity), index);
    if (after.first > worst || draft_.room(index) < arriving) continue;
    if (!lowest || after < *lowest) lowest = after;
  }
  if (!lowest) return std::nullopt;
  return lowest->second;
}

// The potential Σ use² ÷ capacity falls once the source's segment has followed.
bool Relief::lowers_potential(const Clearing& clearing, Index neighbour) const {
  std::map<Index, double> change;
  const auto move = [&](const SegmentRef& segment, Index to) {
    change[segment.node] -= static_cast<double>(segment.bytes());
    change[to] += static_cast<double>(segment.bytes());
  };
  for (const auto& [segment, to] : clearing.moves) move(segment, to);
  move(segments_[clearing.segment], neighbour);
  double sum = 0;
  for (const auto& [index, bytes] : change) {
    const DraftNode& node = draft_.nodes()[index];
    sum += bytes * (2 * node.ratio() + bytes / static_cast<double>(node.capacity));
  }
  return sum < 0;
}

// Segments among no_room_ that would bring the source below its threshold; empty: all of them would
// not.
std::vector<Index> Relief::relieving_without_room(Bytes excess) const {
  std::vector<Index> left = no_room_;
  std::sort(left.begin(), left.end());
  std::vector<Index> chosen;
  for (Bytes moved = 0; moved < excess;) {
    if (left.empty()) return {};
    auto next = std::lower_bound(left.begin(), left.end(), first_of_at_least(excess - moved));
    if (next == left.end()) --next;
    moved = saturating_add(moved, segments_[*next].bytes());
    chosen.push_back(*next);
    left.erase(next);  // at its end, but for the last one chosen
  }
  return chosen;
}

// An empty node that takes the segments would be enough.
void Relief::give_up() {
  Unfixable unfixable;
  unfixable.urgency = Urgency::overload;
  unfixable.node = source().id;
  unfixable.excess = bytes_above(source().room.limit);
  const std::vector<Index> chosen = relieving_without_room(unfixable.excess);
  if (!chosen.empty()) {
    const ReplicaId replica = draft_.movable().replica_of(segments_[chosen.front()]);
    bool one_replica = true;
    Bytes bytes = 0;
    for (const Index number : chosen) {
      bytes = saturating_add(bytes, segments_[number].bytes());
      one_replica = one_replica && draft_.movable().replica_of(segments_[number]) == replica;
    }
    const Policy& policy = draft_.policy();
    unfixable.room_needed = scaled_up(bytes, policy.loading_peak / policy.overload_threshold);
    if (one_replica) unfixable.replica = replica;
  }
  draft_.add_unfixable(unfixable);
}

}  // namespace

void relieve_greedily(Draft& draft, const std::vector<Index>& nodes) {
  std::vector<Index> sources;
  for (const Index node : nodes) {
    if (draft.nodes()[node].overloaded) sources.push_back(node);
  }
  std::stable_sort(sources.begin(), sources.end(), [&](Index a, Index b) {
    return draft.nodes()[a].ratio() > draft.nodes()[b].ratio();
  });
  std::vector<Relief> reliefs;
  for (const Index source : sources) reliefs.emplace_back(draft, source).run();
  std::set<Index> cleared;
  for (Relief& relief : reliefs) relief.make_room_or_give_up(cleared);
}

}  // namespace evenkeel::rules
