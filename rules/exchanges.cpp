#include "rules/exchanges.hpp"

#include "rules/rests.hpp"

namespace evenkeel::rules {

void Exchanges::left_half_done(const Policy& policy, TimePoint now) {
  const Duration rest = rest_after(in_a_row_, policy.failure_rest);
  if (later(last_, remembered(rest)) <= now) in_a_row_ = 0;
  ++in_a_row_;
  last_ = now;
}

bool Exchanges::rest(const Policy& policy, TimePoint now) const {
  return in_a_row_ > 0 && now < later(last_, rest_after(in_a_row_, policy.failure_rest));
}

}  // namespace evenkeel::rules
