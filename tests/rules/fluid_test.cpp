// The least that has to move, against a scan of every position that the band could have.

#include "rules/planner/fluid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/rules/random_world.hpp"

namespace evenkeel::rules::test::fluid_test {
namespace {

using FluidNodes = std::vector<FluidNode>;

// What has to move where the nodes end in this band.
double bytes_for(const FluidNodes& nodes, double top, double width) {
  double out = 0;
  double in = 0;
  for (const FluidNode& node : nodes) {
    out += std::max(0.0, node.used - top * node.capacity);
    in += std::max(0.0, (top - width) * node.capacity - node.used);
  }
  return std::max(out, in);
}

// The more leaves the less comes, both in straight lines that break where the top or the bottom is
// at a node: between two breaks the least is where the lines cross, or at one of them.
double least_by_scan(const FluidNodes& nodes, double width) {
  std::vector<double> breaks;
  for (const FluidNode& node : nodes) {
    breaks.push_back(node.used / node.capacity);
    breaks.push_back(node.used / node.capacity + width);
  }
  std::sort(breaks.begin(), breaks.end());
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i + 1 < breaks.size(); ++i) {
    double low = breaks[i];
    double high = breaks[i + 1];
    for (int step = 0; step < 100; ++step) {  // of a function that falls and then rises
      const double a = low + (high - low) / 3;
      const double b = high - (high - low) / 3;
      (bytes_for(nodes, a, width) < bytes_for(nodes, b, width) ? high : low) =
          bytes_for(nodes, a, width) < bytes_for(nodes, b, width) ? b : a;
    }
    least = std::min({least, bytes_for(nodes, low, width), bytes_for(nodes, breaks[i], width)});
  }
  return std::min(least, bytes_for(nodes, breaks.back(), width));
}

FluidNodes random_nodes(RandomWorld& random) {
  FluidNodes nodes;
  for (std::int64_t count = random.between(2, 12); count > 0; --count) {
    const auto capacity = static_cast<double>(random.between(1, 64));
    nodes.push_back({capacity * static_cast<double>(random.between(0, 1000)) / 1000, capacity});
  }
  return nodes;
}

double total_of(const FluidNodes& nodes) {
  double total = 0;
  for (const FluidNode& node : nodes) total += node.used;
  return total;
}

template <typename Check>
void for_random_nodes(Check check) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    const FluidNodes nodes = random_nodes(random);
    check(nodes, static_cast<double>(random.between(0, 50)) / 100);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Fluid, OfNoNodesIsNothing) {
  EXPECT_EQ(least_bytes({}, 0.1), 0);
  EXPECT_EQ(best_band({}, 0.1).top, 0);
  EXPECT_EQ(best_band({}, 0.1).bottom, 0);
}

TEST(Fluid, OneNodeAndEqualNodesAreLevelAsTheyAre) {
  for (const FluidNodes& nodes :
       {FluidNodes{{8, 16}}, FluidNodes{{8, 16}, {8, 16}}, FluidNodes{{8, 16}, {2, 4}, {0.5, 1}}}) {
    for (const double width : {0.0, 0.1}) {
      EXPECT_EQ(least_bytes(nodes, width), 0);
      const Band band = best_band(nodes, width);
      EXPECT_LE(band.bottom, 0.5);
      EXPECT_GE(band.top, 0.5);
    }
  }
}

TEST(Fluid, LevelsTwoNodesHalfWay) {
  const FluidNodes nodes{{12, 16}, {4, 16}};
  EXPECT_NEAR(least_bytes(nodes, 0), 4, 0.01);
  EXPECT_NEAR(least_bytes(nodes, 0.125), 3, 0.01) << "50 % ± 6.25 %";
  EXPECT_NEAR(best_band(nodes, 0.125).top, 0.5625, 1e-9);
  EXPECT_NEAR(best_band(nodes, 0.125).bottom, 0.4375, 1e-9);
  EXPECT_EQ(least_bytes(nodes, 0.5), 0) << "they are inside it";
  EXPECT_EQ(least_bytes(nodes, 0.75), 0);
}

TEST(Fluid, CountsEachNodesOwnCapacity) {
  const FluidNodes nodes{{12, 16}, {4, 48}};
  EXPECT_NEAR(best_band(nodes, 0).top, 0.25, 1e-9);
  EXPECT_NEAR(least_bytes(nodes, 0), 8, 0.02);
}

TEST(Fluid, TheBandIsAsGoodAsTheBestOfAll) {
  for_random_nodes([](const FluidNodes& nodes, double width) {
    const Band band = best_band(nodes, width);
    EXPECT_NEAR(band.top - band.bottom, width, 1e-12);
    const double best = least_by_scan(nodes, width);
    EXPECT_NEAR(bytes_for(nodes, band.top, width), best, 1e-6 * (1 + total_of(nodes)));
  });
}

TEST(Fluid, TheLeastBytesAreABoundFromBelowAndANearOne) {
  for_random_nodes([](const FluidNodes& nodes, double width) {
    const double best = least_by_scan(nodes, width);
    const double least = least_bytes(nodes, width);
    double capacity = 0;
    for (const FluidNode& node : nodes) capacity += node.capacity;
    EXPECT_LE(least, best + 1e-6 * (1 + total_of(nodes)));
    EXPECT_GE(least, best - capacity / 1024) << "the top is known to a thousandth of capacity";
  });
}

TEST(Fluid, AWiderBandTakesFewerBytesAndScaleChangesNothing) {
  for_random_nodes([](const FluidNodes& nodes, double width) {
    EXPECT_LE(least_by_scan(nodes, width + 0.05), least_by_scan(nodes, width) + 1e-9);
    const double near = 2e-3 * (1 + total_of(nodes));
    EXPECT_LE(least_bytes(nodes, width + 0.05), least_bytes(nodes, width) + near);
    FluidNodes large = nodes;
    for (FluidNode& node : large) node = {node.used * (1 << 30), node.capacity * (1 << 30)};
    EXPECT_DOUBLE_EQ(best_band(large, width).top, best_band(nodes, width).top);
    EXPECT_DOUBLE_EQ(least_bytes(large, width), least_bytes(nodes, width) * (1 << 30));
  });
}

TEST(Fluid, NothingHasToMoveExactlyWhereAllAreInside) {
  for_random_nodes([](const FluidNodes& nodes, double width) {
    double highest = 0;
    double lowest = 1;
    for (const FluidNode& node : nodes) {
      highest = std::max(highest, node.used / node.capacity);
      lowest = std::min(lowest, node.used / node.capacity);
    }
    if (highest - lowest <= width) {
      EXPECT_NEAR(least_bytes(nodes, width), 0, 1e-9);
    } else if (highest - lowest > width + 0.01) {
      EXPECT_GT(least_bytes(nodes, width), 0);
    }
  });
}

}  // namespace
}  // namespace evenkeel::rules::test::fluid_test
