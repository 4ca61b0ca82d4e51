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
struct Piece {
  Index node = 0;    // where it is
  Index set = 0;     // where it may go
  Index number = 0;  // of all the inventory's holdings, shelf after shelf
  const Inventory::Holding* holding = nullptr;

  [[nodiscard]] Bytes bytes() const { return holding->bytes; }
};

class Stock {
 public:
  // A segment that something keeps from moving now.
  struct Blocked {
    SegmentKey key;
    Rejection why{};
  };

  // The inventory must outlive the stock. Nothing is too large before sizes are bounded.
  explicit Stock(const Inventory& inventory);

  // A segment of more bytes than these is none that may move: its node does not even use so many,
  // so its size cannot be right. By node.
  void bound(std::vector<Bytes> most) { most_ = std::move(most); }
  // The first reason counts.
  void block(const SegmentKey& key, Rejection why);
  void block_all(Index node, Rejection why);
  void take(const Piece& piece) { use_up(piece.number); }

  // Of what may still move off the node inside the set: the smallest that has at least so many
  // bytes, and the largest that has at most so many.
  [[nodiscard]] std::optional<Piece> smallest_from(Index node, Index set, Bytes bytes) const;
  [[nodiscard]] std::optional<Piece> largest_up_to(Index node, Index set, Bytes bytes) const;
  // The next larger and the next smaller one of the same node and set.
  [[nodiscard]] std::optional<Piece> larger(const Piece& piece) const;
  [[nodiscard]] std::optional<Piece> smaller(const Piece& piece) const;
  // All of it, by bytes and id.
  [[nodiscard]] std::vector<Piece> pieces_on(Index node) const;
  [[nodiscard]] ReplicaId replica_of(const Piece& piece) const;

  // All segments of the inventory, movable or not.
  [[nodiscard]] std::size_t size() const { return first_number_.back(); }
  [[nodiscard]] Bytes most(Index node) const { return most_[node]; }
  // What was blocked on the shelf.
  [[nodiscard]] const std::vector<Blocked>& blocked(Index shelf) const;

 private:
  void use_up(Index number);
  [[nodiscard]] Index next_free(Index number) const;
  [[nodiscard]] Index last_free(Index number) const;  // of those before `number`, plus one; 0: none
  [[nodiscard]] std::optional<Piece> piece(Index node, Index shelf, Index number) const;

  const Inventory* inventory_;
  std::vector<Bytes> most_;          // by node
  std::vector<Index> first_number_;  // by shelf, and one more
  // Of the numbers of segments: where to look further for one that is free, upwards and downwards.
  mutable std::vector<std::uint32_t> upwards_;
  mutable std::vector<std::uint32_t> downwards_;
  std::map<Index, std::vector<Blocked>> blocked_;  // by shelf
};

}  // namespace evenkeel::rules
