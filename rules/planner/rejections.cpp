#include "rules/planner/rejections.hpp"

#include <algorithm>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

void Rejections::add(const Candidate& candidate) {
  const FoldKey key{candidate.from, candidate.replica, candidate.why};
  const auto found = found_.find(key);
  if (found == found_.end()) {
    if (found_.size() < kMaxRejected) found_.emplace(key, Noted{candidate, scan_});
    return;
  }
  auto& [known, scan] = found->second;
  if (scan != scan_) {
    found->second = Noted{candidate, scan_};
    return;
  }
  if (known.segment != candidate.segment) known.segment.reset();
  if (known.to != candidate.to) known.to.reset();
  known.to_after = std::min(known.to_after, candidate.to_after);
  known.count = saturating_add(known.count, candidate.count);
}

void Rejections::add_unmovable(const Inventory& inventory, const Stock& stock, Index node,
                               const Inventory::Shelf& shelf) {
  const Index index = inventory.number_of(shelf);
  if (explained_[index]) return;
  explained_[index] = true;
  const Index scan = std::exchange(scan_, 0);  // a scan of its own, the same for all shelves
  const auto reject = [&](const SegmentKey& key, Rejection why) {
    Candidate candidate;
    candidate.segment = key.first;
    candidate.replica = key.second;
    candidate.from = inventory.nodes()[node];
    candidate.why = why;
    add(candidate);
  };
  for (const Inventory::Flawed& flawed : shelf.flawed) {
    reject({flawed.id, flawed.replica}, flawed.why);
  }
  for (const Stock::Blocked& blocked : stock.blocked(index)) reject(blocked.key, blocked.why);
  const auto too_large =
      std::partition_point(shelf.holdings.begin(), shelf.holdings.end(),
                           [&](const auto& held) { return held.bytes <= stock.most(node); });
  for (auto it = too_large; it != shelf.holdings.end(); ++it) {
    reject({it->id, inventory.places()[it->place].id}, Rejection::data_incomplete);
  }
  scan_ = scan;
}

bool Rejections::any_for_budget() const {
  return std::any_of(found_.begin(), found_.end(), [](const auto& each) {
    return std::get<Rejection>(each.first) == Rejection::budget;
  });
}

std::vector<Candidate> Rejections::all() const {
  std::vector<Candidate> candidates;
  candidates.reserve(found_.size());
  for (const auto& [key, noted] : found_) candidates.push_back(noted.candidate);
  return candidates;
}

}  // namespace evenkeel::rules
