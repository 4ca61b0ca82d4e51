#include "rules/room.hpp"

#include <algorithm>
#include <cassert>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {

Bytes Room::left(const Policy& policy) const {
  if (drained) return 0;
  const Bytes free = saturating_subtract(limit, saturating_add(expected, kept_free));
  const Bytes loadable = scaled_down(free, 1 / policy.loading_peak);
  return std::max<Bytes>(0, saturating_subtract(loadable, to_come));
}

Bytes Room::highest(Bytes bytes, const Policy& policy) const {
  const Bytes loading = scaled_up(saturating_add(bytes, to_come), policy.loading_peak);
  return saturating_add(saturating_add(expected, kept_free), loading);
}

Bytes Room::missing(Bytes bytes, const Policy& policy) const {
  return std::max<Bytes>(0, saturating_subtract(highest(bytes, policy), limit));
}

Room room_on(const NodeVerdict& node, const Policy& policy) {
  assert(node.kept_free >= 0 && node.may_arrive >= 0 && node.to_grow >= 0);
  return {
      .limit = scaled_down(node.capacity, policy.overload_threshold),
      .expected = node.expected,
      .kept_free = saturating_add(saturating_add(node.kept_free, node.may_arrive), node.to_grow),
      .to_come = 0,
      .drained = node.drained};
}

}  // namespace evenkeel::rules
