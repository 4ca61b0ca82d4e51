// What weights learn on some hundred random courses of moves. A failure names its seed.

#include <gtest/gtest.h>

#include <random>

#include "tests/rules/moving_world.hpp"
#include "tests/seeds.hpp"

namespace evenkeel::rules::test::weights_property_test {
namespace {

// Whatever the truth within the bounds, and with up to a tenth of noise on every rise and jitter of
// all memory, the factor ends within a tenth of it. A failure names its seed.
TEST(WeightsProperty, EndCloseToTheTruthInSpiteOfNoise) {
  for (std::uint64_t seed = 1; seed <= evenkeel::test::seeds(200); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto uniform = [&](double from, double to) {
      return std::uniform_real_distribution<double>(from, to)(random);
    };
    Moving world;
    world.truth[kBook] = uniform(0.7, 2.8);
    world.truth[kFilm] = uniform(0.7, 2.8);
    world.pause = Duration{0};
    for (std::int64_t i = 0; i < 12; ++i) {
      for (const auto& [collection, first] : {std::pair(kBook, 11), std::pair(kFilm, 111)}) {
        world.move({first + 2 * i, first + 2 * i + 1}, 2 + (i + first) % 3,
                   2 * world.truth[collection] * uniform(-0.1, 0.1));
        for (int sample = 0; sample < 8; ++sample) {
          const std::vector<Node> true_nodes = world.cluster.nodes;
          for (Node& node : world.cluster.nodes) node.used += gib(uniform(-0.02, 0.02));
          world.observe();
          for (Node& node : world.cluster.nodes) {
            for (const Node& each : true_nodes) {
              if (each.id == node.id) node.used = each.used;
            }
          }
        }
      }
    }
    for (const CollectionId id : {kBook, kFilm}) {
      EXPECT_GE(world.weights.weight(id).observations, 3);
      EXPECT_NEAR(world.weights.of(id) / world.truth[id], 1, 0.1);
    }
  }
}

}  // namespace
}  // namespace evenkeel::rules::test::weights_property_test
