#pragma once
// The segments that a plan may still move, by node and set, and why the others may not. Internal to
// rules/planner: a draft has one.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/inventory.hpp"
#include "rules/rejection.hpp"

namespace evenkeel::rules {

// A segment that may move.
struct SegmentRef {
  Index node = 0;    // where it is
  Index set = 0;     // where it may go
  Index number = 0;  // of all the inventory's movable, held after held
  const Inventory::MovableCopy* copy = nullptr;

  [[nodiscard]] Bytes bytes() const { return copy->bytes; }
};

class MovableSegments {
 public:
  // A segment that something keeps from moving now.
  struct Blocked {
    SegmentKey key;
    Rejection why{};
  };

  // The inventory must outlive the movable. Nothing is too large before sizes are bounded.
  explicit MovableSegments(const Inventory& inventory);

  // A segment of more bytes than these is none that may move: its node does not even use so many,
  // so its size cannot be right. By node.
  void bound(std::vector<Bytes> most) { most_ = std::move(most); }
  // The first reason counts.
  void block(const SegmentKey& key, Rejection why);
  void block_all(Index node, Rejection why);
  void remove(const SegmentRef& segment) { use_up(segment.number); }

  // Of what may still move off the node inside the set: the smallest that has at least so many
  // bytes, and the largest that has at most so many.
  [[nodiscard]] std::optional<SegmentRef> smallest_from(Index node, Index set, Bytes bytes) const;
  [[nodiscard]] std::optional<SegmentRef> largest_up_to(Index node, Index set, Bytes bytes) const;
  // The next larger and the next smaller one of the same node and set.
  [[nodiscard]] std::optional<SegmentRef> larger(const SegmentRef& segment) const;
  [[nodiscard]] std::optional<SegmentRef> smaller(const SegmentRef& segment) const;
  // All of it, by bytes and id.
  [[nodiscard]] std::vector<SegmentRef> segments_on(Index node) const;
  [[nodiscard]] ReplicaId replica_of(const SegmentRef& segment) const;

  // All segments of the inventory, movable or not.
  [[nodiscard]] std::size_t size() const { return first_number_.back(); }
  [[nodiscard]] Bytes most(Index node) const { return most_[node]; }
  // What was blocked on the held.
  [[nodiscard]] const std::vector<Blocked>& blocked(Index list) const;

 private:
  void use_up(Index number);
  [[nodiscard]] Index next_free(Index number) const;
  [[nodiscard]] Index last_free(Index number) const;  // of those before `number`, plus one; 0: none
  [[nodiscard]] std::optional<SegmentRef> segment(Index node, Index list, Index number) const;

  const Inventory* inventory_;
  std::vector<Bytes> most_;          // by node
  std::vector<Index> first_number_;  // by held, and one more
  // Of the numbers of segments: where to look further for one that is free, upwards and downwards.
  mutable std::vector<std::uint32_t> upwards_;
  mutable std::vector<std::uint32_t> downwards_;
  std::map<Index, std::vector<Blocked>> blocked_;  // by held
};

}  // namespace evenkeel::rules
