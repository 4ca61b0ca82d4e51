#include "rules/exchanges.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

constexpr std::int64_t kLongerEachTime = 4;
constexpr std::int64_t kRestsRemembered = 4;
constexpr int kMostInARow = 6;

// The rest after so many in a row.
Duration rest_after(int in_a_row, const Policy& policy) {
  std::int64_t rest = policy.failure_rest.count();
  for (int i = 1; i < in_a_row; ++i) rest = saturating_multiply(rest, kLongerEachTime);
  return Duration{rest};
}

}  // namespace

void Exchanges::left_half_done(const Policy& policy, TimePoint now) {
  const Duration remembered{
      saturating_multiply(rest_after(in_a_row_, policy).count(), kRestsRemembered)};
  if (later(last_, remembered) <= now) in_a_row_ = 0;
  in_a_row_ = std::min(in_a_row_ + 1, kMostInARow);
  last_ = now;
}

bool Exchanges::rest(const Policy& policy, TimePoint now) const {
  return in_a_row_ > 0 && now < later(last_, rest_after(in_a_row_, policy));
}

}  // namespace evenkeel::rules
