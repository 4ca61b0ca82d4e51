#pragma once
// Exchanges that were left half done, and how long none is planned after that. Where calls take
// longer than the agent waits, the second half of an exchange is never sent: what is left is worse
// than before, levelling puts it right and plans the next exchange, and so on for ever. Pure.

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

class Exchanges {
 public:
  // Some moves of an exchange were made, and not all.
  void left_half_done(const Policy& policy, TimePoint now);
  // No exchange is planned: for Policy::failure_rest, and four times as long each further time in a
  // row, with no more than some rests between them.
  [[nodiscard]] bool rest(const Policy& policy, TimePoint now) const;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("last", self.last_);
    visit("in_a_row", self.in_a_row_);
  }

 private:
  TimePoint last_{};  // when one was left half done; the epoch: never
  int in_a_row_ = 0;
};

}  // namespace evenkeel::rules
