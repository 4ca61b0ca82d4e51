#include "rules/room.hpp"

#include <gtest/gtest.h>

#include "rules/arithmetic.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::room_test {
namespace {

Policy policy(double threshold = 0.9, double peak = 1.5) {
  Policy policy;
  policy.overload_threshold = threshold;
  policy.loading_peak = peak;
  return policy;
}

TEST(Room, IsWhatStaysUnderTheThresholdWhileItLoads) {
  const Room room{.limit = 900, .expected = 300, .kept_free = 0, .to_come = 0};
  EXPECT_EQ(room.left(policy()), 400);
  EXPECT_EQ(room.missing(400, policy()), 0);
  EXPECT_EQ(room.missing(401, policy()), 2) << "602 bytes at the peak, and 600 are free";
}

TEST(Room, LeavesOutWhatIsKeptFreeAndWhatIsToCome) {
  const Room room{.limit = 900, .expected = 300, .kept_free = 150, .to_come = 100};
  EXPECT_EQ(room.left(policy()), 200);
  EXPECT_EQ(room.missing(200, policy()), 0);
  EXPECT_EQ(room.missing(300, policy()), 150);
}

TEST(Room, IsNoneWhereTheNodeIsTooFullAlready) {
  const Room room{.limit = 900, .expected = 1000, .kept_free = 0, .to_come = 0};
  EXPECT_EQ(room.left(policy()), 0);
  EXPECT_EQ(room.missing(0, policy()), 100);
  EXPECT_EQ(room.missing(100, policy()), 250);
}

TEST(Room, OfANodeIsReadFromItsVerdict) {
  NodeVerdict node;
  node.capacity = 1000;
  node.expected = 500;
  node.kept_free = 40;
  node.may_arrive = 60;
  const Room room = room_on(node, policy());
  EXPECT_EQ(room.limit, 900);
  EXPECT_EQ(room.expected, 500);
  EXPECT_EQ(room.kept_free, 100);
  EXPECT_EQ(room.to_come, 0);
}

TEST(Room, IsNoneWhereTheCapacityIsNotKnown) {
  EXPECT_EQ(room_on(NodeVerdict{}, policy()).left(policy()), 0);
}

TEST(Room, HugeFiguresDoNotOverflow) {
  const Room room{900, kMostBytes, kMostBytes, kMostBytes};
  EXPECT_EQ(room.left(policy()), 0);
  EXPECT_EQ(room.missing(kMostBytes, policy()), kMostBytes - 900);
}

}  // namespace
}  // namespace evenkeel::rules::test::room_test
