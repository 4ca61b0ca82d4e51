// Moves that were planned a while ago: whether they may still be made.

#include "rules/recheck.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::recheck_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Node 1 has two segments of 2 GiB that are to go to node 2, which has room for both.
struct RecheckTest : testing::Test {
  RecheckTest() {
    world.node(1, 8).node(2, 4).replica(5, 100, {1, 2});
    world.segment(11, 5, 1, 2).segment(12, 5, 1, 2).sample();
    moves = {move(11), move(12)};
  }

  [[nodiscard]] Move move(std::int64_t segment) {
    Move move;
    move.segment = SegmentId{segment};
    move.collection = CollectionId{100};
    move.replica = ReplicaId{5};
    move.from = NodeId{1};
    move.to = NodeId{2};
    move.rows = world.segment_at(segment).rows;
    move.bytes = gib(2);
    return move;
  }
  [[nodiscard]] std::vector<std::string> changes() const {
    return changed_since(world.cluster, world.judged(), moves, world.policy);
  }

  World world;
  std::vector<Move> moves;
};

TEST_F(RecheckTest, NothingHasChanged) {
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(RecheckTest, ASegmentThatIsElsewhereOrGone) {
  world.segment_at(11).node = NodeId{2};
  EXPECT_THAT(changes(), ElementsAre("segment 11 is on node 2 now"));
  std::erase_if(world.cluster.segments, [](const auto& each) { return each.id == SegmentId{11}; });
  EXPECT_THAT(changes(), ElementsAre("segment 11 is gone"));
}

TEST_F(RecheckTest, ASegmentOnTwoNodes) {
  world.segment(11, 5, 2, 2);
  EXPECT_THAT(changes(), ElementsAre("segment 11 is on node 2 now"));
}

TEST_F(RecheckTest, ASegmentThatIsAnotherOne) {
  world.segment_at(11).state = SegmentState::growing;
  world.segment_at(12).rows += 1;
  EXPECT_THAT(changes(), ElementsAre("segment 11 is not sealed", HasSubstr("segment 12 has ")));
}

TEST_F(RecheckTest, AReplicaOrACollectionThatIsGone) {
  world.cluster.replicas.front().nodes = {NodeId{1}};
  EXPECT_THAT(changes(), ElementsAre(HasSubstr("node 2 no longer takes part in replica 5"),
                                     HasSubstr("node 2")));
  world.cluster.replicas.clear();
  EXPECT_THAT(changes().front(), HasSubstr("replica 5 of collection 100 is gone"));
}

TEST_F(RecheckTest, ACollectionThatCannotBeRead) {
  world.cluster.collections.front().complete = false;
  EXPECT_THAT(changes().front(), HasSubstr("cannot be read in full"));
  world.cluster.coordinator_complete = false;
  EXPECT_THAT(changes(), ElementsAre("the proxy did not answer every question"));
}

TEST_F(RecheckTest, ANodeThatCannotBeJudged) {
  world.at(2).health = NodeHealth::unreachable;
  world.sample();
  EXPECT_THAT(changes().front(), HasSubstr("node 2 cannot be judged"));
}

TEST_F(RecheckTest, RoomIsCountedForAllOfThemTogether) {
  world.at(2).used = gib(9);  // 5.4 GiB below the threshold: 3.6 while they load
  world.sample();
  EXPECT_THAT(changes(), ElementsAre(HasSubstr("node 2 has no room for segment 12 (2.0 GiB)")));
}

TEST_F(RecheckTest, TheLargerOfTheTwoSizesCounts) {
  world.at(2).used = gib(9);
  world.sample();
  moves = {move(11)};
  EXPECT_THAT(changes(), IsEmpty());
  world.segment_at(11).bytes = gib(4);
  EXPECT_THAT(changes(), ElementsAre(HasSubstr("no room for segment 11 (4.0 GiB)")));
}

TEST_F(RecheckTest, ADrainedNodeTakesNothing) {
  world.ledger.drains().begin(NodeId{2}, {world.now, "ann", "a rollout", world.now});
  EXPECT_THAT(changes().front(), HasSubstr("node 2 has no room"));
}

TEST_F(RecheckTest, AMoveTwiceOrToWhereItIs) {
  moves = {move(11), move(11)};
  EXPECT_THAT(changes(), ElementsAre("segment 11 would move twice"));
  moves = {move(11)};
  moves[0].to = NodeId{1};
  EXPECT_THAT(changes(), ElementsAre("segment 11 would move to where it is"));
}

}  // namespace
}  // namespace evenkeel::rules::test::recheck_test
