#include "agent/loop/reconcile.hpp"

#include <algorithm>

namespace evenkeel::loop {
namespace {

MoveResult end_of(const rules::Flight& flight, const rules::Cluster& cluster) {
  bool on_source = false;
  bool on_destination = false;
  bool elsewhere = false;
  for (const auto& copy : cluster.segments) {
    if (copy.id != flight.segment || copy.replica != flight.replica) continue;
    on_source = on_source || copy.node == flight.from;
    on_destination = on_destination || copy.node == flight.to;
    elsewhere = true;
  }
  if (on_source && on_destination) return MoveResult::unknown;
  if (on_destination) return MoveResult::succeeded;
  if (on_source || elsewhere) return MoveResult::failed;
  return MoveResult::gone;
}

// What shows where a segment is. That it is nowhere takes the whole picture.
bool complete(const rules::Flight& flight, const rules::Cluster& cluster) {
  const auto replica = std::find_if(cluster.replicas.begin(), cluster.replicas.end(),
                                    [&](const auto& r) { return r.id == flight.replica; });
  if (replica == cluster.replicas.end()) {
    // Its collection may be gone, or unread: gone only if every collection was read.
    return std::all_of(cluster.collections.begin(), cluster.collections.end(),
                       [](const auto& c) { return c.complete; });
  }
  return std::any_of(cluster.collections.begin(), cluster.collections.end(),
                     [&](const auto& c) { return c.id == replica->collection && c.complete; });
}

}  // namespace

std::vector<FlightEnd> reconcile(rules::Ledger& ledger, const rules::Cluster& cluster,
                                 rules::Duration patience, rules::TimePoint now,
                                 const rules::Policy& policy) {
  std::vector<FlightEnd> ends;
  for (const auto& flight : ledger.flights()) {
    if (!complete(flight, cluster)) continue;
    const MoveResult result = end_of(flight, cluster);
    const bool may_yet_move = result == MoveResult::failed && now < flight.started + patience;
    const bool doubtful = result == MoveResult::gone && !cluster.coordinator_complete;
    if (result != MoveResult::unknown && !may_yet_move && !doubtful)
      ends.push_back({flight, result});
  }
  for (const auto& [flight, result] : ends) {
    const rules::SegmentKey key{flight.segment, flight.replica};
    if (result == MoveResult::succeeded) ledger.land(key, now);
    if (result == MoveResult::failed) ledger.fail(key, now, policy);
    if (result == MoveResult::gone) ledger.drop(key);
  }
  return ends;
}

}  // namespace evenkeel::loop
