// What one agent's ledger leaves to another's.

#include <algorithm>
#include <utility>
#include <vector>

#include "rules/ledger.hpp"

namespace evenkeel::rules {

Ledger Ledger::handover() const {
  Ledger copy = *this;
  copy.samples_.clear();
  copy.held_.clear();
  copy.arrivals_.clear();
  copy.unexplained_ = {};
  copy.effects_ = {};
  copy.courses_ = {};
  copy.incomplete_since_.clear();
  return copy;
}

void Ledger::take_over(Ledger other) {
  other.samples_ = std::move(samples_);
  other.held_ = std::move(held_);
  other.arrivals_ = std::move(arrivals_);
  other.unexplained_ = std::move(unexplained_);
  other.effects_ = std::move(effects_);
  other.courses_ = std::move(courses_);
  other.incomplete_since_ = std::move(incomplete_since_);
  *this = std::move(other);
}

void Ledger::keep_newest_histories(std::size_t most) {
  if (histories_.size() <= most) return;
  std::vector<std::pair<TimePoint, SegmentKey>> by_age;
  by_age.reserve(histories_.size());
  for (const auto& [key, history] : histories_) {
    by_age.emplace_back(std::max(history.last_moved, history.last_failed), key);
  }
  std::sort(by_age.begin(), by_age.end());
  by_age.resize(by_age.size() - most);
  for (const auto& [at, key] : by_age) histories_.erase(key);
}

}  // namespace evenkeel::rules
