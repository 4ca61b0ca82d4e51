#include "agent/demo/simulation.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/demo/small_world.hpp"

namespace evenkeel::demo::simulation_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SimulationTest : public testing::Test {
 protected:
  static Simulation::Time at(std::chrono::milliseconds since_start) {
    return Simulation::Time{} + since_start;
  }

  // The nodes that hold a segment, in the order of the answer.
  std::vector<rules::NodeId> holders(const char* collection, rules::SegmentId id,
                                     Simulation::Time now) {
    for (const auto& placed : simulation.segments(*simulation.find(collection), now)) {
      if (placed.id == id) return placed.nodes;
    }
    return {};
  }

  Simulation simulation{small_world(), at(0ms)};
};

TEST_F(SimulationTest, MemoryIsTheBaseAndTheSegments) {
  EXPECT_EQ(simulation.memory(0, at(0ms)), 10'000'000 + 2 * 1'000'000 + 2'000'000);
  EXPECT_EQ(simulation.memory(1, at(0ms)), 10'000'000 + 1'000'000);
  EXPECT_EQ(simulation.memory(3, at(0ms)), 10'000'000);
}

TEST_F(SimulationTest, SegmentsLoadOneAfterTheOtherOnADestination) {
  const auto done =
      simulation.load_balance({"book", node(1), {node(3)}, {segment(1), segment(2)}}, at(0ms));
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, at(2'000ms));
  EXPECT_THAT(holders("book", segment(1), at(1'500ms)), ElementsAre(node(3)));
  EXPECT_THAT(holders("book", segment(2), at(1'500ms)), ElementsAre(node(1), node(3)));
}

TEST_F(SimulationTest, BothNodesHoldASegmentWhileItMoves) {
  ASSERT_TRUE(simulation.load_balance({"book", node(1), {node(2)}, {segment(1)}}, at(0ms)));
  EXPECT_THAT(holders("book", segment(1), at(999ms)), ElementsAre(node(1), node(2)));
  const auto during = simulation.world(at(999ms));
  EXPECT_EQ(during.collections[0].segments.size(), 4U);
  EXPECT_THAT(holders("book", segment(1), at(1'000ms)), ElementsAre(node(2)));
  const auto after = simulation.world(at(1'000ms));
  EXPECT_EQ(after.collections[0].segments.size(), 3U);
  EXPECT_EQ(after.collections[0].segments[0].node, node(2));
}

TEST_F(SimulationTest, DestinationRisesToThePeakWhileItLoadsAndSettles) {
  ASSERT_TRUE(simulation.load_balance({"book", node(1), {node(3)}, {segment(1)}}, at(0ms)));
  const auto before = 10'000'000 + 2'000'000;  // node 3: base and film's segment
  EXPECT_EQ(simulation.memory(2, at(500ms)), before + 750'000);
  EXPECT_NEAR(static_cast<double>(simulation.memory(2, at(1'000ms))), before + 1'500'000, 1'000);
  EXPECT_NEAR(static_cast<double>(simulation.memory(2, at(60s))), before + 1'000'000, 1'000);
}

TEST_F(SimulationTest, SourceFallsWithTheLag) {
  ASSERT_TRUE(simulation.load_balance({"book", node(1), {node(3)}, {segment(1)}}, at(0ms)));
  const double before = 14'000'000;
  EXPECT_EQ(simulation.memory(0, at(999ms)), before);
  const auto fallen = [&](std::chrono::milliseconds time) {
    return before - static_cast<double>(simulation.memory(0, at(time)));
  };
  EXPECT_NEAR(fallen(1'000ms), 0, 1'000);
  EXPECT_NEAR(fallen(2'000ms), 1e6 * (1 - std::exp(-1.0)), 1'000);
  EXPECT_NEAR(fallen(4'000ms), 1e6 * (1 - std::exp(-3.0)), 1'000);  // a lag later
  EXPECT_NEAR(fallen(60s), 1e6, 1'000);
}

TEST_F(SimulationTest, MemoryFallsAtOnceWithoutLag) {
  auto world = small_world();
  world.lag = 0ms;
  Simulation prompt(world, at(0ms));
  ASSERT_TRUE(prompt.load_balance({"book", node(1), {node(3)}, {segment(1)}}, at(0ms)));
  EXPECT_EQ(prompt.memory(0, at(1'000ms)), 13'000'000);
  EXPECT_EQ(prompt.memory(2, at(1'000ms)), 13'000'000);
}

TEST_F(SimulationTest, NoiseIsOfTheStatedSizeAndTheSameForTheSameSeedAndTime) {
  auto world = small_world();
  world.noise = 0.01;
  Simulation one(world, at(0ms));
  Simulation other(world, at(0ms));
  double sum = 0, squares = 0;
  constexpr int kReadings = 2'000;
  for (int i = 0; i < kReadings; ++i) {
    const auto now = at(i * 250ms);
    const auto reading = one.memory(0, now);
    ASSERT_EQ(reading, other.memory(0, now));
    const double off = static_cast<double>(reading) / 14'000'000 - 1;
    sum += off;
    squares += off * off;
  }
  EXPECT_NEAR(sum / kReadings, 0, 0.001);
  EXPECT_NEAR(std::sqrt(squares / kReadings), 0.01, 0.001);
}

TEST_F(SimulationTest, BlankDestinationsMeanTheOtherNodesOfTheReplicaByRows) {
  // Node 3 has no row of book, node 2 has 1,000: the first goes to 3, then both have as many.
  ASSERT_TRUE(simulation.load_balance({"book", node(1), {}, {}}, at(0ms)));
  const auto world = simulation.world(at(60s));
  EXPECT_EQ(world.collections[0].segments[0].node, node(3));
  EXPECT_EQ(world.collections[0].segments[1].node, node(2));
}

TEST_F(SimulationTest, BlankSegmentsMeanAllOfTheCollectionOnTheSource) {
  ASSERT_TRUE(simulation.load_balance({"book", node(1), {node(3)}, {}}, at(0ms)));
  const auto world = simulation.world(at(60s));
  EXPECT_EQ(world.collections[0].segments[0].node, node(3));
  EXPECT_EQ(world.collections[0].segments[1].node, node(3));
  EXPECT_EQ(world.collections[0].segments[2].node, node(2));
  EXPECT_EQ(world.collections[1].segments[0].node, node(1)) << "film was not asked for";
}

TEST_F(SimulationTest, NothingOnTheSourceIsDoneAtOnce) {
  const auto done = simulation.load_balance({"book", node(3), {node(1)}, {}}, at(5ms));
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, at(5ms));
}

TEST_F(SimulationTest, TheOtherReplicasCopyStays) {
  ASSERT_TRUE(simulation.load_balance({"film", node(3), {node(4)}, {segment(11)}}, at(0ms)));
  EXPECT_THAT(holders("film", segment(11), at(60s)), ElementsAre(node(1), node(4)));
}

TEST_F(SimulationTest, RefusesWhatMilvusRefuses) {
  struct Case {
    Transfer request;
    int error_code, code;
    const char* reason;
  };
  const Case cases[] = {
      {{"nope", node(1), {}, {}},
       4,
       100,
       "collection not found[database=default][collection=nope]"},
      {{"book", node(4), {}, {}}, 1, 901, "source node not found in any replica of collection 100"},
      {{"book", node(99), {}, {}}, 1, 901, "node not found[node=99]"},
      {{"book", node(1), {node(99)}, {}}, 1, 901, "destination node not found in the same replica"},
      {{"book", node(1), {}, {segment(3)}}, 1, 600, "segment not found[segment=3]"},
      {{"book", node(1), {}, {segment(1), segment(77)}}, 1, 600, "segment not found[segment=77]"},
  };
  for (const auto& each : cases) {
    const auto result = simulation.load_balance(each.request, at(0ms));
    ASSERT_FALSE(result) << each.reason;
    EXPECT_EQ(result.error().error_code, each.error_code) << each.reason;
    EXPECT_EQ(result.error().code, each.code) << each.reason;
    EXPECT_THAT(result.error().reason, HasSubstr(each.reason));
  }
  const auto unchanged = simulation.world(at(60s));
  EXPECT_EQ(unchanged.collections[0].segments[0].node, node(1)) << "a refused call moves nothing";
}

TEST_F(SimulationTest, ASegmentUnderWayCannotBeMovedAgain) {
  const Transfer request{"book", node(1), {node(3)}, {segment(1)}};
  ASSERT_TRUE(simulation.load_balance(request, at(0ms)));
  const auto again = simulation.load_balance(request, at(500ms));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().reason, HasSubstr("already being moved"));
  const auto rest = simulation.load_balance({"book", node(1), {node(2)}, {}}, at(500ms));
  ASSERT_TRUE(rest) << "all segments of the source: those that are not under way";
  EXPECT_THAT(holders("book", segment(1), at(60s)), ElementsAre(node(3)));
  EXPECT_THAT(holders("book", segment(2), at(60s)), ElementsAre(node(2)));
}

TEST(Trap05DestinationInAnotherReplica, IsRefused) {
  Simulation simulation(small_world(), Simulation::Time{});
  const auto result =
      simulation.load_balance({"film", node(1), {node(3)}, {segment(11)}}, Simulation::Time{});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, 901);
  EXPECT_EQ(result.error().reason,
            "destination node not found in the same replica: node not found[node=3]");
}

TEST(Trap06LoadBalanceToItself, IsAcceptedAndMovesElsewhere) {
  Simulation simulation(small_world(), Simulation::Time{});
  const auto done = simulation.load_balance({"film", node(1), {node(1)}, {}}, Simulation::Time{});
  ASSERT_TRUE(done);
  EXPECT_EQ(simulation.world(*done).collections[1].segments[0].node, node(2));
}

TEST_F(SimulationTest, CountsWhatANodeHoldsAndLoads) {
  EXPECT_THAT(simulation.holdings(3, at(0ms)), IsEmpty());
  const auto done = simulation.load_balance({"film", node(3), {node(4)}, {}}, at(0ms));
  ASSERT_TRUE(done);
  const auto held = simulation.holdings(3, *done);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].collection, rules::CollectionId{200});
  EXPECT_EQ(held[0].segments, 1);
  EXPECT_EQ(held[0].rows, 2'000);
  EXPECT_EQ(held[0].bytes, 2'000'000);
  EXPECT_EQ(simulation.loads(3, *done).count, 1);
  EXPECT_DOUBLE_EQ(simulation.loads(3, *done).seconds, 2.0);
}

TEST(SimulationWorld, MustNotContradictItself) {
  const auto make = [](const World& world) { Simulation(world, Simulation::Time{}); };
  auto twice = small_world();
  twice.nodes.push_back(twice.nodes.front());
  EXPECT_THROW(make(twice), std::invalid_argument);
  auto nowhere = small_world();
  nowhere.collections[0].replicas[0].nodes.push_back(node(9));
  EXPECT_THROW(make(nowhere), std::invalid_argument);
  auto astray = small_world();
  astray.collections[0].segments[0].node = node(4);  // no replica of book is there
  EXPECT_THROW(make(astray), std::invalid_argument);
}

}  // namespace
}  // namespace evenkeel::demo::simulation_test
