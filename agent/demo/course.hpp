#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::demo {

// Sums up the demo so far, from each move as it ends and one snapshot after the other. Pure.
class Course {
 public:
  void take(const loop::MoveRecord& move);
  // Returns words for new rounds that made no move, if that is news.
  [[nodiscard]] std::vector<std::string> take(const loop::Snapshot& snapshot);

  // True if the newest decision found the cluster balanced, with nothing under way and a move made.
  [[nodiscard]] bool balanced() const { return balanced_; }
  [[nodiscard]] std::size_t moves() const { return moves_; }  // that succeeded
  [[nodiscard]] rules::Bytes bytes() const { return bytes_; }
  // The spread when first and when last every node had a figure; none before.
  [[nodiscard]] std::optional<double> spread_before() const { return spread_before_; }
  [[nodiscard]] std::optional<double> spread_now() const { return spread_now_; }

 private:
  std::uint64_t last_decision_ = 0;
  std::optional<loop::Outcome> last_outcome_;
  bool balanced_ = false;
  std::size_t moves_ = 0;
  rules::Bytes bytes_ = 0;
  std::optional<double> spread_before_, spread_now_;
};

// The demo's end, for people: its results in `seconds`, where it served (`page`, a URL without a
// path), and what to do next.
[[nodiscard]] std::vector<std::string> summary(const Course& course, double seconds,
                                               const std::string& page);

}  // namespace evenkeel::demo
