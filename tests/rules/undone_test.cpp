// Moves of ours that somebody else reversed, and what looks like it and is not.

#include "rules/undone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::undone_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Segment 11 was moved from node 1 to node 2, and the picture shows it there.
class UndoneTest : public testing::Test {
 protected:
  UndoneTest() {
    world_.node(1, 4).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3}).segment(11, 5, 2, 1);
    undone_.land(world_.flight(11, 5, 1, 2, 1), world_.now);
  }

  std::vector<Reversal> look(Duration later = std::chrono::seconds{15}) {
    world_.now += later;
    world_.cluster.observed_at = world_.now;
    return undone_.observe(world_.cluster);
  }
  void put(std::int64_t node) { world_.segment_at(11).node = NodeId{node}; }

  World world_;
  Undone undone_;
};

TEST_F(UndoneTest, ASegmentThatWentBackWasTakenBack) {
  EXPECT_THAT(look(), IsEmpty());
  put(1);
  const auto found = look();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().move.segment, SegmentId{11});
  EXPECT_EQ(found.front().move.from, NodeId{1});
  EXPECT_EQ(found.front().move.to, NodeId{2});
  EXPECT_EQ(found.front().taken, NodeId{1});
  EXPECT_EQ(found.front().seen, world_.now);
  EXPECT_THAT(look(), IsEmpty()) << "it is told once";
}

TEST_F(UndoneTest, SoWasOneThatWentToAThirdNode) {
  EXPECT_THAT(look(), IsEmpty());
  put(3);
  const auto found = look();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().taken, NodeId{3});
}

// It was begun before, and was complete only afterwards.
TEST_F(UndoneTest, APictureFromBeforeTheMoveEndedSaysNothing) {
  world_.cluster.begun_at = world_.now - std::chrono::seconds{1};
  put(1);
  EXPECT_THAT(look(), IsEmpty());
  world_.cluster.begun_at = {};
  put(2);
  EXPECT_THAT(look(), IsEmpty());
  put(1);
  EXPECT_THAT(look(), SizeIs(1));
}

// Whoever reports a move has seen the segment arrive: the built-in balancer takes it back within
// four seconds, long before the next picture.
TEST_F(UndoneTest, NorDoesOneThatWasBegunAtTheMomentInWhichItEnded) {
  world_.cluster.begun_at = world_.now;
  put(1);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(UndoneTest, OneThatNoPictureEverShowedThereWasTakenBackToo) {
  put(1);
  EXPECT_THAT(look(), SizeIs(1));
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(UndoneTest, InTransitItIsNotUndoneYet) {
  EXPECT_THAT(look(), IsEmpty());
  world_.segment(11, 5, 3, 1);
  EXPECT_THAT(look(), IsEmpty()) << "on nodes 2 and 3";
  put(3);
  EXPECT_THAT(look(), SizeIs(1));
}

TEST_F(UndoneTest, NotWhereItsDestinationDiedOrLeft) {
  EXPECT_THAT(look(), IsEmpty());
  world_.at(2).health = NodeHealth::unreachable;
  put(1);
  EXPECT_THAT(look(), IsEmpty());
  world_.at(2).health = NodeHealth::up;
  EXPECT_THAT(look(), IsEmpty()) << "and not later, when the node is back";
}

TEST_F(UndoneTest, NotWhereItsDestinationCameBackAsAnother) {
  EXPECT_THAT(look(), IsEmpty());
  world_.at(2).id = NodeId{9};
  put(9);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(UndoneTest, NotWhereTheSegmentIsGone) {
  EXPECT_THAT(look(), IsEmpty());
  const Segment segment = world_.cluster.segments.front();
  world_.cluster.segments.clear();
  EXPECT_THAT(look(), IsEmpty());
  world_.cluster.segments = {segment};
  put(1);
  EXPECT_THAT(look(), IsEmpty()) << "loaded anew it is nobody's move";
}

TEST_F(UndoneTest, NotOnAPartialPicture) {
  EXPECT_THAT(look(), IsEmpty());
  const Segment segment = world_.cluster.segments.front();
  world_.cluster.segments.clear();
  world_.cluster.collections.front().complete = false;
  EXPECT_THAT(look(), IsEmpty());
  world_.cluster.collections.front().complete = true;
  world_.cluster.coordinator_complete = false;
  EXPECT_THAT(look(), IsEmpty());
  world_.cluster.segments = {segment};
  put(1);
  EXPECT_THAT(look(), IsEmpty());
  world_.cluster.coordinator_complete = true;
  EXPECT_THAT(look(), SizeIs(1)) << "it was still watched";
}

TEST_F(UndoneTest, NotWhereWeMoveItOurselves) {
  EXPECT_THAT(look(), IsEmpty());
  undone_.start(key(11, 5));
  put(3);
  EXPECT_THAT(look(), IsEmpty());
  undone_.land(world_.flight(11, 5, 2, 3, 1), world_.now);
  EXPECT_THAT(look(), IsEmpty());
  put(2);
  ASSERT_THAT(look(), SizeIs(1)) << "but the next one is watched again";
}

TEST_F(UndoneTest, TheSameSegmentOfAnotherReplicaIsAnother) {
  EXPECT_THAT(look(), IsEmpty());
  world_.replica(6, 100, {1, 3}).segment(11, 6, 1, 1);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(UndoneTest, AnHourLaterItIsNoLongerOurs) {
  EXPECT_THAT(look(), IsEmpty());
  put(1);
  EXPECT_THAT(look(Undone::kWindow + std::chrono::seconds{1}), IsEmpty());
  EXPECT_EQ(undone_.watched(), 0U);
}

TEST_F(UndoneTest, OfTooManyTheOldestIsForgotten) {
  for (std::size_t i = 0; i < Undone::kMost; ++i) {
    const auto id = static_cast<std::int64_t>(1000 + i);
    undone_.land(world_.flight(id, 5, 1, 2, 1), world_.now + std::chrono::seconds{1});
  }
  EXPECT_EQ(undone_.watched(), Undone::kMost);
  EXPECT_THAT(look(), IsEmpty());
  put(1);
  EXPECT_THAT(look(), IsEmpty()) << "segment 11 was the oldest";
}

}  // namespace
}  // namespace evenkeel::rules::test::undone_test
