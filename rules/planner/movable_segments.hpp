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

// A reference to a segment that may move.
struct SegmentRef {
  Index node = 0;    // where it is
  Index set = 0;     // where it may go
  Index number = 0;  // among all MovableCopy of the inventory, in order
  const Inventory::MovableCopy* copy = nullptr;

  [[nodiscard]] Bytes bytes() const { return copy->bytes; }
};

// The inventory's movable segments, less those that were blocked or planned.
class MovableSegments {
 public:
  // A segment that its history, a flight or its node's memory keeps from moving.
  struct Blocked {
    SegmentKey key;
    Rejection why{};
  };

  // The inventory must outlive this. Sizes are unlimited until bound() is called.
  explicit MovableSegments(const Inventory& inventory);

  // Excludes segments of more bytes than their node uses, since their size cannot be right. By
  // node.
  void bound(std::vector<Bytes> most) { most_ = std::move(most); }
  // The first reason counts.
  void block(const SegmentKey& key, Rejection why);
  void block_all(Index node, Rejection why);
  void remove(const SegmentRef& segment) { use_up(segment.number); }

  // The smallest segment of at least this many bytes, and the largest of at most this many, that
  // may still move off the node inside the set.
  [[nodiscard]] std::optional<SegmentRef> smallest_from(Index node, Index set, Bytes bytes) const;
  [[nodiscard]] std::optional<SegmentRef> largest_up_to(Index node, Index set, Bytes bytes) const;
  // The next larger and the next smaller segment of the same node and set.
  [[nodiscard]] std::optional<SegmentRef> larger(const SegmentRef& segment) const;
  [[nodiscard]] std::optional<SegmentRef> smaller(const SegmentRef& segment) const;
  // All that may still move off the node, by bytes and id.
  [[nodiscard]] std::vector<SegmentRef> segments_on(Index node) const;
  [[nodiscard]] ReplicaId replica_of(const SegmentRef& segment) const;

  // The number of the inventory's movable copies, planned and blocked ones included.
  [[nodiscard]] std::size_t size() const { return first_number_.back(); }
  [[nodiscard]] Bytes most(Index node) const { return most_[node]; }
  // By index in Inventory::node_segments().
  [[nodiscard]] const std::vector<Blocked>& blocked(Index list) const;

 private:
  void use_up(Index number);
  [[nodiscard]] Index next_free(Index number) const;
  [[nodiscard]] Index last_free(Index number) const;  // the last before `number`, plus one; 0: none
  [[nodiscard]] std::optional<SegmentRef> segment(Index node, Index list, Index number) const;

  const Inventory* inventory_;
  std::vector<Bytes> most_;          // by node
  std::vector<Index> first_number_;  // by index in node_segments(), and one more
  // Union-find by segment number: the way to the next one that is free, upwards and downwards.
  mutable std::vector<std::uint32_t> upwards_;
  mutable std::vector<std::uint32_t> downwards_;
  std::map<Index, std::vector<Blocked>> blocked_;  // by index in node_segments()
};

}  // namespace evenkeel::rules
