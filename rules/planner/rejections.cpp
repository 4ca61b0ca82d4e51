#include "rules/planner/rejections.hpp"

#include <algorithm>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

void Rejections::add(const RejectedMove& move) {
  const FoldKey key{move.from, move.replica, move.why};
  const auto found = found_.find(key);
  if (found == found_.end()) {
    if (found_.size() < kMaxRejected) found_.emplace(key, Noted{move, scan_});
    return;
  }
  auto& [known, scan] = found->second;
  if (scan != scan_) {
    found->second = Noted{move, scan_};
    return;
  }
  if (known.segment != move.segment) known.segment.reset();
  if (known.to != move.to) known.to.reset();
  known.to_after = std::min(known.to_after, move.to_after);
  known.count = saturating_add(known.count, move.count);
}

void Rejections::add_unmovable(const Inventory& inventory, const MovableSegments& movable,
                               Index node, const Inventory::NodeSegments& held) {
  const Index index = inventory.number_of(held);
  if (explained_[index]) return;
  explained_[index] = true;
  const Index scan = std::exchange(scan_, 0);  // a scan of its own, the same for all nodes
  const auto reject = [&](const SegmentKey& key, Rejection why) {
    RejectedMove move;
    move.segment = key.first;
    move.replica = key.second;
    move.from = inventory.nodes()[node];
    move.why = why;
    add(move);
  };
  for (const Inventory::UnmovableCopy& copy : held.unmovable) {
    reject({copy.id, copy.replica}, copy.why);
  }
  for (const MovableSegments::Blocked& blocked : movable.blocked(index))
    reject(blocked.key, blocked.why);
  const auto too_large =
      std::partition_point(held.movable.begin(), held.movable.end(),
                           [&](const auto& copy) { return copy.bytes <= movable.most(node); });
  for (auto it = too_large; it != held.movable.end(); ++it) {
    reject({it->id, inventory.replicas()[it->replica].id}, Rejection::data_incomplete);
  }
  scan_ = scan;
}

bool Rejections::any_for_budget() const {
  return std::any_of(found_.begin(), found_.end(), [](const auto& each) {
    return std::get<Rejection>(each.first) == Rejection::budget;
  });
}

std::vector<RejectedMove> Rejections::all() const {
  std::vector<RejectedMove> moves;
  moves.reserve(found_.size());
  for (const auto& [key, noted] : found_) moves.push_back(noted.move);
  return moves;
}

}  // namespace evenkeel::rules
