// Nodes that take no part, what no list names, what comes and goes by another hand, and sums that
// bound the sizes: what the rules have learnt of Milvus 2.4 to 3.0.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/inventory.hpp"
#include "tests/rules/inventory_dump.hpp"
#include "tests/rules/moving_world.hpp"

namespace evenkeel::rules::test::members_test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// Nodes 1 and 2, 12 GiB on the first, and node 9, which is a member for another purpose.
World with_another(NodeRole role) {
  World world;
  world.node(1, 12).node(2, 1).node(9, 0.5).replica(5, 100, {1, 2});
  for (std::int64_t id = 11; id <= 22; ++id) world.segment(id, 5, 1, 0.9);
  world.at(9).role = role;
  Replica& replica = world.cluster.replicas.front();
  if (role == NodeRole::streaming) replica.streaming = {NodeId{9}};
  if (role == NodeRole::leaving) replica.leaving = {NodeId{9}};
  return world;
}

std::vector<Misfit> misfits_of(const World& world) {
  std::vector<Misfit> misfits;
  for (const SetAside& each : world.judged().set_aside) misfits.push_back(each.why);
  return misfits;
}

void expect_levelled_without(const World& world, std::int64_t node) {
  const Plan plan = world.planned();
  EXPECT_FALSE(plan.moves.empty());
  for (const Move& move : plan.moves) {
    EXPECT_NE(move.from, NodeId{node});
    EXPECT_NE(move.to, NodeId{node});
  }
}

// ---- what a node is for

TEST(StreamingNode, TakesNoPartAndKeepsNoneFromIt) {
  World world = with_another(NodeRole::streaming);
  world.at(9).health = NodeHealth::unreachable;
  world.sample();
  EXPECT_EQ(world.node_verdict(9).state, NodeState::exempt);
  EXPECT_EQ(world.node_verdict(9).reason, Reason::streaming_node);
  EXPECT_TRUE(world.judged().all_healthy());
  expect_levelled_without(world, 9);
}

TEST(StreamingNode, HoldsGrowingSegmentsAndThatIsNothingToTell) {
  World world = with_another(NodeRole::streaming);
  world.segment(31, 5, 9, 0.1).segment_at(31).state = SegmentState::growing;
  world.sample();
  EXPECT_THAT(misfits_of(world), IsEmpty());
  expect_levelled_without(world, 9);
}

TEST(StreamingNode, WithASealedSegmentIsToldAndContradictsNothing) {
  World world = with_another(NodeRole::streaming);
  world.segment(31, 5, 9, 0.1).sample();
  EXPECT_THAT(misfits_of(world), ElementsAre(Misfit::stranded));
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  expect_levelled_without(world, 9);
}

TEST(StreamingNode, IsKnownWhereTheListOfNodesHasNone) {
  World world = with_another(NodeRole::streaming);
  world.segment(31, 5, 9, 0.1);
  std::erase_if(world.cluster.nodes, [](const Node& node) { return node.id == NodeId{9}; });
  world.sample();
  EXPECT_THAT(misfits_of(world), Not(Contains(Misfit::node_unknown)));
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
}

TEST(StreamingNode, InAReplicasNodesMakesNoDifferenceAndIsNoDestination) {
  World world = with_another(NodeRole::streaming);
  world.cluster.replicas.front().nodes.push_back(NodeId{9});
  world.cluster.replicas.front().streaming.clear();
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::cannot_judge);
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::streaming_node);
  world.at(1).used = gib(15.5);
  world.sample();
  for (const Move& move : world.planned().moves) EXPECT_EQ(move.to, NodeId{2});
  world.at(2).used = gib(14);
  world.sample();
  EXPECT_THAT(world.planned().moves, IsEmpty()) << "though node 9 has room";
}

TEST(LeavingNode, TakesNoPartWhateverIsOnIt) {
  World world = with_another(NodeRole::leaving);
  world.segment(31, 5, 9, 0.1).sample();
  EXPECT_EQ(world.node_verdict(9).state, NodeState::exempt);
  EXPECT_EQ(world.node_verdict(9).reason, Reason::node_leaving);
  EXPECT_THAT(misfits_of(world), IsEmpty());
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  expect_levelled_without(world, 9);
}

TEST(UnknownRole, IsNotJudged) {
  World world = with_another(NodeRole::unknown);
  world.sample();
  EXPECT_EQ(world.node_verdict(9).reason, Reason::role_unknown);
}

TEST(LeavingUnnamed, AReplicaWaitsAloneAndNothingIsBalanced) {
  World world = with_another(NodeRole::query);
  world.cluster.replicas.front().unknown_leaving = 1;
  world.node(3, 12).node(4, 1).replica(6, 200, {3, 4});
  for (std::int64_t id = 41; id <= 52; ++id) world.segment(id, 6, 3, 0.9);
  world.sample();
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::nodes_leaving);
  EXPECT_TRUE(world.judged().all_healthy());
  const Plan plan = world.planned();
  EXPECT_FALSE(plan.moves.empty());
  for (const Move& move : plan.moves) EXPECT_EQ(move.replica, ReplicaId{6});

  World level = with_another(NodeRole::query);
  level.cluster.replicas.front().unknown_leaving = 1;
  level.at(2).used = gib(12);
  level.sample();
  EXPECT_FALSE(level.judged().balanced());
  EXPECT_TRUE(level.judged().all_healthy());
}

// ---- channels

// Node 1 has too much, of two channels: one on nodes 1 and 2, one on 1 and 3.
World with_channels() {
  World world;
  world.node(1, 12).node(2, 4).node(3, 1).replica(5, 100, {1, 2, 3});
  world.cluster.replicas.front().channels = {{NodeId{1}, NodeId{2}}, {NodeId{1}, NodeId{3}}};
  for (std::int64_t id = 11; id <= 22; ++id) {
    world.segment(id, 5, 1, 0.9).segment_at(id).channel = 1;
  }
  return world;
}

TEST(Channel, SegmentsStayOnItsNodes) {
  World world = with_channels();
  world.sample();
  const Plan plan = world.planned();
  EXPECT_FALSE(plan.moves.empty());
  for (const Move& move : plan.moves) EXPECT_EQ(move.to, NodeId{2});
}

TEST(Channel, ThatNobodyKnowsBindsNothing) {
  World world = with_channels();
  for (Segment& segment : world.cluster.segments) segment.channel = 7;
  world.sample();
  EXPECT_FALSE(world.planned().moves.empty());
}

TEST(Channel, ASegmentOutsideItStaysAndContradictsNothing) {
  World world = with_channels();
  world.segment(31, 5, 3, 0.5).segment_at(31).channel = 1;
  world.sample();
  EXPECT_THAT(misfits_of(world), IsEmpty());
  EXPECT_EQ(world.replica_verdict(5).state, ReplicaState::difference);
  for (const Move& move : world.planned().moves) EXPECT_NE(move.segment, SegmentId{31});
}

// ---- an inventory that is followed

void expect_followed(const World& before, const World& after) {
  Inventory followed(borrowed(before.cluster));
  followed.follow(borrowed(after.cluster));
  const Inventory fresh(borrowed(after.cluster));
  EXPECT_EQ(all_of(followed), all_of(fresh));
  EXPECT_NE(all_of(Inventory(borrowed(before.cluster))), all_of(fresh)) << "it makes a difference";
}

TEST(FollowedRoles, AMemberBecomesAnother) {
  for (const NodeRole role : {NodeRole::streaming, NodeRole::leaving}) {
    World before = with_another(role);
    before.segment(31, 5, 9, 0.1);
    World after = before;
    after.cluster.replicas.front().streaming.clear();
    after.cluster.replicas.front().leaving.clear();
    expect_followed(before, after);
    expect_followed(after, before);
  }
}

TEST(FollowedRoles, ReplicasBeginToLeaveNodesUnnamed) {
  const World before = with_another(NodeRole::query);
  World after = before;
  after.cluster.replicas.front().unknown_leaving = 2;
  expect_followed(before, after);
}

TEST(FollowedRoles, ChannelsGetOtherNodes) {
  const World before = with_channels();
  World after = before;
  after.cluster.replicas.front().channels[0] = {NodeId{1}, NodeId{2}, NodeId{3}};
  expect_followed(before, after);
}

// ---- collections that no list names

World with_unlisted(double used_gib, std::initializer_list<double> sizes_gib) {
  World world;
  world.node(1, used_gib).node(2, 1).replica(5, 100, {1, 2});
  for (std::int64_t id = 11; id <= 14; ++id) world.segment(id, 5, 1, 1.5);
  std::int64_t id = 900;
  for (const double size : sizes_gib) {
    world.cluster.unlisted.push_back({CollectionId{id++}, NodeId{1}, gib(size)});
  }
  world.sample(5);
  return world;
}

TEST(Unlisted, MemoryKeepsItsReplicasWaitingAndNoOther) {
  const World world = with_unlisted(10, {3});
  EXPECT_EQ(world.replica_verdict(5).reason, Reason::memory_unlisted);
  EXPECT_EQ(words(world.replica_verdict(5), world.policy),
            "replica 5 of collection 100 waits: node 1 holds a collection that no list names, and "
            "memory of that size");
  EXPECT_TRUE(world.judged().all_healthy()) << "others are levelled all the same";
  EXPECT_FALSE(world.judged().balanced());
  EXPECT_THAT(world.planned().moves, IsEmpty());
}

TEST(Unlisted, MemoryThatIsExplainedIsNotThere) {
  EXPECT_EQ(with_unlisted(7, {3}).replica_verdict(5).state, ReplicaState::difference);
}

TEST(Unlisted, TwoAreMoreThanOne) {
  EXPECT_EQ(with_unlisted(10, {3, 3}).replica_verdict(5).state, ReplicaState::difference)
      << "6 GiB are not there";
  EXPECT_EQ(with_unlisted(10, {0.2, 0.2}).replica_verdict(5).reason, Reason::memory_unlisted);
}

TEST(Unlisted, ALittleIsNotWorthWaitingFor) {
  EXPECT_EQ(with_unlisted(10, {0.3}).replica_verdict(5).state, ReplicaState::difference);
}

// ---- a destination that refuses

TEST(Refusal, TheDestinationRestsAndNothingIsPlannedToIt) {
  World world;
  world.node(1, 12).node(2, 1).node(3, 3).replica(5, 100, {1, 2, 3});
  for (std::int64_t id = 11; id <= 22; ++id) world.segment(id, 5, 1, 0.9);
  world.sample(4);
  world.ledger.start(world.flight(11, 5, 1, 2, 0.9));
  world.ledger.destination_refused(key(11, 5), world.now, world.policy);
  EXPECT_FALSE(world.ledger.destination_rests(NodeId{1}, world.now))
      << "the source is not to blame";
  world.sample(5);
  for (const Move& move : world.planned().moves) EXPECT_EQ(move.to, NodeId{3});

  world.at(1).used = gib(15);
  world.sample(4);
  const Plan relief = world.planned();
  EXPECT_FALSE(relief.moves.empty());
  for (const Move& move : relief.moves) EXPECT_EQ(move.to, NodeId{3});
}

TEST(Refusal, IsGivenAsTheReason) {
  for (const double used : {12.0, 15.0}) {
    World world;
    world.node(1, 12).node(2, 1).replica(5, 100, {1, 2});
    for (std::int64_t id = 11; id <= 22; ++id) world.segment(id, 5, 1, 0.9);
    world.sample(4);
    world.ledger.start(world.flight(11, 5, 1, 2, 0.9));
    world.ledger.destination_refused(key(11, 5), world.now, world.policy);
    world.at(1).used = gib(used);
    world.sample(6);
    const Plan plan = world.planned();
    EXPECT_THAT(plan.moves, IsEmpty());
    EXPECT_THAT(rejections_of(plan), Contains(Rejection::destination_resting)) << used;
  }
}

TEST(Refusal, IsForgottenWithItsNode) {
  World world;
  world.node(1, 12).node(2, 1).replica(5, 100, {1, 2}).segment(11, 5, 1, 1).sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 1));
  world.ledger.destination_refused(key(11, 5), world.now, world.policy);
  const Node gone = world.cluster.nodes.back();
  world.cluster.nodes.pop_back();
  world.sample(1);
  world.cluster.nodes.push_back(gone);
  world.sample(1);
  EXPECT_FALSE(world.ledger.destination_rests(NodeId{2}, world.now));
}

// ---- what comes and goes by another hand

// Node 1 uses 12 of 16 GiB, 1.2 of them not for segments, and 4 GiB of them have just moved away.
// Nothing has fallen yet.
class AnotherHand : public testing::Test {
 protected:
  AnotherHand() {
    world_.node(1, 12).node(2, 1).node(3, 1).replica(5, 100, {1, 2, 3});
    for (std::int64_t id = 11; id <= 22; ++id) world_.segment(id, 5, 1, 0.9);
    world_.sample(4);
    for (const std::int64_t id : {11, 12, 13, 14}) {
      world_.ledger.start(world_.flight(id, 5, 1, 2, 0.9));
      world_.now += seconds{1};
      world_.land(key(id, 5), world_.now);
    }
    world_.at(2).used += gib(3.6);
  }
  [[nodiscard]] double expected(std::int64_t node) const {
    const auto& samples = world_.ledger.samples(NodeId{node});
    const Bytes bytes =
        world_.ledger.expected(NodeId{node}, samples.back(), world_.now, world_.policy);
    return static_cast<double>(bytes) / static_cast<double>(kGiB);
  }
  void put(std::int64_t segment, std::int64_t node) {
    world_.segment_at(segment).node = NodeId{node};
  }

  World world_;
};

TEST_F(AnotherHand, NothingCameAndWhatLeftIsAwaited) {
  world_.sample(2);
  EXPECT_NEAR(expected(1), 8.4, 0.01);
  EXPECT_NEAR(expected(2), 4.6, 0.01);
}

TEST_F(AnotherHand, TookThemBackAndNothingIsAwaited) {
  world_.sample(1);
  for (const std::int64_t id : {11, 12, 13, 14}) put(id, 1);
  world_.at(2).used = gib(1);
  world_.sample(1);
  EXPECT_THAT(world_.ledger.landed(), IsEmpty());
  EXPECT_NEAR(expected(1), 12, 0.01);
  EXPECT_GE(world_.ledger.touched(NodeId{1}), world_.now) << "samples from before say nothing";
}

TEST_F(AnotherHand, TookOneBackAndTheOthersStayed) {
  world_.sample(1);
  put(11, 1);
  world_.sample(1);
  EXPECT_EQ(world_.ledger.landed().size(), 3u);
}

TEST_F(AnotherHand, IsTakingOneBackAndItsDestinationStillHasIt) {
  world_.sample(1);
  world_.segment(11, 5, 1, 0.9);  // on both
  world_.sample(1);
  EXPECT_EQ(world_.ledger.landed().size(), 4u);
}

TEST_F(AnotherHand, BroughtAsMuchToTheNode) {
  world_.sample(1);
  for (std::int64_t id = 31; id <= 32; ++id) world_.segment(id, 5, 1, 1);
  world_.at(1).used = gib(12 - 3.6 + 2);  // it has fallen, and what came is in it
  world_.sample(1);
  EXPECT_NEAR(expected(1), 10.4, 0.01);
}

TEST_F(AnotherHand, BroughtSomethingToAnotherNode) {
  world_.sample(1);
  for (std::int64_t id = 31; id <= 32; ++id) world_.segment(id, 5, 3, 1);
  world_.at(3).used = gib(3);
  world_.sample(1);
  EXPECT_NEAR(expected(1), 8.4, 0.01);
}

// 3.6 GiB of ours have left and 7.2 of others' have come: what the node holds it uses.
TEST_F(AnotherHand, LeavesNoLessThanTheNodeHoldsAndNeedsBesides) {
  world_.sample(1);
  for (std::int64_t id = 31; id <= 34; ++id) world_.segment(id, 5, 1, 0.5);
  world_.sample(1);
  // 7.2 + 2 held, 1.2 besides.
  EXPECT_NEAR(expected(1), 10.4, 0.01);
}

// Node 1 holds 10.8 GiB in twelve segments, node 2 what it is given.
World before_the_moves(double used_gib) {
  World world;
  world.node(1, used_gib).node(2, 1).node(3, 1).replica(5, 100, {1, 2, 3});
  for (std::int64_t id = 11; id <= 22; ++id) world.segment(id, 5, 1, 0.9);
  return world;
}

void move_four(World& world) {
  for (const std::int64_t id : {11, 12, 13, 14}) {
    world.ledger.start(world.flight(id, 5, 1, 2, 0.9));
    world.now += seconds{1};
    world.land(key(id, 5), world.now);
  }
}

double expected_of(const World& world, std::int64_t node) {
  const auto& samples = world.ledger.samples(NodeId{node});
  const Bytes bytes = world.ledger.expected(NodeId{node}, samples.back(), world.now, world.policy);
  return static_cast<double>(bytes) / static_cast<double>(kGiB);
}

// 1.2 GiB have come since the distribution was last read whole, so nobody knows what they are for.
TEST(Arrivals, CountWhereWhatIsUnexplainedIsNotKnownYet) {
  World world = before_the_moves(10.8);
  world.sample(4);
  world.at(1).used = gib(12);
  world.cluster.collections.front().complete = false;
  world.sample(1);
  world.cluster.collections.front().complete = true;
  move_four(world);
  world.sample(1);
  for (std::int64_t id = 31; id <= 32; ++id) world.segment(id, 5, 1, 1);
  world.sample(1);
  EXPECT_NEAR(expected_of(world, 1), 12 + 2 - 3.6, 0.01);
}

// 2 GiB came before the moves, and no sample has shown them.
TEST(Floor, IsWhatTheNodeHoldsAndNeedsBesides) {
  World world = before_the_moves(12);
  world.sample(4);
  for (std::int64_t id = 31; id <= 32; ++id) world.segment(id, 5, 1, 1);
  world.cluster.observed_at = world.now += seconds{1};
  world.ledger.observe(world.cluster, world.policy);  // the sample is the old one
  move_four(world);
  EXPECT_NEAR(expected_of(world, 1), 7.2 + 2 + 1.2, 0.01);
}

// What leaves node 2 is said to be larger than all that it uses.
TEST(Floor, HasWhatHasJustCome) {
  World world = before_the_moves(12);
  world.segment(41, 5, 2, 1.5).sample(4);
  move_four(world);
  world.ledger.start(world.flight(41, 5, 2, 3, 1.5));
  world.now += seconds{1};
  world.land(key(41, 5), world.now);
  EXPECT_NEAR(expected_of(world, 2), 3.6, 0.01);
}

// ---- sums that bound the sizes

// Nodes 1 to 3, each with 10 GiB as stated of collection 100, and these figures of their memory.
struct Bounded : World {
  Weights weights;

  explicit Bounded(std::vector<double> used_gib, double stated_gib = 10) {
    replica(5, 100, {1, 2, 3});
    cluster.collections.front().row_bytes = 512;
    for (std::size_t i = 0; i < used_gib.size(); ++i) {
      const auto id = static_cast<std::int64_t>(i) + 1;
      node(id, used_gib[i], 64).segment(10 + id, 5, id, stated_gib);
    }
  }
  void observe(int times = 1) {
    for (int i = 0; i < times; ++i) {
      sample(1);
      weights.observe(cluster, ledger, policy);
    }
  }
  [[nodiscard]] double bound() const { return weights.bound(CollectionId{100}); }
};

TEST(Bound, IsOfTheSecondLowestNodeWithAMargin) {
  Bounded world({2, 3, 4});
  world.observe();
  EXPECT_NEAR(world.bound(), 0.3 * 1.05, 1e-9);
  EXPECT_EQ(world.weights.of(CollectionId{100}), world.bound()) << "nothing else is known";
}

TEST(Bound, OfMoreThanIsStatedIsNone) {
  Bounded world({12, 13, 14});
  world.observe();
  EXPECT_EQ(world.bound(), 1);
}

TEST(Bound, DoesNotFallWithEachSample) {
  Bounded world({2, 3, 4});
  world.observe();
  const double before = world.bound();
  for (const double used : {2.95, 2.9, 2.8}) {
    world.at(2).used = gib(used);
    world.observe();
    EXPECT_EQ(world.bound(), before) << used;
  }
  world.at(2).used = gib(2.2);
  world.observe();
  EXPECT_NEAR(world.bound(), 0.22 * 1.05, 1e-9);
  world.at(1).used = world.at(2).used = gib(5);
  world.observe();
  EXPECT_NEAR(world.bound(), 0.5 * 1.05, 1e-9) << "they weigh more than that after all";
}

TEST(Bound, GoesByNoGrowingSegment) {
  Bounded world({2, 3, 4});
  for (const std::int64_t node : {1, 2, 3}) {
    world.segment(30 + node, 5, node, 10).segment_at(30 + node).state = SegmentState::growing;
  }
  world.observe();
  EXPECT_NEAR(world.bound(), 0.3 * 1.05, 1e-9);
}

TEST(Bound, WaitsForMemoryToFollowWhatCame) {
  Bounded world({11, 11, 11});
  world.observe(4);
  for (const std::int64_t node : {1, 2, 3}) world.segment(30 + node, 5, node, 10);
  world.observe(2);
  EXPECT_EQ(world.bound(), 1) << "it has not come there yet";
  for (const std::int64_t node : {1, 2, 3}) world.at(node).used = gib(21);
  world.observe(4);
  EXPECT_EQ(world.bound(), 1);
}

TEST(Bound, GoesByNoNodeWithAMoveUnderWay) {
  Bounded world({2, 3, 4});
  world.node(4, 1, 64).segment(51, 5, 4, 0.01);
  for (const std::int64_t node : {1, 2, 3}) {
    world.ledger.start(world.flight(10 + node, 5, node, 4, 10));
  }
  world.observe();
  EXPECT_EQ(world.bound(), 1);
}

TEST(Bound, IsForgottenWithItsCollection) {
  Bounded world({2, 3, 4});
  world.observe();
  const Cluster before = world.cluster;
  world.cluster.collections.clear();
  world.cluster.replicas.clear();
  world.cluster.segments.clear();
  world.observe();
  EXPECT_EQ(world.bound(), 1);
}

TEST(Bound, IsNotMadeByALittle) {
  Bounded world({0.01, 0.01, 0.01}, 0.05);
  world.observe();
  EXPECT_EQ(world.bound(), 1);
}

TEST(Bound, IsNeverNothing) {
  Bounded world({0.1, 0.1, 0.1}, 10'000);
  world.observe();
  EXPECT_EQ(world.bound(), 0.02);
}

// Moves teach more than the sum does: of 20 GiB as stated, nodes 1 and 2 use 10 each.
TEST(Bound, IsWhatTheLeastFactorIsHeldAgainst) {
  for (const double truth : {0.4, 0.36}) {
    Moving world;
    world.truth[kBook] = truth;
    std::erase_if(world.cluster.segments,
                  [](const Segment& segment) { return segment.collection == kFilm; });
    for (std::int64_t id = 31; id <= 50; ++id) world.segment_at(id).node = NodeId{2};
    world.at(1).used = world.at(2).used = gib(10);
    world.pass(std::chrono::minutes{12});
    ASSERT_NEAR(world.weights.bound(kBook), 0.5 * 1.05, 1e-6);
    for (std::int64_t id = 11; id <= 14; ++id) world.move({id}, 3 + id % 2);
    const Weight weight = world.weights.weight(kBook);
    EXPECT_EQ(weight.observations, 4);
    EXPECT_LT(weight.bound, 0.6);
    EXPECT_NEAR(weight.factor, std::max(truth, weight.bound * 2 / 3), 1e-6) << truth;
  }
}

// A rise that is small beside what is stated, and not beside the bound, was caused by the move.
TEST(Bound, IsWhatARiseIsHeldAgainst) {
  Moving world;
  world.truth[kBook] = 0.2;
  std::erase_if(world.cluster.segments,
                [](const Segment& segment) { return segment.collection == kFilm; });
  for (std::int64_t id = 31; id <= 50; ++id) world.segment_at(id).node = NodeId{2};
  world.at(1).used = world.at(2).used = gib(5);
  world.at(3).used = gib(10);
  world.pass(std::chrono::minutes{12});
  ASSERT_NEAR(world.weights.bound(kBook), 0.25 * 1.05, 1e-6);
  for (std::int64_t id = 11; id <= 14; ++id) world.move({id}, 3);
  EXPECT_NEAR(world.weights.of(kBook), 0.2, 1e-6);
}

}  // namespace
}  // namespace evenkeel::rules::test::members_test
