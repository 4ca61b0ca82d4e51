// Plain greedy by memory: while a node of the replica is over the threshold, or the replica differs
// too much and until it is inside the stop mark, the largest segment that brings the two nearer
// goes from the highest node to the lowest. As many moves a round as Evenkeel may make. Unlike
// Evenkeel it remembers what it has begun to level, so that a budget does not end it half way.

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/bench/balancers/balancer.hpp"

namespace evenkeel::balancers {
namespace {

class Greedy : public Balancer {
 public:
  std::vector<Move> round(const World& world) override {
    const rules::Policy& policy = world.policy();
    Expected expected(world);
    std::vector<Move> moves;
    std::set<Index> taken;
    for (const rules::Replica& replica : world.cluster().replicas) {
      wanted(replica, expected, policy);  // before the first move hides what has to be levelled
    }
    for (const rules::Replica& replica : world.cluster().replicas) {
      while (moves.size() < static_cast<std::size_t>(policy.max_moves_per_round)) {
        if (!wanted(replica, expected, policy)) break;
        if (!move_one(world, replica, expected, taken, moves)) break;
      }
    }
    return moves;
  }

 private:
  bool wanted(const rules::Replica& replica, const Expected& expected,
              const rules::Policy& policy) {
    const double highest = expected.ratio(expected.highest(replica.nodes));
    const double spread = highest - expected.ratio(expected.lowest(replica.nodes));
    if (spread > policy.max_difference) levelling_.insert(replica.id);
    if (spread <= policy.max_difference * policy.difference_stop) levelling_.erase(replica.id);
    return highest > policy.overload_threshold || levelling_.contains(replica.id);
  }

  static bool move_one(const World& world, const rules::Replica& replica, Expected& expected,
                       std::set<Index>& taken, std::vector<Move>& moves) {
    const rules::NodeId from = expected.highest(replica.nodes);
    const rules::NodeId to = expected.lowest(replica.nodes);
    std::vector<Index> places;
    for (const Index place : world.segments_of(replica.id)) {
      const bool there = world.cluster().segments[place].node == from;
      if (there && !taken.contains(place)) places.push_back(place);
    }
    std::stable_sort(places.begin(), places.end(), [&world](Index a, Index b) {
      return world.cluster().segments[a].bytes > world.cluster().segments[b].bytes;
    });
    const double before = expected.ratio(from) - expected.ratio(to);
    for (const Index place : places) {
      const rules::Segment& segment = world.cluster().segments[place];
      const double after = std::abs(expected.ratio_with(from, -segment.bytes) -
                                    expected.ratio_with(to, segment.bytes));
      if (after >= before) continue;
      taken.insert(place);
      expected.move(segment, from, to);
      moves.push_back(move_of(segment, to));
      return true;
    }
    return false;
  }

  std::set<rules::ReplicaId> levelling_;
};

}  // namespace

std::unique_ptr<Balancer> make_greedy(const World&) {
  return std::make_unique<Greedy>();
}

}  // namespace evenkeel::balancers
