// The built-in rule of Milvus 2.1, which the four knobs belong to, as its documentation has it. Of
// each replica: while its highest node is over the overload threshold, or differs from its lowest
// by more than the largest difference, a segment goes from the highest to the lowest such that the
// destination stays under the threshold and the difference shrinks. Where several would do, the
// documentation does not say which: taken here is the one that shrinks it most, the kindest
// reading. It knows of no loading peak, no stop mark, no budget and no rest.

#include <cmath>
#include <set>

#include "tests/bench/balancers/balancer.hpp"

namespace evenkeel::balancers {
namespace {

class MemoryRule : public Balancer {
 public:
  std::vector<Move> round(const World& world) override {
    Expected expected(world);
    std::vector<Move> moves;
    for (const rules::Replica& replica : world.cluster().replicas) {
      balance(world, replica, expected, moves);
    }
    return moves;
  }

 private:
  // Ends: a segment is taken once.
  static void balance(const World& world, const rules::Replica& replica, Expected& expected,
                      std::vector<Move>& moves) {
    std::set<Index> taken;
    while (true) {
      const rules::NodeId from = expected.highest(replica.nodes);
      const rules::NodeId to = expected.lowest(replica.nodes);
      const double difference = expected.ratio(from) - expected.ratio(to);
      const bool wrong = expected.ratio(from) > world.policy().overload_threshold ||
                         difference > world.policy().max_difference;
      if (!wrong) return;

      const rules::Segment* best = nullptr;
      Index best_place = 0;
      double least = difference;
      for (const Index place : world.segments_of(replica.id)) {
        const rules::Segment& segment = world.cluster().segments[place];
        if (segment.node != from || taken.contains(place)) continue;
        const double to_after = expected.ratio_with(to, segment.bytes);
        const double after = std::abs(expected.ratio_with(from, -segment.bytes) - to_after);
        if (to_after > world.policy().overload_threshold || after >= least) continue;
        best = &segment;
        best_place = place;
        least = after;
      }
      if (best == nullptr) return;
      taken.insert(best_place);
      expected.move(*best, from, to);
      moves.push_back(move_of(*best, to));
    }
  }
};

}  // namespace

std::unique_ptr<Balancer> make_memory_rule(const World&) {
  return std::make_unique<MemoryRule>();
}

}  // namespace evenkeel::balancers
