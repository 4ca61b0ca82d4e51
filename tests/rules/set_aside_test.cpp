// Copies of segments that do not fit the other lists are set aside, counted, and said; what they
// contradict is not levelled meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "rules/inventory.hpp"
#include "tests/rules/random_world.hpp"
#include "tests/rules/troubled.hpp"

namespace evenkeel::rules::test::set_aside_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> set_aside(const World& world) {
  std::vector<std::string> lines;
  for (const SetAside& copies : world.judged().set_aside) {
    lines.push_back(std::to_string(copies.count) + " of " +
                    std::to_string(static_cast<std::int64_t>(copies.replica)) + " on " +
                    std::to_string(static_cast<std::int64_t>(copies.node)) + ": " +
                    std::string(name(copies.why)));
  }
  return lines;
}

void expect_not_levelled(const World& world) {
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::segments_contradictory);
  EXPECT_GT(world.replica_verdict(5).spread, 0) << "the figures are known all the same";
  EXPECT_FALSE(world.judged().all_healthy());
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

void expect_levelled(const World& world) {
  EXPECT_TRUE(world.judged().all_healthy());
  EXPECT_THAT(world.planned().moves, Not(IsEmpty()));
}

TEST(SetAside, IsNothingOfASoundCluster) {
  for (const World& world : {overloaded(), skewed()}) {
    EXPECT_THAT(set_aside(world), IsEmpty());
    EXPECT_EQ(world.judged().set_aside_copies, 0);
  }
}

TEST(SetAside, OnANodeThatIsGoneAndThatItsReplicaDoesNotName) {
  World world = skewed();
  world.segment(41, 5, 9, 1).segment(42, 5, 9, 1).sample();
  EXPECT_THAT(set_aside(world), ElementsAre("2 of 5 on 9: node_unknown"));
  expect_not_levelled(world);
  world.cluster.segments.resize(16);
  expect_levelled(world);
}

// So the agent reads it: what no replica's nodes hold is of no replica.
TEST(Trap16ADeadNode, WhoseSegmentsAreStillListedMakesItsCollectionWait) {
  World world = skewed();
  world.replica(6, 101, {1, 2}).segment(41, 5, 9, 1).sample();
  world.segment_at(41).replica = ReplicaId{};
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 0 on 9: node_unknown"));
  expect_not_levelled(world);
  EXPECT_NE(world.replica_verdict(6).reason, Reason::segments_contradictory);
  world.segment_at(41).node = NodeId{2};
  world.segment_at(41).replica = ReplicaId{5};
  EXPECT_THAT(set_aside(world), IsEmpty()) << "it came up elsewhere";
  expect_levelled(world);
}

TEST(Trap16ADeadNode, DoesNotKeepAnOverloadedOneFromBeingRelieved) {
  World world = overloaded();
  world.segment(41, 5, 9, 1).sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::segments_contradictory);
  EXPECT_THAT(moves_of(world.planned()), ElementsAre("11: 1 → 3"));
}

TEST(SetAside, OfAReplicaThatIsNotKnown) {
  World world = skewed();
  world.segment_at(11).replica = ReplicaId{77};
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 77 on 1: replica_unknown"));
  expect_not_levelled(world);
}

TEST(SetAside, OfAnotherCollectionThanItsReplica) {
  World world = skewed();
  world.segment_at(11).collection = CollectionId{7};
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 1: other_collection"));
  expect_not_levelled(world);
}

TEST(SetAside, OutsideTheNodesOfItsReplica) {
  World world = skewed();
  world.node(4, 4).replica(6, 101, {4}).segment(41, 5, 4, 1).sample();
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 4: outside_replica"));
  expect_not_levelled(world);
  EXPECT_EQ(world.replica_verdict(6).reason, Reason::single_node);
}

TEST(SetAside, WhereCopiesDisagree) {
  World world = skewed();
  world.segment(11, 5, 1, 0.25);
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 1: copies_disagree"));
  expect_not_levelled(world);
}

TEST(SetAside, IsNoSegmentThatIsBeingSealed) {
  World world = skewed();
  world.segment(11, 5, 1, 0.25).cluster.segments.back().state = SegmentState::growing;
  EXPECT_THAT(set_aside(world), IsEmpty());
  expect_levelled(world);
}

TEST(SetAside, GrowingOnANodeOfItsStreamContradictsNothing) {
  World world = skewed();
  world.segment(41, 5, 9, 0).cluster.segments.back().state = SegmentState::growing;
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 9: node_unknown"));
  expect_levelled(world);
}

TEST(SetAside, WithFiguresThatCannotBeOnlyItself) {
  World world = skewed();
  world.segment_at(11).bytes = -1;
  world.segment_at(12).rows = -1;
  world.segment_at(13).bytes = gib(13);
  world.segment_at(14).id = SegmentId{};
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 1: no_id", "2 of 5 on 1: negative",
                                            "1 of 5 on 1: larger_than_node"));
  EXPECT_EQ(world.judged().set_aside_copies, 4);
  expect_levelled(world);
  for (const Move& move : world.planned().moves) EXPECT_GT(move.segment, SegmentId{14});
}

TEST(SetAside, OnTheNodeWithNoId) {
  World world = skewed();
  world.node(0, 4).segment(41, 5, 0, 1).sample();
  EXPECT_EQ(world.node_verdict(0).reason, Reason::no_id);
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 5 on 0: no_id"));
}

TEST(SetAside, IsNotAReplicaWithNoIdWhichIsRefused) {
  World world = skewed();
  world.replica(0, 101, {1, 2}).sample();
  EXPECT_EQ(world.replica_verdict(0).reason, Reason::no_id);
}

TEST(SetAside, NamesNoReplicaWhereThoseTooLargeMayBeOfSeveral) {
  World world = skewed();
  world.replica(6, 101, {1, 2, 3}).segment(41, 6, 1, 13).sample();
  EXPECT_THAT(set_aside(world), ElementsAre("1 of 0 on 1: larger_than_node"));
}

TEST(SetAside, IsAListOfBoundedLengthThatCountsTheRest) {
  World world = skewed();
  for (int i = 0; i < 1000; ++i) world.segment(1000 + i, 5, 100 + i, 1);
  world.segment_at(11).bytes = -1;
  EXPECT_EQ(world.judged().set_aside.size(), kMaxSetAside);
  EXPECT_EQ(world.judged().set_aside_copies, 1001);
}

using Picture = std::tuple<std::vector<std::string>, std::int64_t, std::vector<Reason>>;

Picture picture(const Inventory& inventory, const World& world) {
  const Judgement judgement = judge(inventory, world.policy, world.ledger, world.now);
  Picture picture;
  for (const SetAside& copies : judgement.set_aside) {
    std::get<0>(picture).push_back(words(copies));
  }
  std::get<1>(picture) = judgement.set_aside_copies;
  for (const auto& replica : judgement.replicas) std::get<2>(picture).push_back(replica.reason);
  return picture;
}

// Random clusters are spoilt again and again; the inventory that follows says what a new one says,
// whatever the order of the lists.
TEST(SetAside, IsCountedAlikeByAnInventoryThatFollows) {
  std::int64_t counted = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomWorld random(seed);
    World world = random.healthy();
    Inventory followed(std::make_shared<const Cluster>(world.cluster));
    for (int step = 0; step < 8; ++step) {
      random.spoil_segment(world);
      followed.follow(std::make_shared<const Cluster>(world.cluster));
      const Picture made_anew = picture(Inventory(borrowed(world.cluster)), world);
      ASSERT_EQ(picture(followed, world), made_anew) << "seed " << seed << ", step " << step;
      counted += std::get<1>(made_anew);
      Cluster shuffled = world.cluster;
      random.shuffle(shuffled);
      ASSERT_EQ(picture(Inventory(borrowed(shuffled)), world), made_anew) << "seed " << seed;
    }
  }
  EXPECT_GT(counted, 1000) << "or nothing was tried";
}

}  // namespace
}  // namespace evenkeel::rules::test::set_aside_test
