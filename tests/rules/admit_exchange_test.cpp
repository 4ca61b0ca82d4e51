// Moves that help only together are sent together or not at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/admit.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::admit_exchange_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Four pairs of nodes, each with a segment to give and one to take back.
World pairs() {
  World world;
  for (int pair = 1; pair <= 4; ++pair) {
    world.node(10 * pair, 10).node(10 * pair + 1, 4);
    world.replica(pair, 100, {10 * pair, 10 * pair + 1});
    world.segment(100 * pair, pair, 10 * pair, 2);
    world.segment(100 * pair + 1, pair, 10 * pair + 1, 1);
  }
  return world.sample();
}

struct Step {
  std::int64_t segment = 0;
  std::uint32_t exchange = 0;
};

// Each segment goes to the other node of its pair.
Plan plan_of(const World& world, std::initializer_list<Step> steps) {
  Plan plan;
  for (const Step& step : steps) {
    for (const Segment& segment : world.cluster.segments) {
      if (segment.id != SegmentId{step.segment}) continue;
      Move move;
      move.segment = segment.id;
      move.collection = segment.collection;
      move.replica = segment.replica;
      move.from = segment.node;
      move.to = NodeId{static_cast<std::int64_t>(segment.node) + (step.segment % 2 == 0 ? 1 : -1)};
      move.bytes = segment.bytes;
      move.exchange = step.exchange;
      plan.moves.push_back(move);
    }
  }
  return plan;
}

std::vector<std::int64_t> held(const Admission& admission) {
  std::vector<std::int64_t> ids;
  for (const Held& each : admission.held)
    ids.push_back(static_cast<std::int64_t>(each.move.segment));
  return ids;
}

std::vector<std::int64_t> called(const Admission& admission) {
  std::vector<std::int64_t> ids;
  for (const Call& call : admission.calls) {
    for (const Move& move : call.moves) ids.push_back(static_cast<std::int64_t>(move.segment));
  }
  return ids;
}

TEST(AdmitExchange, IsLetThroughAsAWhole) {
  const World world = pairs();
  const Admission admission =
      world.admitted(plan_of(world, {{100, 1}, {101, 1}, {200, 2}, {201, 2}}));
  EXPECT_THAT(called(admission), ElementsAre(100, 101, 200, 201));
  EXPECT_THAT(held(admission), IsEmpty());
}

TEST(AdmitExchange, IsHeldAsAWholeWhicheverPartIsHeld) {
  for (const std::int64_t gone : {100, 101}) {
    World world = pairs();
    const Plan plan = plan_of(world, {{100, 1}, {101, 1}, {200, 2}, {201, 2}});
    world.segment_at(gone).node = NodeId{99};
    const Admission admission = world.admitted(plan);
    EXPECT_THAT(held(admission), ElementsAre(100, 101)) << gone;
    EXPECT_THAT(called(admission), ElementsAre(200, 201));
    for (const Held& each : admission.held) EXPECT_EQ(each.gate, Gate::data_fresh);
  }
}

// Its parts may be on nodes that have nothing to do with one another.
TEST(AdmitExchange, OfSeveralPairsIsHeldByOneOfThem) {
  World world = pairs();
  world.node(98, 4).node(99, 4).sample();
  world.ledger.start(world.flight(7, 9, 99, 21, 0.1));
  const Plan plan = plan_of(world, {{100, 1}, {200, 1}, {300, 1}, {400, 0}});
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(held(admission), ElementsAre(100, 200, 300));
  for (const Held& each : admission.held) EXPECT_EQ(each.gate, Gate::in_flight);
  EXPECT_THAT(called(admission), ElementsAre(400));
}

TEST(AdmitExchange, IsHeldWhereABudgetEndsInsideIt) {
  World moves = pairs();
  moves.policy.max_moves_per_round = 3;
  World bytes = pairs();
  bytes.policy.max_bytes_per_round = gib(5.5);
  for (const World& world : {moves, bytes}) {
    const Admission admission =
        world.admitted(plan_of(world, {{100, 1}, {101, 1}, {200, 2}, {201, 2}}));
    EXPECT_THAT(called(admission), ElementsAre(100, 101));
    EXPECT_THAT(held(admission), ElementsAre(200, 201));
  }
}

TEST(AdmitExchange, OfNumberZeroIsNone) {
  World world = pairs();
  const Plan plan = plan_of(world, {{100, 0}, {200, 0}, {300, 0}});
  world.segment_at(200).node = NodeId{99};
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(held(admission), ElementsAre(200));
  EXPECT_THAT(called(admission), ElementsAre(100, 300));
}

TEST(AdmitExchange, NeighboursOfOtherNumbersAreNotOfIt) {
  World world = pairs();
  const Plan plan = plan_of(world, {{100, 1}, {200, 2}, {300, 2}, {400, 3}});
  world.segment_at(300).node = NodeId{99};
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(held(admission), ElementsAre(200, 300));
  EXPECT_THAT(called(admission), ElementsAre(100, 400));
}

TEST(AdmitExchange, IsHeldWithAnEarlierMoveOfItsNodes) {
  World world = pairs();
  world.segment(102, 1, 10, 0.5);
  const Plan plan = plan_of(world, {{102, 0}, {100, 1}, {200, 1}});
  world.segment_at(102).node = NodeId{99};
  EXPECT_THAT(held(world.admitted(plan)), ElementsAre(102, 100, 200));
}

TEST(AdmitExchange, ADryRunHoldsItLikeEverything) {
  const World world = pairs();
  const Admission admission =
      world.admitted(plan_of(world, {{100, 1}, {101, 1}}), {.dry_run = true});
  EXPECT_THAT(held(admission), ElementsAre(100, 101));
  EXPECT_EQ(admission.held.back().gate, Gate::dry_run);
}

}  // namespace
}  // namespace evenkeel::rules::test::admit_exchange_test
