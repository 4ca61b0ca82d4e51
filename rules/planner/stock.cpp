#include "rules/planner/stock.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

Stock::Stock(const Inventory& inventory)
    : inventory_(&inventory), most_(inventory.nodes().size(), kMostBytes) {
  first_number_.reserve(inventory_->shelves().size() + 1);
  Index number = 0;
  for (const Inventory::Shelf& shelf : inventory_->shelves()) {
    first_number_.push_back(number);
    number += shelf.holdings.size();
  }
  first_number_.push_back(number);
  upwards_.resize(number + 1);
  std::iota(upwards_.begin(), upwards_.end(), 0U);
  downwards_ = upwards_;
}

void Stock::block_all(Index node, Rejection why) {
  for (const Inventory::Shelf& shelf : inventory_->shelves(node)) {
    const Index index = inventory_->number_of(shelf);
    Index number = first_number_[index];
    for (const Inventory::Holding& holding : shelf.holdings) {
      const Index at = number++;
      if (upwards_[at] != at) continue;  // for another reason already
      use_up(at);
      blocked_[index].push_back({{holding.id, inventory_->places()[holding.place].id}, why});
    }
  }
}

void Stock::block(const SegmentKey& key, Rejection why) {
  const Segment* segment = inventory_->segment(key);
  const Index node = segment == nullptr ? kNone : inventory_->node(segment->node);
  if (node == kNone) return;
  for (const Inventory::Shelf& shelf : inventory_->shelves(node)) {
    const auto at = std::lower_bound(
        shelf.holdings.begin(), shelf.holdings.end(), segment->bytes,
        [](const Inventory::Holding& holding, Bytes bytes) { return holding.bytes < bytes; });
    const auto found = std::find_if(at, shelf.holdings.end(), [&](const auto& holding) {
      return holding.bytes != segment->bytes ||
             (holding.id == key.first && inventory_->places()[holding.place].id == key.second);
    });
    if (found == shelf.holdings.end() || found->bytes != segment->bytes) continue;
    const Index index = inventory_->number_of(shelf);
    const Index number = first_number_[index] + static_cast<Index>(found - shelf.holdings.begin());
    if (upwards_[number] != number) return;  // for another reason already
    use_up(number);
    blocked_[index].push_back({key, why});
    return;
  }
}

void Stock::use_up(Index number) {
  assert(upwards_[number] == number && "each segment is taken or blocked once");
  upwards_[number] = static_cast<std::uint32_t>(number + 1);
  downwards_[number + 1] = static_cast<std::uint32_t>(number);
}

// Both shorten the way for those who come later.
Index Stock::next_free(Index number) const {
  while (upwards_[number] != number) {
    upwards_[number] = upwards_[upwards_[number]];
    number = upwards_[number];
  }
  return number;
}

Index Stock::last_free(Index number) const {
  while (downwards_[number] != number) {
    downwards_[number] = downwards_[downwards_[number]];
    number = downwards_[number];
  }
  return number;
}

std::optional<Piece> Stock::piece(Index node, Index shelf, Index number) const {
  if (number < first_number_[shelf] || number >= first_number_[shelf + 1]) return std::nullopt;
  const Inventory::Shelf& held = inventory_->shelves()[shelf];
  const Inventory::Holding& holding = held.holdings[number - first_number_[shelf]];
  if (holding.bytes > most_[node]) return std::nullopt;
  return Piece{node, held.set, number, &holding};
}

std::optional<Piece> Stock::smallest_from(Index node, Index set, Bytes bytes) const {
  const Inventory::Shelf* shelf = inventory_->shelf(node, set);
  if (shelf == nullptr) return std::nullopt;
  const auto at = std::partition_point(shelf->holdings.begin(), shelf->holdings.end(),
                                       [bytes](const auto& held) { return held.bytes < bytes; });
  const Index index = inventory_->number_of(*shelf);
  const Index from = first_number_[index] + static_cast<Index>(at - shelf->holdings.begin());
  return piece(node, index, next_free(from));
}

std::optional<Piece> Stock::largest_up_to(Index node, Index set, Bytes bytes) const {
  const Inventory::Shelf* shelf = inventory_->shelf(node, set);
  if (shelf == nullptr) return std::nullopt;
  bytes = std::min(bytes, most_[node]);
  const auto end = std::partition_point(shelf->holdings.begin(), shelf->holdings.end(),
                                        [bytes](const auto& held) { return held.bytes <= bytes; });
  const Index index = inventory_->number_of(*shelf);
  const Index past = first_number_[index] + static_cast<Index>(end - shelf->holdings.begin());
  const Index last = last_free(past);
  return last == 0 ? std::nullopt : piece(node, index, last - 1);
}

std::optional<Piece> Stock::larger(const Piece& from) const {
  const Inventory::Shelf* shelf = inventory_->shelf(from.node, from.set);
  const Index index = inventory_->number_of(*shelf);
  return piece(from.node, index, next_free(from.number + 1));
}

std::optional<Piece> Stock::smaller(const Piece& from) const {
  const Inventory::Shelf* shelf = inventory_->shelf(from.node, from.set);
  const Index index = inventory_->number_of(*shelf);
  const Index last = last_free(from.number);
  return last == 0 ? std::nullopt : piece(from.node, index, last - 1);
}

std::vector<Piece> Stock::pieces_on(Index node) const {
  std::vector<Piece> pieces;
  for (const Index set : inventory_->sets_of(node)) {
    for (auto next = smallest_from(node, set, 1); next; next = larger(*next)) {
      pieces.push_back(*next);
    }
  }
  std::sort(pieces.begin(), pieces.end(), [this](const Piece& a, const Piece& b) {
    return std::tuple(a.bytes(), a.holding->id, replica_of(a)) <
           std::tuple(b.bytes(), b.holding->id, replica_of(b));
  });
  return pieces;
}

ReplicaId Stock::replica_of(const Piece& piece) const {
  return inventory_->places()[piece.holding->place].id;
}

const std::vector<Stock::Blocked>& Stock::blocked(Index shelf) const {
  static const std::vector<Blocked> kNothing;
  const auto found = blocked_.find(shelf);
  return found == blocked_.end() ? kNothing : found->second;
}

}  // namespace evenkeel::rules
