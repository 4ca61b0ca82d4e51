#include "rules/planner/movable_segments.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <tuple>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

MovableSegments::MovableSegments(const Inventory& inventory)
    : inventory_(&inventory), most_(inventory.nodes().size(), kMostBytes) {
  first_number_.reserve(inventory_->node_segments().size() + 1);
  Index number = 0;
  for (const Inventory::NodeSegments& held : inventory_->node_segments()) {
    assert(held.movable.empty() || 0 < held.movable.front().bytes);
    assert(held.movable.empty() || held.movable.front() <= held.movable.back());
    first_number_.push_back(number);
    number += held.movable.size();
  }
  first_number_.push_back(number);
  assert(number < std::numeric_limits<std::uint32_t>::max());
  upwards_.resize(number + 1);
  std::iota(upwards_.begin(), upwards_.end(), 0U);
  downwards_ = upwards_;
}

void MovableSegments::block_all(Index node, Rejection why) {
  for (const Inventory::NodeSegments& held : inventory_->segments_on(node)) {
    const Index index = inventory_->number_of(held);
    Index number = first_number_[index];
    for (const Inventory::MovableCopy& copy : held.movable) {
      const Index at = number++;
      if (upwards_[at] != at) continue;  // blocked for another reason already
      use_up(at);
      blocked_[index].push_back({{copy.id, inventory_->replicas()[copy.replica].id}, why});
    }
  }
}

void MovableSegments::block(const SegmentKey& key, Rejection why) {
  const Segment* segment = inventory_->segment(key);
  const Index node = segment == nullptr ? kNone : inventory_->node(segment->node);
  if (node == kNone) return;
  for (const Inventory::NodeSegments& held : inventory_->segments_on(node)) {
    const auto at = std::lower_bound(
        held.movable.begin(), held.movable.end(), segment->bytes,
        [](const Inventory::MovableCopy& copy, Bytes bytes) { return copy.bytes < bytes; });
    const auto found = std::find_if(at, held.movable.end(), [&](const auto& copy) {
      return copy.bytes != segment->bytes ||
             (copy.id == key.first && inventory_->replicas()[copy.replica].id == key.second);
    });
    if (found == held.movable.end() || found->bytes != segment->bytes) continue;
    const Index index = inventory_->number_of(held);
    const Index number = first_number_[index] + static_cast<Index>(found - held.movable.begin());
    if (upwards_[number] != number) return;  // blocked for another reason already
    use_up(number);
    blocked_[index].push_back({key, why});
    return;
  }
}

void MovableSegments::use_up(Index number) {
  assert(upwards_[number] == number && "each segment is taken or blocked once");
  upwards_[number] = static_cast<std::uint32_t>(number + 1);
  downwards_[number + 1] = static_cast<std::uint32_t>(number);
}

// Path halving, as in union-find: it shortens the way for later calls.
Index MovableSegments::next_free(Index number) const {
  while (upwards_[number] != number) {
    upwards_[number] = upwards_[upwards_[number]];
    number = upwards_[number];
  }
  return number;
}

Index MovableSegments::last_free(Index number) const {
  while (downwards_[number] != number) {
    downwards_[number] = downwards_[downwards_[number]];
    number = downwards_[number];
  }
  return number;
}

std::optional<SegmentRef> MovableSegments::segment(Index node, Index list, Index number) const {
  assert(list + 1 < first_number_.size());
  if (number < first_number_[list] || number >= first_number_[list + 1]) return std::nullopt;
  const Inventory::NodeSegments& held = inventory_->node_segments()[list];
  const Inventory::MovableCopy& copy = held.movable[number - first_number_[list]];
  if (copy.bytes > most_[node]) return std::nullopt;
  assert(copy.replica < inventory_->replicas().size());
  return SegmentRef{node, held.set, number, &copy};
}

std::optional<SegmentRef> MovableSegments::smallest_from(Index node, Index set, Bytes bytes) const {
  const Inventory::NodeSegments* held = inventory_->segments_on(node, set);
  if (held == nullptr) return std::nullopt;
  const auto at = std::partition_point(held->movable.begin(), held->movable.end(),
                                       [bytes](const auto& copy) { return copy.bytes < bytes; });
  const Index index = inventory_->number_of(*held);
  const Index from = first_number_[index] + static_cast<Index>(at - held->movable.begin());
  const auto found = segment(node, index, next_free(from));
  assert(!found || found->bytes() >= bytes);
  return found;
}

std::optional<SegmentRef> MovableSegments::largest_up_to(Index node, Index set, Bytes bytes) const {
  const Inventory::NodeSegments* held = inventory_->segments_on(node, set);
  if (held == nullptr) return std::nullopt;
  bytes = std::min(bytes, most_[node]);
  const auto end = std::partition_point(held->movable.begin(), held->movable.end(),
                                        [bytes](const auto& copy) { return copy.bytes <= bytes; });
  const Index index = inventory_->number_of(*held);
  const Index past = first_number_[index] + static_cast<Index>(end - held->movable.begin());
  const Index last = last_free(past);
  const auto found = last == 0 ? std::nullopt : segment(node, index, last - 1);
  assert(!found || found->bytes() <= bytes);
  return found;
}

std::optional<SegmentRef> MovableSegments::larger(const SegmentRef& from) const {
  const Inventory::NodeSegments* held = inventory_->segments_on(from.node, from.set);
  const Index index = inventory_->number_of(*held);
  return segment(from.node, index, next_free(from.number + 1));
}

std::optional<SegmentRef> MovableSegments::smaller(const SegmentRef& from) const {
  const Inventory::NodeSegments* held = inventory_->segments_on(from.node, from.set);
  const Index index = inventory_->number_of(*held);
  const Index last = last_free(from.number);
  return last == 0 ? std::nullopt : segment(from.node, index, last - 1);
}

std::vector<SegmentRef> MovableSegments::segments_on(Index node) const {
  std::vector<SegmentRef> segments;
  for (const Index set : inventory_->sets_of(node)) {
    for (auto next = smallest_from(node, set, 1); next; next = larger(*next)) {
      segments.push_back(*next);
    }
  }
  std::sort(segments.begin(), segments.end(), [this](const SegmentRef& a, const SegmentRef& b) {
    return std::tuple(a.bytes(), a.copy->id, replica_of(a)) <
           std::tuple(b.bytes(), b.copy->id, replica_of(b));
  });
  return segments;
}

ReplicaId MovableSegments::replica_of(const SegmentRef& segment) const {
  return inventory_->replicas()[segment.copy->replica].id;
}

const std::vector<MovableSegments::Blocked>& MovableSegments::blocked(Index list) const {
  static const std::vector<Blocked> kNothing;
  const auto found = blocked_.find(list);
  return found == blocked_.end() ? kNothing : found->second;
}

}  // namespace evenkeel::rules
