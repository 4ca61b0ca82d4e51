// Segments that somebody else moves, and what looks like it and is not.

#include "rules/foreign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::foreign_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Segments 11 and 12 are on node 1 of three.
class ForeignTest : public testing::Test {
 protected:
  ForeignTest() {
    world_.node(1, 4).node(2, 4).node(3, 4).replica(5, 100, {1, 2, 3});
    world_.segment(11, 5, 1, 1).segment(12, 5, 1, 2);
    world_.cluster.observed_at = world_.now;
    EXPECT_THAT(foreign_.observe(nullptr, world_.cluster, world_.ledger, {}), IsEmpty());
    before_ = world_.cluster;
  }

  std::vector<ForeignMove> look(const std::vector<Reversal>& reversals = {}) {
    world_.now += 15s;
    world_.cluster.observed_at = world_.now;
    const Cluster before = std::exchange(before_, world_.cluster);
    return foreign_.observe(&before, world_.cluster, world_.ledger, reversals);
  }
  std::vector<ForeignMove> recent() const { return foreign_.since(world_.now - 5min); }
  void put(std::int64_t segment, std::int64_t node) {
    world_.segment_at(segment).node = NodeId{node};
  }
  void replace(const Segment& segment) { world_.cluster.segments.push_back(segment); }
  // Whatever it was, no look takes it for somebody's move.
  void expect_nothing() {
    EXPECT_THAT(look(), IsEmpty());
    EXPECT_THAT(look(), IsEmpty());
    EXPECT_THAT(recent(), IsEmpty());
  }

  World world_;
  Cluster before_;
  ForeignMoves foreign_;
};

TEST_F(ForeignTest, ASegmentThatChangedItsNodeIsSuspectedAndCertainAtTheNextLook) {
  put(12, 3);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), SizeIs(1)) << "levelling waits from the first look on";
  const auto certain = look();
  ASSERT_THAT(certain, SizeIs(1));
  EXPECT_EQ(certain.front().segment, SegmentId{12});
  EXPECT_EQ(certain.front().replica, ReplicaId{5});
  EXPECT_EQ(certain.front().collection, CollectionId{100});
  EXPECT_EQ(certain.front().from, NodeId{1});
  EXPECT_EQ(certain.front().to, NodeId{3});
  EXPECT_EQ(certain.front().bytes, gib(2));
  EXPECT_EQ(certain.front().seen, world_.now - 15s);
  EXPECT_FALSE(certain.front().reverses);
  EXPECT_THAT(look(), IsEmpty()) << "it is told once";
  EXPECT_THAT(recent(), SizeIs(1));
}

TEST_F(ForeignTest, IsForgottenWhenItIsQuietForLongEnough) {
  put(12, 3);
  look();
  const TimePoint moved = world_.now;
  look();
  EXPECT_THAT(foreign_.since(moved), SizeIs(1));
  EXPECT_THAT(foreign_.since(moved + 1ms), IsEmpty());
}

TEST_F(ForeignTest, ASegmentSeenOnItsWayCountsOnceItHasLeft) {
  Segment copy = world_.segment_at(12);
  copy.node = NodeId{2};
  replace(copy);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), IsEmpty());
  std::erase_if(world_.cluster.segments, [](const Segment& each) {
    return each.id == SegmentId{12} && each.node == NodeId{1};
  });
  look();
  const auto certain = look();
  ASSERT_THAT(certain, SizeIs(1));
  EXPECT_EQ(certain.front().from, NodeId{1});
  EXPECT_EQ(certain.front().to, NodeId{2});
}

TEST_F(ForeignTest, TheOrderOfTheListSaysNothing) {
  std::swap(world_.cluster.segments[0], world_.cluster.segments[1]);
  expect_nothing();
}

TEST_F(ForeignTest, AMoveOfOursIsExplained) {
  world_.ledger.start(world_.flight(12, 5, 1, 3, 2));
  put(12, 3);
  EXPECT_THAT(look(), IsEmpty());
  world_.ledger.land(key(12, 5), world_.now);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), IsEmpty());
}

TEST_F(ForeignTest, SoIsOneThatStartedAndEndedBetweenTwoLooks) {
  world_.ledger.start(world_.flight(12, 5, 1, 3, 2));
  world_.ledger.land(key(12, 5), world_.now + 3s);
  put(12, 3);
  expect_nothing();
}

TEST_F(ForeignTest, SoIsOneWhoseCallWasNeverAnswered) {
  world_.ledger.start(world_.flight(12, 5, 1, 3, 2));
  world_.ledger.give_up(key(12, 5), world_.now, world_.policy);
  put(12, 3);
  expect_nothing();
}

TEST_F(ForeignTest, AReversalCountsAtOnceAndOnlyOnce) {
  put(12, 3);
  const Reversal reversal{world_.flight(12, 5, 1, 3, 2), NodeId{1}, world_.now};
  const auto certain = look({reversal});
  ASSERT_THAT(certain, SizeIs(1));
  EXPECT_TRUE(certain.front().reverses);
  EXPECT_EQ(certain.front().from, NodeId{3});
  EXPECT_EQ(certain.front().to, NodeId{1});
  EXPECT_EQ(certain.front().collection, CollectionId{100});
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), SizeIs(1));
}

TEST_F(ForeignTest, ANodeThatDiedIsNobodysChoice) {
  world_.at(1).health = NodeHealth::unreachable;
  put(11, 2);
  put(12, 3);
  expect_nothing();
}

// Milvus empties it before it stops: it is gone, or listed as leaving, a moment later.
TEST_F(ForeignTest, NorIsANodeThatStopsGracefully) {
  put(12, 3);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), SizeIs(1));
  std::erase_if(world_.cluster.nodes, [](const Node& node) { return node.id == NodeId{1}; });
  world_.cluster.replicas.front().nodes = {NodeId{2}, NodeId{3}};
  put(11, 2);
  expect_nothing();
}

TEST_F(ForeignTest, NorOneThatMilvusIsEmptying) {
  world_.at(1).role = NodeRole::leaving;
  put(12, 3);
  expect_nothing();
}

TEST_F(ForeignTest, NorAReplicaThatChangesItsNodes) {
  world_.cluster.replicas.front().nodes = {NodeId{2}, NodeId{3}};
  put(11, 2);
  put(12, 3);
  expect_nothing();
}

TEST_F(ForeignTest, ACompactionMakesNewSegments) {
  world_.cluster.segments.clear();
  world_.segment(13, 5, 3, 3);
  expect_nothing();
}

TEST_F(ForeignTest, ASegmentThatIsSealedElsewhereGrewThere) {
  before_.segments[1].state = SegmentState::growing;
  put(12, 3);
  expect_nothing();
}

TEST_F(ForeignTest, ACollectionThatIsReadInPartSaysNothing) {
  world_.cluster.collections.front().complete = false;
  put(12, 3);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), IsEmpty());
}

TEST_F(ForeignTest, WhatIsSuspectedWaitsForTheNextWholeAnswer) {
  put(12, 3);
  look();
  world_.cluster.coordinator_complete = false;
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(recent(), SizeIs(1));
  world_.cluster.coordinator_complete = true;
  EXPECT_THAT(look(), IsEmpty()) << "the look before it was incomplete";
  EXPECT_THAT(look(), SizeIs(1));
}

TEST_F(ForeignTest, RemembersTheNewestOnly) {
  for (std::size_t i = 0; i < ForeignMoves::kMost + 10; ++i) {
    put(12, i % 2 == 0 ? 3 : 1);
    look();
  }
  const auto all = foreign_.since(TimePoint{});
  EXPECT_THAT(all, SizeIs(ForeignMoves::kMost + 1)) << "and what is suspected";
  EXPECT_GT(all.front().seen, TimePoint{1000h} + 15s);
}

TEST_F(ForeignTest, SaysWhoAndWhereInWords) {
  EXPECT_EQ(disquiet({}, world_.cluster, 5min), "");
  put(12, 3);
  look();
  EXPECT_EQ(disquiet(recent(), world_.cluster, 5min),
            "1 segment moved without this agent within 300 s, of book from node 1 to 3: somebody "
            "else balances, and levelling waits until none has moved for so long");
  put(11, 2);
  look();
  EXPECT_THAT(disquiet(recent(), world_.cluster, 5min),
              HasSubstr("2 segments moved without this agent within 300 s, the last of book from "
                        "node 1 to 2"));
}

}  // namespace
}  // namespace evenkeel::rules::test::foreign_test
