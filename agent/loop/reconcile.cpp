#include "agent/loop/reconcile.hpp"

#include <algorithm>
#include <map>

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

// True if enough was read to tell where the segment is, or that it is nowhere.
bool complete(const rules::Flight& flight, const rules::Cluster& cluster) {
  const auto* replica = rules::find_by_id(cluster.replicas, flight.replica);
  if (replica == nullptr) {
    // The collection may be gone or unread: it is gone only if every collection was read.
    return std::all_of(cluster.collections.begin(), cluster.collections.end(),
                       [](const auto& c) { return c.complete; });
  }
  return std::any_of(cluster.collections.begin(), cluster.collections.end(),
                     [&](const auto& c) { return c.id == replica->collection && c.complete; });
}

}  // namespace

std::vector<FlightEnd> reconcile(rules::Ledger& ledger, const rules::Cluster& cluster,
                                 const Patience& patience, rules::TimePoint now,
                                 const rules::Policy& policy) {
  std::vector<FlightEnd> ends;
  for (const auto& flight : ledger.flights()) {
    if (!complete(flight, cluster)) continue;
    const MoveResult result = end_of(flight, cluster);
    const bool may_yet_move =
        result == MoveResult::failed && now < flight.started + patience.with(flight);
    const bool doubtful = result == MoveResult::gone && !cluster.coordinator_complete;
    if (result != MoveResult::unknown && !may_yet_move && !doubtful)
      ends.push_back({flight, result});
  }
  for (const auto& [flight, result] : ends) {
    const rules::SegmentKey key{flight.segment, flight.replica};
    if (result == MoveResult::succeeded) ledger.land(key, now);
    if (result == MoveResult::failed) ledger.give_up(key, now, policy);
    if (result == MoveResult::gone) ledger.drop(key);
  }
  return ends;
}

std::vector<rules::Flight> transits_in(const rules::Cluster& cluster) {
  std::map<rules::NodeId, double> shares;
  for (const rules::Node& node : cluster.nodes) {
    const auto capacity = static_cast<double>(std::max<rules::Bytes>(node.capacity, 1));
    shares[node.id] = static_cast<double>(node.used) / capacity;
  }
  std::map<rules::SegmentKey, const rules::Segment*> first;
  std::vector<rules::Flight> transits;
  for (const rules::Segment& segment : cluster.segments) {
    if (segment.state != rules::SegmentState::sealed || segment.replica == rules::ReplicaId{}) {
      continue;
    }
    const auto [known, is_first] = first.try_emplace({segment.id, segment.replica}, &segment);
    if (is_first || known->second->node == segment.node) continue;
    rules::NodeId from = known->second->node;
    rules::NodeId to = segment.node;
    if (shares[from] < shares[to]) std::swap(from, to);
    transits.push_back({segment.id, segment.replica, from, to, segment.bytes, cluster.observed_at});
  }
  return transits;
}

}  // namespace evenkeel::loop
