// Overload: at once, with few bytes. Greedy: the smallest segment that suffices alone, else the
// largest that can go anywhere and again, each to where the ratio ends lowest.

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/draft.hpp"

namespace evenkeel::rules {
namespace {

class Relief {
 public:
  Relief(Draft& draft, Index source);
  void run();

 private:
  // The roomiest node that a set has besides the source.
  struct Roomiest {
    std::optional<Index> node;
    Bytes room = 0;
    bool other_nodes = false;  // the set has some, available or not
  };

  [[nodiscard]] const DraftNode& source() const { return draft_.nodes()[source_]; }
  [[nodiscard]] Bytes above(Bytes mark) const;
  [[nodiscard]] Bytes room(Index index) const;
  [[nodiscard]] bool move_one();
  [[nodiscard]] std::optional<Index> destination(const Movable& movable);
  [[nodiscard]] const Roomiest& roomiest(const Movable& movable);
  [[nodiscard]] Index lowest_after(const Movable& movable) const;
  [[nodiscard]] Candidate candidate(const Movable& movable, Rejection why) const;
  [[nodiscard]] std::vector<const Movable*> enough_of_no_room(Bytes excess) const;
  void give_up();

  Draft& draft_;
  Index source_;
  Bytes target_;
  std::vector<const Movable*> by_bytes_;  // what may move off the source
  bool cut_by_budget_ = false;
  // Of the scan under way:
  std::map<Index, Roomiest> roomiest_;   // by set
  std::vector<const Movable*> no_room_;  // what no node has room for
};

bool smaller(const Movable* a, const Movable* b) {
  const auto key = [](const Segment& segment) {
    return std::tuple(segment.bytes, segment.id, segment.replica);
  };
  return key(*a->segment) < key(*b->segment);
}

// The first of a list by bytes that has at least so many.
auto first_from(const std::vector<const Movable*>& by_bytes, Bytes bytes) {
  return std::partition_point(by_bytes.begin(), by_bytes.end(), [bytes](const Movable* movable) {
    return movable->segment->bytes < bytes;
  });
}

Relief::Relief(Draft& draft, Index source)
    : draft_(draft),
      source_(source),
      target_(scaled_down(draft.nodes()[source].capacity,
                          draft.policy().overload_threshold - draft.policy().overload_margin)) {
  for (const Movable& movable : draft.movable_on(source)) by_bytes_.push_back(&movable);
  std::sort(by_bytes_.begin(), by_bytes_.end(), smaller);
}

// Ends: each pass takes a segment, and each is taken once.
void Relief::run() {
  while (above(target_) > 0 && move_one()) continue;
  if (above(source().limit) > 0 && !cut_by_budget_) give_up();
}

Bytes Relief::above(Bytes mark) const {
  return std::max<Bytes>(0, saturating_subtract(source().now, mark));
}

// The destination stays below its threshold, and below where the source was.
Bytes Relief::room(Index index) const {
  const DraftNode& node = draft_.nodes()[index];
  const Bytes as_high = scaled_down(node.capacity, source().ratio());
  return std::min(draft_.room(index), std::max<Bytes>(0, as_high - node.now - 1));
}

bool Relief::move_one() {
  draft_.begin_scan();
  draft_.reject_unmovable_on(source_);
  roomiest_.clear();
  no_room_.clear();

  const auto enough = first_from(by_bytes_, above(target_));
  const auto move = [&](const Movable* movable) {
    const std::optional<Index> to = destination(*movable);
    if (to) draft_.take(*movable, *to, Urgency::overload);
    return to.has_value();
  };
  return std::any_of(enough, by_bytes_.cend(), move) ||
         std::any_of(std::make_reverse_iterator(enough), by_bytes_.crend(), move);
}

std::optional<Index> Relief::destination(const Movable& movable) {
  if (movable.taken) return std::nullopt;
  const Bytes bytes = movable.segment->bytes;
  const Roomiest& best = roomiest(movable);
  if (best.node && best.room >= bytes) {
    if (!draft_.full() && bytes <= draft_.bytes_left()) return lowest_after(movable);
    cut_by_budget_ = true;
    draft_.reject(candidate(movable, Rejection::budget));
    return std::nullopt;
  }
  if (best.node) {
    const DraftNode& node = draft_.nodes()[*best.node];
    const bool overloads = draft_.room(*best.node) < bytes;
    Candidate rejected =
        candidate(movable, overloads ? Rejection::destination_overload : Rejection::no_improvement);
    rejected.to_after = ratio_of(saturating_add(node.now, bytes), node.capacity);
    draft_.reject(rejected);
  }
  // Where others are there but not available, room is not what is missing.
  if (best.node || !best.other_nodes) no_room_.push_back(&movable);
  return std::nullopt;
}

const Relief::Roomiest& Relief::roomiest(const Movable& movable) {
  const auto [found, is_new] = roomiest_.try_emplace(movable.set);
  Roomiest& best = found->second;
  if (!is_new) return best;
  for (const Index index : draft_.sets()[movable.set].nodes) {
    if (index == source_) continue;
    best.other_nodes = true;
    const DraftNode& node = draft_.nodes()[index];
    if (!node.available()) {
      Candidate rejected =
          candidate(movable, node.judged ? Rejection::in_flight : Rejection::destination_unhealthy);
      rejected.segment.reset();
      rejected.to = node.id;
      draft_.reject(rejected);
      continue;
    }
    if (!best.node || room(index) > best.room) {
      best.node = index;
      best.room = room(index);
    }
  }
  return best;
}

// Some node of the set has room for it.
Index Relief::lowest_after(const Movable& movable) const {
  const Bytes bytes = movable.segment->bytes;
  std::optional<std::pair<double, Index>> lowest;
  for (const Index index : draft_.sets()[movable.set].nodes) {
    const DraftNode& node = draft_.nodes()[index];
    if (index == source_ || !node.available() || room(index) < bytes) continue;
    const std::pair after(ratio_of(saturating_add(node.now, bytes), node.capacity), index);
    if (!lowest || after < *lowest) lowest = after;
  }
  return lowest->second;
}

Candidate Relief::candidate(const Movable& movable, Rejection why) const {
  Candidate result;
  result.segment = movable.segment->id;
  result.replica = movable.segment->replica;
  result.from = source().id;
  result.why = why;
  return result;
}

// Of what found no room, the segments that would bring the source below its threshold; empty where
// all of them would not.
std::vector<const Movable*> Relief::enough_of_no_room(Bytes excess) const {
  std::vector<const Movable*> left = no_room_;
  std::sort(left.begin(), left.end(), smaller);
  std::vector<const Movable*> chosen;
  for (Bytes moved = 0; moved < excess;) {
    if (left.empty()) return {};
    auto next = first_from(left, excess - moved);
    if (next == left.end()) --next;
    moved = saturating_add(moved, (*next)->segment->bytes);
    chosen.push_back(*next);
    left.erase(next);  // at its end, but for the last one chosen
  }
  return chosen;
}

// What would be enough: an empty node that takes them.
void Relief::give_up() {
  Unfixable unfixable;
  unfixable.urgency = Urgency::overload;
  unfixable.node = source().id;
  unfixable.excess = above(source().limit);
  const std::vector<const Movable*> chosen = enough_of_no_room(unfixable.excess);
  if (!chosen.empty()) {
    const ReplicaId replica = chosen.front()->segment->replica;
    bool one_replica = true;
    Bytes bytes = 0;
    for (const Movable* movable : chosen) {
      bytes = saturating_add(bytes, movable->segment->bytes);
      one_replica = one_replica && movable->segment->replica == replica;
    }
    const Policy& policy = draft_.policy();
    unfixable.room_needed = scaled_up(bytes, policy.loading_peak / policy.overload_threshold);
    if (one_replica) unfixable.replica = replica;
  }
  draft_.give_up(unfixable);
}

}  // namespace

void relieve(Draft& draft) {
  std::vector<Index> sources;
  for (Index i = 0; i < draft.nodes().size(); ++i) {
    if (draft.nodes()[i].overloaded) sources.push_back(i);
  }
  std::stable_sort(sources.begin(), sources.end(), [&](Index a, Index b) {
    return draft.nodes()[a].ratio() > draft.nodes()[b].ratio();
  });
  for (const Index source : sources) Relief(draft, source).run();
}

}  // namespace evenkeel::rules
