#include "rules/unexplained.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::unexplained_test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Node 1 uses 10 GiB, of which two segments explain 6, and node 2 uses 3, of which one explains 1.
struct Explained : World {
  Explained() {
    node(1, 10).node(2, 3).replica(5, 100, {1, 2}).replica(6, 200, {1, 2});
    cluster.collections.front().row_bytes = 512;
    segment(11, 5, 1, 2).segment(12, 6, 1, 4).segment(13, 5, 2, 1);
    sample(1);
  }
  void pass(Duration time) {
    for (auto steps = time / kSampleInterval; steps > 0; --steps) {
      sample(1);
      ledger.expire(cluster, now, policy);
    }
  }
  void use(std::int64_t id, double used_gib) {
    at(id).used = gib(used_gib);
    sample(1);
  }
  [[nodiscard]] Bytes unexplained(std::int64_t id) const { return node_verdict(id).unexplained; }
  [[nodiscard]] Bytes kept_free(std::int64_t id) const { return node_verdict(id).kept_free; }
};

TEST(Unexplained, IsWhatTheSegmentsOfAllReplicasLeave) {
  Explained world;
  EXPECT_EQ(world.unexplained(1), gib(4));
  EXPECT_EQ(world.unexplained(2), gib(2));
  EXPECT_EQ(world.kept_free(1), 0);
}

TEST(Unexplained, CountsGrowingSegmentsAsFarAsTheyHaveASize) {
  Explained world;
  world.segment(14, 5, 1, 0.5);
  world.segment_at(14).state = SegmentState::growing;
  world.sample(1);
  EXPECT_EQ(world.unexplained(1), gib(3.5));
}

TEST(Unexplained, IsNothingWhereTheSizesSayMoreThanIsUsed) {
  Explained world;
  world.segment(14, 5, 2, 7);
  world.sample(1);
  EXPECT_EQ(world.unexplained(2), 0);
}

TEST(Unexplained, KeepsFreeWhatItHasBeenWithinTheWindowAndNoLonger) {
  Explained world;
  world.use(1, 12);
  world.pass(minutes{2});
  EXPECT_EQ(world.unexplained(1), gib(6));
  EXPECT_EQ(world.kept_free(1), 0) << "it is used at this moment";
  world.use(1, 10);
  EXPECT_EQ(world.unexplained(1), gib(4));
  EXPECT_EQ(world.kept_free(1), gib(2));
  world.pass(minutes{27});
  EXPECT_EQ(world.kept_free(1), gib(2));
  const TimePoint later = world.now + minutes{4};
  EXPECT_EQ(world.ledger.unexplained().kept_free(NodeId{1}, later, world.policy), 0) << "unread";
  world.pass(minutes{4});
  EXPECT_EQ(world.kept_free(1), 0);
}

TEST(Unexplained, DoesNotCountAPeakThatCameOnce) {
  Explained world;
  world.pass(minutes{2});
  world.use(1, 15);
  world.use(1, 10);
  EXPECT_EQ(world.kept_free(1), 0);
  world.pass(minutes{5});
  world.use(1, 13);
  world.use(1, 10);
  EXPECT_EQ(world.kept_free(1), gib(3)) << "so high it has been twice";
}

TEST(Unexplained, KeepsNothingFreeWithoutAWindow) {
  Explained world;
  world.policy.unexplained_window = Duration{0};
  world.use(1, 12);
  world.pass(minutes{2});
  world.use(1, 10);
  EXPECT_EQ(world.kept_free(1), 0);
  EXPECT_EQ(world.unexplained(1), gib(4));
}

// A move of 2 GiB that loads with a peak, and whose source falls late.
TEST(Unexplained, IsNeitherALoadingPeakNorMemoryThatFallsLate) {
  Explained world;
  world.pass(minutes{2});
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.use(2, 6);
  world.use(2, 6);
  EXPECT_EQ(world.unexplained(2), gib(2)) << "as before the move";
  world.segment_at(11).node = NodeId{2};
  world.land(key(11, 5), world.now);
  world.use(2, 6);  // still at its peak, 15 s after
  world.use(2, 5);
  EXPECT_EQ(world.unexplained(2), gib(2));
  world.pass(minutes{4});
  EXPECT_EQ(world.unexplained(1), gib(4)) << "10 GiB are used, and it holds 4 of segments";
  world.use(1, 8);
  world.pass(minutes{10});
  for (const std::int64_t id : {1, 2}) {
    EXPECT_EQ(world.unexplained(id), gib(id == 1 ? 4 : 2));
    EXPECT_EQ(world.kept_free(id), 0) << id;
  }
}

TEST(Issue23367MemoryOfTheOldNodeDoesNotFall, SoItIsUnexplainedOnceItHasHadItsTime) {
  Explained world;
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.segment_at(11).node = NodeId{2};
  world.at(2).used = gib(5);
  world.land(key(11, 5), world.now);
  world.pass(minutes{5});
  EXPECT_EQ(world.unexplained(1), gib(4));
  world.pass(minutes{1});
  EXPECT_EQ(world.unexplained(1), gib(6));
}

TEST(Unexplained, IsNotMemoryThatFallsLateAfterAnotherHandTookASegmentAway) {
  Explained world;
  std::erase_if(world.cluster.segments,
                [](const Segment& each) { return each.id == SegmentId{12}; });
  world.pass(minutes{3});
  EXPECT_EQ(world.unexplained(1), gib(4));
  world.use(1, 6);
  world.pass(minutes{10});
  EXPECT_EQ(world.unexplained(1), gib(4));
  EXPECT_EQ(world.kept_free(1), 0);
}

TEST(Unexplained, IsReadAnewWhenSizesAreCorrected) {
  Explained world;
  world.use(1, 11);
  world.pass(minutes{2});
  world.use(1, 10);
  ASSERT_EQ(world.kept_free(1), gib(1));
  // Half as much again on each segment of the first collection: 1 GiB on node 1.
  world.cluster.collections.front().correction = 1.5;
  for (Segment& segment : world.cluster.segments) {
    if (segment.collection == CollectionId{100}) segment.bytes = segment.bytes * 3 / 2;
  }
  world.ledger.observe(world.cluster, world.policy);  // without a newer sample
  EXPECT_EQ(world.unexplained(1), gib(3));
  world.sample(1);
  EXPECT_EQ(world.unexplained(1), gib(3));
  EXPECT_EQ(world.kept_free(1), gib(1)) << "not 2: of the figures before, 1 GiB is explained now";
  world.cluster.collections.front().correction = 1;
  for (Segment& segment : world.cluster.segments) {
    if (segment.collection == CollectionId{100}) segment.bytes = segment.bytes * 2 / 3;
  }
  world.sample(1);
  EXPECT_NEAR(static_cast<double>(world.unexplained(1)), static_cast<double>(gib(4)), 2);
  EXPECT_NEAR(static_cast<double>(world.kept_free(1)), static_cast<double>(gib(1)), 2);
  world.use(1, 11);
  EXPECT_EQ(world.unexplained(1), gib(5)) << "nothing left the node, so nothing is waited for";
}

TEST(Unexplained, IsNotReadOfAClusterThatWasReadInPart) {
  Explained world;
  world.cluster.collections.front().complete = false;
  std::erase_if(world.cluster.segments,
                [](const Segment& each) { return each.collection == CollectionId{100}; });
  world.pass(minutes{10});
  EXPECT_EQ(world.unexplained(1), gib(4));
}

TEST(Unexplained, IsForgottenWithItsNode) {
  Explained world;
  world.pass(minutes{2});
  const Node gone = world.cluster.nodes.back();
  world.cluster.nodes.pop_back();
  world.sample(1);
  EXPECT_EQ(world.ledger.unexplained().of(NodeId{2}), 0);
}

TEST(Unexplained, StopsAtTheLargestNumberInsteadOfOverflowing) {
  constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
  Explained world;
  world.at(1).used = kMost;
  world.segment_at(11).bytes = kMost;
  world.segment_at(12).bytes = -kMost;
  world.segment_at(11).rows = kMost;
  for (const double factor : {1e300, 1e-300, std::numeric_limits<double>::quiet_NaN(), 2.0}) {
    world.cluster.collections.front().correction = factor;
    world.pass(minutes{6});
    EXPECT_GE(world.unexplained(1), 0) << factor;
    EXPECT_GE(world.kept_free(1), 0) << factor;
  }
}

TEST(Room, DoesNotCountWhatIsKeptFree) {
  // Node 1 is overloaded by less than 1 GiB, and only node 2 could take a segment of 1 GiB, which
  // needs 1.5 GiB while it loads.
  World world;
  world.node(1, 15).node(2, 12.5).replica(5, 100, {1, 2});
  for (std::int64_t id = 11; id <= 24; ++id) world.segment(id, 5, 1, 1);
  world.segment(31, 5, 2, 10).sample(3);
  EXPECT_EQ(world.planned().moves.size(), 1U);
  world.at(2).used = gib(13.2);
  world.sample(8);
  world.at(2).used = gib(12.5);
  world.sample(3);
  ASSERT_EQ(world.node_verdict(2).kept_free, gib(13.2) - gib(12.5));
  EXPECT_THAT(moves_of(world.planned()), testing::IsEmpty());
}

}  // namespace
}  // namespace evenkeel::rules::test::unexplained_test
