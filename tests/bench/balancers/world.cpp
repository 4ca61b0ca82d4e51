#include "tests/bench/balancers/world.hpp"

#include "rules/arithmetic.hpp"

namespace evenkeel::balancers {

World::World(const Instance& instance) : cluster_(instance.cluster), policy_(instance.policy) {
  for (const rules::Replica& replica : cluster_.replicas) by_replica_[replica.id];
  for (Index i = 0; i < cluster_.segments.size(); ++i) {
    const rules::Segment& segment = cluster_.segments[i];
    places_[{segment.id, segment.replica}] = i;
    by_replica_[segment.replica].push_back(i);
  }
}

double World::ratio(rules::NodeId node) const {
  const rules::Node& found = cluster_.nodes[place(node)];
  return rules::ratio_of(found.used, found.capacity);
}

const rules::Segment* World::segment(const Move& move) const {
  const auto found = places_.find({move.segment, move.replica});
  return found == places_.end() ? nullptr : &cluster_.segments[found->second];
}

const rules::Replica& World::replica(rules::ReplicaId id) const {
  return cluster_.replicas[static_cast<Index>(id) - 1];
}

const std::vector<Index>& World::segments_of(rules::ReplicaId id) const {
  return by_replica_.at(id);
}

void World::sample(rules::Duration passed) {
  now_ += passed;
  cluster_.observed_at = now_;
  for (rules::Node& node : cluster_.nodes) node.sampled_at = now_;
}

void World::carry_out(const Move& move) {
  rules::Segment& segment = cluster_.segments[places_.at({move.segment, move.replica})];
  segment.node = move.to;
  cluster_.nodes[place(move.from)].used -= segment.bytes;
  cluster_.nodes[place(move.to)].used += segment.bytes;
}

}  // namespace evenkeel::balancers
