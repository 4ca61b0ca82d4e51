#include "agent/demo/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "agent/demo/simulation.hpp"

namespace evenkeel::demo::world_test {
namespace {

std::vector<double> ratios(const World& world) {
  auto quiet = world;
  quiet.noise = 0;
  Simulation simulation(quiet, Simulation::Time{});
  std::vector<double> found;
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    found.push_back(static_cast<double>(simulation.memory(i, Simulation::Time{})) /
                    static_cast<double>(world.nodes[i].capacity));
  }
  return found;
}

TEST(DemoWorld, IsBadlySkewedWithOneNodeOverloaded) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 42U}) {
    const auto world = demo_world(seed);
    const auto found = ratios(world);
    ASSERT_EQ(found.size(), 6U);
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [](double r) { return r > 0.9; }), 1);
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [](double r) { return r < 0.15; }), 2);
    // Evidence of overload must survive the noise: three standard deviations above the mark.
    EXPECT_GT(*std::max_element(found.begin(), found.end()), 0.9 * (1 + 3 * world.noise));
  }
}

TEST(DemoWorld, HasThreeSizesThreeCollectionsAndOneInTwoReplicas) {
  const auto world = demo_world();
  std::set<rules::Bytes> sizes;
  for (const auto& node : world.nodes) sizes.insert(node.capacity);
  EXPECT_EQ(sizes.size(), 3U);
  ASSERT_EQ(world.collections.size(), 3U);
  std::set<int> dims;
  for (const auto& collection : world.collections) dims.insert(collection.dim);
  EXPECT_EQ(dims.size(), 3U);
  EXPECT_EQ(world.collections[2].replicas.size(), 2U);
}

TEST(DemoWorld, HasRoomToBeLevelled) {
  const auto world = demo_world();
  const auto found = ratios(world);
  double used = 0, capacity = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    capacity += static_cast<double>(world.nodes[i].capacity);
    used += found[i] * static_cast<double>(world.nodes[i].capacity);
  }
  EXPECT_LT(used / capacity, 0.6);
  // Every segment is small against every node: a move never overshoots by half of the stop mark.
  for (const auto& collection : world.collections) {
    for (const auto& segment : collection.segments) {
      EXPECT_LT(static_cast<double>(segment.rows * row_bytes(collection.dim)), 0.07 * (2LL << 30));
    }
  }
}

TEST(DemoWorld, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto rows = [](std::uint64_t seed) {
    const auto world = demo_world(seed);
    std::vector<std::int64_t> found;
    for (const auto& segment : world.collections[0].segments) {
      found.push_back(segment.rows);
    }
    return found;
  };
  EXPECT_EQ(rows(7), rows(7));
  EXPECT_NE(rows(7), rows(8));
}

TEST(DemoWorld, HasWhatCameWithEachRelease) {
  for (const auto era : {Era::v2_5, Era::v2_6, Era::v3_0}) {
    const auto world = demo_world(1, era);
    EXPECT_EQ(world.collections[0].name, world.collections[3].name);
    EXPECT_NE(world.collections[0].database, world.collections[3].database);
    const auto streaming = std::count_if(world.nodes.begin(), world.nodes.end(),
                                         [](auto& node) { return node.streaming; });
    EXPECT_EQ(streaming, era == Era::v2_5 ? 0 : 2);
    EXPECT_EQ(std::count_if(world.collections[3].segments.begin(),
                            world.collections[3].segments.end(), [](auto& s) { return s.l0; }),
              1);
    const auto found = ratios(world);
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [](double r) { return r > 0.9; }), 1);
  }
  EXPECT_EQ(demo_world(1).collections.size(), 3U);
}

TEST(DemoWorld, IsMadeOfTheReleaseThatPeopleName) {
  const auto of = [](const char* version) { return demo_world_of(version, 1).value(); };
  EXPECT_EQ(stated_version(of("2.3")), "2.3.5");
  EXPECT_EQ(stated_version(of("2.4")), "2.4.0");
  EXPECT_EQ(stated_version(of("2.6")), "2.6.19");
  EXPECT_EQ(stated_version(of("3.0")), "3.0.0");
  EXPECT_EQ(stated_version(of("2.6.5")), "2.6.5");
  EXPECT_EQ(of("2.6.5").nodes.size(), 8U) << "with streaming nodes";
  EXPECT_EQ(of("2.4.17").collections.size(), 4U);
  EXPECT_EQ(of("2.3.5").collections.size(), 3U);
  for (const char* wrong : {"", "2", "2.2.16", "4.0", "newest"}) {
    EXPECT_FALSE(demo_world_of(wrong, 1)) << wrong;
  }
}

TEST(RowBytes, AreThoseThatARealServerReports) {
  EXPECT_EQ(row_bytes(128), 536);
}

}  // namespace
}  // namespace evenkeel::demo::world_test
