// What holds of every plan, shown on some thousand random clusters. A failure names its seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/random_world.hpp"
#include "tests/rules/replay.hpp"
#include "tests/seeds.hpp"

namespace evenkeel::rules::test::property_test {
namespace {

using testing::IsEmpty;

constexpr std::uint64_t kSeeds = evenkeel::test::seeds(2000);

struct Tally {
  std::uint64_t relieved = 0;
  std::uint64_t levelled = 0;
};

std::vector<std::string> everything_of(const World& world) {
  const Plan plan = world.planned();
  std::vector<std::string> lines;
  for (const Move& move : plan.moves) lines.push_back(words(move));
  for (const RejectedMove& each : plan.rejected) {
    lines.push_back(words(each, world.policy) + " × " + std::to_string(each.count));
  }
  for (const Unfixable& unfixable : plan.unfixable) lines.push_back(words(unfixable));
  const Judgement judgement = world.judged();
  for (const NodeVerdict& node : judgement.nodes) lines.push_back(words(node, world.policy));
  for (const ReplicaVerdict& each : judgement.replicas) {
    lines.push_back(words(each, world.policy));
  }
  return lines;
}

template <typename Check>
void for_each_seed(Check check) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    check(seed);
    if (testing::Test::HasFailure()) return;  // the first one tells enough
  }
}

TEST(Property, EveryPlanIsSafe) {
  Tally tally;
  for_each_seed([&](std::uint64_t seed) {
    const World world = RandomWorld(seed).healthy();
    const Plan plan = world.planned();
    EXPECT_THAT(broken_by(world, plan), testing::IsEmpty());
    if (plans(plan, Urgency::overload)) ++tally.relieved;
    if (plans(plan, Urgency::difference)) ++tally.levelled;
  });
  // Else it was shown of nothing.
  EXPECT_GT(tally.relieved, kSeeds / 10);
  EXPECT_GT(tally.levelled, kSeeds / 10);
}

TEST(Property, EveryPlanOnSpoiledDataIsSafe) {
  Tally tally;
  for_each_seed([&](std::uint64_t seed) {
    const World world = RandomWorld(seed).hostile();
    const Plan plan = world.planned();
    EXPECT_THAT(broken_by(world, plan), testing::IsEmpty());
    if (plans(plan, Urgency::overload)) ++tally.relieved;
    if (plans(plan, Urgency::difference)) ++tally.levelled;
  });
  EXPECT_GT(tally.relieved, kSeeds / 50);
  EXPECT_GT(tally.levelled, kSeeds / 50);
}

TEST(Property, TheOrderOfTheListsDecidesNothing) {
  for_each_seed([](std::uint64_t seed) {
    RandomWorld random(seed);
    World world = seed % 2 == 0 ? random.healthy() : random.hostile();
    const std::vector<std::string> before = everything_of(world);
    random.shuffle(world.cluster);
    EXPECT_EQ(before, everything_of(world));
  });
}

TEST(Property, NothingIsPlannedOnStaleOrPartialData) {
  for_each_seed([](std::uint64_t seed) {
    World world = RandomWorld(seed).healthy();
    World stale = world;
    stale.now += stale.policy.max_sample_age + Duration{1};
    EXPECT_THAT(stale.planned().moves, IsEmpty());
    for (Collection& collection : world.cluster.collections) collection.complete = false;
    EXPECT_THAT(world.planned().moves, IsEmpty());
    for (Collection& collection : world.cluster.collections) collection.complete = true;
    world.cluster.coordinator_complete = false;
    EXPECT_THAT(world.planned().moves, IsEmpty());
  });
}

TEST(Property, ARerunOnThePlannedOutcomePlansNothing) {
  std::uint64_t checked = 0;
  for_each_seed([&](std::uint64_t seed) {
    World world = RandomWorld(seed).healthy();
    const Plan first = world.planned();
    if (first.moves.empty() || cut_by_budget(first) || !first.unfixable.empty()) return;
    ++checked;
    world.carry_out(first);
    world.sample();
    const Plan second = world.planned();
    if (makes_room(first)) {
      EXPECT_TRUE(plans(second, Urgency::overload)) << "what room was made for follows";
      return;
    }
    EXPECT_FALSE(plans(second, Urgency::overload));
    // Relief leaves differences as they are; the next round levels them.
    if (plans(first, Urgency::difference)) {
      EXPECT_THAT(moves_of(second), IsEmpty());
      EXPECT_FALSE(world.judged().different());
    }
  });
  EXPECT_GT(checked, kSeeds / 10);
}

TEST(Property, RoundsComeToAnEnd) {
  for_each_seed([](std::uint64_t seed) {
    if (seed % 10 != 0) return;
    World world = RandomWorld(seed).healthy();
    int rounds = 0;
    for (Plan plan = world.planned(); !plan.moves.empty(); plan = world.planned()) {
      ASSERT_LT(++rounds, 200);
      EXPECT_THAT(broken_by(world, plan), testing::IsEmpty());
      world.carry_out(plan);
      world.sample();
      world.ledger.expire(world.cluster, world.now, world.policy);
    }
  });
}

}  // namespace
}  // namespace evenkeel::rules::test::property_test
