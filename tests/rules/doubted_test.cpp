// A node that may have less than it seems: nothing is moved to it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::doubted_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(DoubtedCapacity, MakesANodeNoDestinationOfReliefOrLevelling) {
  World world;
  world.node(1, 15).node(2, 1).node(3, 8).replica(5, 100, {1, 2, 3});
  for (int id = 1; id <= 14; ++id) world.segment(id, 5, 1, 1);
  world.at(2).capacity_doubted = true;
  world.sample(3);
  EXPECT_THAT(moves_of(world.planned()), testing::Each(HasSubstr("→ 3")));
  EXPECT_THAT(moves_of(world.planned()), Not(IsEmpty()));
  EXPECT_THAT(rejections_of(world.planned()), testing::Contains(Rejection::capacity_doubted));
  world.at(3).capacity_doubted = true;
  const Plan none = world.planned();
  EXPECT_THAT(none.moves, IsEmpty());
  ASSERT_FALSE(none.unfixable.empty());
  EXPECT_THAT(words(none.unfixable.front()), HasSubstr("configure theirs under [capacity] node"));
  world.at(3).capacity_doubted = false;
  world.at(1).used = gib(14);
  world.at(3).used = gib(13.5);
  world.sample(3);
  const Plan plan = world.planned();
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(rejections_of(plan), testing::Contains(Rejection::capacity_doubted));
  ASSERT_FALSE(plan.unfixable.empty());
  EXPECT_EQ(plan.unfixable.front().obstacle, Obstacle::capacity_doubted);
  EXPECT_THAT(words(plan.unfixable.front()), HasSubstr("under a new id"));
}

// Segments of node 2 could go on to node 3, and those of node 1 follow.
TEST(DoubtedCapacity, NoRoomIsMadeThereEither) {
  World world;
  world.node(1, 15).node(2, 14).node(3, 1).node(4, 14);
  world.replica(5, 100, {1, 2, 4}).replica(6, 200, {2, 3});
  for (int id = 1; id <= 14; ++id) world.segment(id, 5, 1, 1);
  for (int id = 21; id <= 33; ++id) world.segment(id, 6, 2, 1);
  world.sample(3);
  ASSERT_THAT(moves_of(world.planned()), testing::Contains(HasSubstr(": 2 → 3")));
  world.at(2).capacity_doubted = true;
  world.sample(3);
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(DoubtedCapacity, MayBeLeftByItsSegments) {
  World world;
  world.node(1, 15).node(2, 1).replica(5, 100, {1, 2});
  for (int id = 1; id <= 14; ++id) world.segment(id, 5, 1, 1);
  world.at(1).capacity_doubted = true;
  world.sample(3);
  EXPECT_THAT(moves_of(world.planned()), testing::Contains(HasSubstr(": 1 → 2")));
}

}  // namespace
}  // namespace evenkeel::rules::test::doubted_test
