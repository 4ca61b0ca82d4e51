#include "rules/effects.hpp"

#include <algorithm>
#include <cassert>

#include "rules/arithmetic.hpp"
#include "rules/rests.hpp"

namespace evenkeel::rules {
namespace {

// A fall of less than this part of the bytes that left counts as none: sizes are estimates, and
// memory wavers.
constexpr Bytes kFall = 4;
// A change of memory by this part of the capacity ends a rest: the memory moves again.
constexpr double kChange = 0.02;

}  // namespace

void Effects::observe(const Cluster& cluster, const Samples& samples, const Policy& policy) {
  std::map<NodeId, Watched> watched;
  excess_.clear();
  for (const Node& node : cluster.nodes) {
    const auto of_node = samples.find(node.id);
    const auto known = watched_.find(node.id);
    if (of_node == samples.end() || of_node->second.empty() || node.capacity <= 0) continue;
    const Sample& newest = of_node->second.back();
    const Bytes used = newest.used;
    const Bytes aim =
        scaled_down(node.capacity, policy.overload_threshold - policy.overload_margin);
    if (used > scaled_down(node.capacity, policy.overload_threshold)) {
      excess_[node.id] = saturating_subtract(used, aim);
    }
    if (known == watched_.end() || used <= aim) continue;

    Watched next = known->second;
    next.used = used;
    if (next.rests > 0 && moved(next, scaled_down(node.capacity, kChange))) continue;
    const TimePoint at = newest.at;
    if (next.rests_until != TimePoint{}) {
      if (cluster.observed_at >= next.rests_until) {
        next = {.used = used, .used_at_rest = next.used_at_rest, .rests = next.rests};
      }
    } else if (later(next.last, policy.settle) <= at) {
      if (next.left > 0 && fell(next)) continue;
      if (in_vain(next, at, policy)) {
        next.rests_until = later(at, rest_after(next.rests + 1, policy.failure_rest));
        next.used_at_rest = used;
        ++next.rests;
      }
    }
    watched.emplace(node.id, next);
  }
  watched_ = std::move(watched);
}

void Effects::left(NodeId source, Bytes bytes, Bytes used_before, TimePoint now) {
  auto found = watched_.find(source);
  if (found == watched_.end() || found->second.left == 0) {
    const auto excess = excess_.find(source);
    if (excess == excess_.end() || used_before <= 0) return;
    found = watched_.try_emplace(source).first;
    found->second.excess = excess->second;
    found->second.before = used_before;
    found->second.used = used_before;
    found->second.arrived = 0;
  }
  assert(bytes >= 0);
  found->second.left = saturating_add(found->second.left, bytes);
  found->second.last = std::max(found->second.last, now);
}

void Effects::arrived(NodeId node, Bytes bytes) {
  const auto found = watched_.find(node);
  if (found != watched_.end()) {
    found->second.arrived = saturating_add(found->second.arrived, bytes);
  }
}

void Effects::returned(NodeId source, Bytes bytes) {
  const auto found = watched_.find(source);
  if (found == watched_.end() || found->second.rests_until != TimePoint{}) return;
  found->second.left = std::max<Bytes>(0, saturating_subtract(found->second.left, bytes));
}

bool Effects::memory_stays(NodeId node, TimePoint now, const Policy& policy) const {
  const auto found = watched_.find(node);
  if (found == watched_.end()) return false;
  const Watched& watched = found->second;
  if (watched.rests_until != TimePoint{}) return now < watched.rests_until;
  return in_vain(watched, now, policy);
}

bool Effects::awaited(NodeId node, TimePoint now, const Policy& policy) const {
  const auto found = watched_.find(node);
  if (found == watched_.end()) return false;
  const Watched& watched = found->second;
  const bool settling = watched.left > 0 && later(watched.last, policy.settle) > now;
  return settling && watched.rests_until == TimePoint{} && !fell(watched);
}

bool Effects::moved(const Watched& watched, Bytes by) {
  return watched.used > saturating_add(watched.used_at_rest, by) ||
         saturating_add(watched.used, by) < watched.used_at_rest;
}

bool Effects::fell(const Watched& watched) {
  const Bytes fall =
      saturating_subtract(saturating_add(watched.before, watched.arrived), watched.used);
  return fall >= watched.left / kFall;
}

bool Effects::in_vain(const Watched& watched, TimePoint now, const Policy& policy) {
  const bool settled = later(watched.last, policy.settle) <= now;
  const bool enough = watched.left >= saturating_multiply(watched.excess, 2);
  return settled && enough && watched.left > 0 && !fell(watched);
}

}  // namespace evenkeel::rules
