// What an inventory holds of a cluster, whatever the order of its lists.

#include "rules/inventory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/inventory_dump.hpp"
#include "tests/rules/random_world.hpp"

namespace evenkeel::rules::test::inventory_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Two replicas of one collection on two nodes each, and one of another across both.
World three_replicas() {
  World world;
  world.node(3, 4).node(1, 4).node(2, 4).node(4, 4);
  world.replica(6, 100, {3, 4}).replica(5, 100, {2, 1}).replica(7, 101, {4, 1, 3, 2});
  return world;
}

Inventory inventory_of(const World& world) {
  return Inventory(borrowed(world.cluster));
}

const Inventory::ListedReplica& replica_of(const Inventory& inventory, std::int64_t replica) {
  const auto& replicas = inventory.replicas();
  return *std::find_if(replicas.begin(), replicas.end(),
                       [&](const auto& each) { return each.id == ReplicaId{replica}; });
}

// The movable segments of a replica on a node.
std::vector<std::int64_t> held(const Inventory& inventory, std::int64_t node,
                               std::int64_t replica) {
  std::vector<std::int64_t> ids;
  const auto* on_node =
      inventory.segments_on(inventory.node(NodeId{node}), replica_of(inventory, replica).set);
  for (const auto& copy : on_node->movable) ids.push_back(static_cast<std::int64_t>(copy.id));
  return ids;
}

// The unmovable segments of a node, whatever its sets.
std::vector<Inventory::UnmovableCopy> unmovable(const Inventory& inventory, std::int64_t node) {
  std::vector<Inventory::UnmovableCopy> all;
  for (const auto& on_node : inventory.segments_on(inventory.node(NodeId{node}))) {
    all.insert(all.end(), on_node.unmovable.begin(), on_node.unmovable.end());
  }
  return all;
}

std::size_t all_held(const Inventory& inventory) {
  std::size_t count = 0;
  for (const auto& on_node : inventory.node_segments()) count += on_node.movable.size();
  return count;
}

TEST(InventoryNodes, AreThoseListedAndThoseThatReplicasName) {
  World world = three_replicas();
  world.replica(8, 101, {9, 2, 9}).node(1, 4);
  const Inventory inventory = inventory_of(world);
  EXPECT_THAT(inventory.nodes(),
              ElementsAre(NodeId{1}, NodeId{2}, NodeId{3}, NodeId{4}, NodeId{9}));
  EXPECT_EQ(inventory.node(NodeId{1}), 0U);
  EXPECT_EQ(inventory.node(NodeId{9}), 4U);
  EXPECT_EQ(inventory.node(NodeId{7}), kNone);
  EXPECT_THAT(inventory.sets_of(4), ElementsAre(replica_of(inventory, 8).set));
}

TEST(InventorySets, AreTheSameForReplicasOnTheSameNodesInAnyOrder) {
  World world = three_replicas();
  world.replica(8, 102, {2, 1}).replica(9, 102, {1, 2, 1, 2}).replica(10, 102, {1, 3});
  const Inventory inventory = inventory_of(world);
  const Index set = replica_of(inventory, 5).set;
  EXPECT_EQ(replica_of(inventory, 8).set, set);
  EXPECT_EQ(replica_of(inventory, 9).set, set) << "each node counts once";
  EXPECT_NE(replica_of(inventory, 10).set, set);
  EXPECT_EQ(inventory.sets().size(), 4U);
  EXPECT_EQ(inventory.sets()[set].replica, ReplicaId{5}) << "the first of them";
  EXPECT_THAT(inventory.sets()[set].nodes, ElementsAre(0U, 1U));
  EXPECT_THAT(inventory.sets_of(inventory.node(NodeId{4})),
              ElementsAre(replica_of(inventory, 6).set, replica_of(inventory, 7).set));
}

TEST(InventorySets, AReplicaOfNoNodesHasAnEmptyOne) {
  World world = three_replicas();
  world.replica(8, 101, {});
  const Inventory inventory = inventory_of(world);
  ASSERT_NE(replica_of(inventory, 8).set, kNone);
  EXPECT_THAT(inventory.sets()[replica_of(inventory, 8).set].nodes, IsEmpty());
}

TEST(InventoryPlaces, AreInTheOrderOfTheirIds) {
  const World world = three_replicas();
  const Inventory inventory = inventory_of(world);
  ASSERT_EQ(inventory.replicas().size(), 3U);
  EXPECT_EQ(inventory.replicas()[0].id, ReplicaId{5});
  EXPECT_EQ(inventory.replicas()[2].id, ReplicaId{7});
  EXPECT_EQ(inventory.replicas()[2].collection, CollectionId{101});
  EXPECT_TRUE(inventory.replicas()[0].complete);
  EXPECT_FALSE(inventory.replicas()[0].contradictory);
}

TEST(InventoryPlaces, HaveNoSetWhereTheirCollectionWasNotReadWhole) {
  World world = three_replicas();
  world.replica(8, 102, {1, 2});
  world.cluster.collections[1].complete = false;  // 101
  world.cluster.collections.pop_back();           // 102
  const Inventory inventory = inventory_of(world);
  EXPECT_FALSE(replica_of(inventory, 7).complete);
  EXPECT_EQ(replica_of(inventory, 7).set, kNone);
  EXPECT_FALSE(replica_of(inventory, 8).complete) << "not listed at all";
  EXPECT_EQ(replica_of(inventory, 8).set, kNone);
  EXPECT_NE(replica_of(inventory, 5).set, kNone);
}

TEST(InventoryPlaces, ACollectionListedAsReadAndAsUnreadIsUnread) {
  for (const bool first : {true, false}) {
    World world = three_replicas();
    world.cluster.collections.front().complete = first;
    Collection again = world.cluster.collections.front();
    again.complete = !first;
    world.cluster.collections.push_back(again);
    const Inventory inventory = inventory_of(world);
    EXPECT_FALSE(replica_of(inventory, 5).complete);
    EXPECT_EQ(replica_of(inventory, 5).set, kNone);
  }
}

TEST(InventoryPlaces, AReplicaListedTwiceAlikeIsOne) {
  World world = three_replicas();
  world.replica(5, 100, {1, 2});
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(inventory.replicas().size(), 3U);
  EXPECT_FALSE(replica_of(inventory, 5).contradictory);
  EXPECT_NE(replica_of(inventory, 5).set, kNone);
}

TEST(InventoryPlaces, AReplicaListedTwiceAndNotAlikeIsNotBelieved) {
  World other_nodes = three_replicas();
  other_nodes.replica(5, 100, {1, 2, 3});
  World other_collection = three_replicas();
  other_collection.replica(5, 101, {1, 2});
  for (World* world : {&other_nodes, &other_collection}) {
    world->segment(11, 5, 1, 1);
    const Inventory inventory = inventory_of(*world);
    for (const auto& replica : inventory.replicas()) {
      EXPECT_EQ(replica.contradictory, replica.id == ReplicaId{5});
      EXPECT_EQ(replica.set == kNone, replica.id == ReplicaId{5});
    }
    EXPECT_THAT(unmovable(inventory, 1),
                ElementsAre(Inventory::UnmovableCopy{SegmentId{11}, ReplicaId{5},
                                                     Rejection::data_incomplete}));
  }
  EXPECT_EQ(inventory_of(other_nodes).replicas().size(), 3U);
  EXPECT_EQ(inventory_of(other_collection).replicas().size(), 4U) << "one for each collection";
}

TEST(InventoryPlaces, AReplicaWithoutAnIdHasNoSet) {
  World world = three_replicas();
  world.replica(0, 100, {1, 2}).segment(11, 0, 1, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(replica_of(inventory, 0).set, kNone);
  EXPECT_EQ(all_held(inventory), 0U);
}

TEST(InventoryShelves, HoldWhatCanMoveByBytes) {
  World world = three_replicas();
  world.segment(11, 5, 1, 3).segment(12, 5, 1, 1).segment(13, 5, 2, 2).segment(14, 5, 1, 2);
  world.segment(15, 7, 1, 1.5).segment(10, 5, 1, 2);
  const Inventory inventory = inventory_of(world);
  EXPECT_THAT(held(inventory, 1, 5), ElementsAre(12, 10, 14, 11));
  EXPECT_THAT(held(inventory, 2, 5), ElementsAre(13));
  EXPECT_THAT(held(inventory, 1, 7), ElementsAre(15));
  EXPECT_THAT(held(inventory, 3, 7), IsEmpty());
  EXPECT_EQ(inventory.segments_on(inventory.node(NodeId{3}), replica_of(inventory, 5).set),
            nullptr);
  EXPECT_THAT(unmovable(inventory, 1), IsEmpty());
  const auto lists = inventory.segments_on(0);
  EXPECT_EQ(lists.size(), 3U);
  EXPECT_EQ(lists.back().set, kNone) << "the last is that of no set";
  ASSERT_NE(inventory.segment(key(12, 5)), nullptr);
  EXPECT_EQ(inventory.segment(key(12, 5))->bytes, gib(1));
  EXPECT_EQ(inventory.segment(key(12, 7)), nullptr);
}

TEST(InventoryShelves, OneSegmentMayBeInSeveralReplicas) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1).segment(11, 6, 3, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_THAT(held(inventory, 1, 5), ElementsAre(11));
  EXPECT_THAT(held(inventory, 3, 6), ElementsAre(11));
  EXPECT_EQ(replica_of(inventory, 5).in_transit, 0);
}

struct Flaw {
  const char* what;
  Rejection why;
  void (*spoil)(World&);
};

void PrintTo(const Flaw& flaw, std::ostream* out) {
  *out << flaw.what;
}

class InventoryFlawed : public testing::TestWithParam<Flaw> {};

TEST_P(InventoryFlawed, KeepsItFromMoving) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1);
  GetParam().spoil(world);
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(all_held(inventory), 0U);
  const auto all = unmovable(inventory, static_cast<std::int64_t>(world.segment_at(11).node));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().id, SegmentId{11});
  EXPECT_EQ(all.front().why, GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, InventoryFlawed,
    testing::Values(Flaw{"growing", Rejection::not_sealed,
                         [](World& world) { world.segment_at(11).state = SegmentState::growing; }},
                    Flaw{"loading", Rejection::not_sealed,
                         [](World& world) { world.segment_at(11).state = SegmentState::loading; }},
                    Flaw{"empty", Rejection::too_small,
                         [](World& world) { world.segment_at(11).bytes = 0; }},
                    Flaw{"negative", Rejection::data_incomplete,
                         [](World& world) { world.segment_at(11).bytes = -1; }},
                    Flaw{"of_an_unknown_replica", Rejection::data_incomplete,
                         [](World& world) { world.segment_at(11).replica = ReplicaId{99}; }},
                    Flaw{"of_another_collection", Rejection::data_incomplete,
                         [](World& world) { world.segment_at(11).collection = CollectionId{101}; }},
                    Flaw{"outside_its_replica", Rejection::data_incomplete,
                         [](World& world) { world.segment_at(11).node = NodeId{3}; }},
                    Flaw{"of_an_unread_collection", Rejection::data_incomplete,
                         [](World& world) { world.cluster.collections.front().complete = false; }},
                    Flaw{"growing_outside_its_replica", Rejection::not_sealed,
                         [](World& world) {
                           world.segment_at(11).node = NodeId{3};
                           world.segment_at(11).state = SegmentState::growing;
                         }}),
    [](const auto& tested) { return tested.param.what; });

TEST(InventoryFlawed, OfANodeThatIsGoneIsOnNoShelf) {
  World world = three_replicas();
  world.segment(11, 5, 9, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(all_held(inventory), 0U);
  for (const auto& on_node : inventory.node_segments()) EXPECT_THAT(on_node.unmovable, IsEmpty());
  EXPECT_NE(inventory.segment(key(11, 5)), nullptr) << "though it is listed";
}

TEST(InventoryTwins, AlikeOnOneNodeAreOne) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1).segment(11, 5, 1, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_THAT(held(inventory, 1, 5), ElementsAre(11));
  EXPECT_EQ(replica_of(inventory, 5).in_transit, 0);
}

TEST(InventoryTwins, OnTwoNodesAreInTransit) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1).segment(11, 5, 2, 1).segment(11, 5, 1, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(all_held(inventory), 0U);
  EXPECT_EQ(replica_of(inventory, 5).in_transit, 1);
  for (const int node : {1, 2}) {
    ASSERT_EQ(unmovable(inventory, node).size(), 1U);
    EXPECT_EQ(unmovable(inventory, node).front().why, Rejection::in_transit);
  }
}

TEST(InventoryTwins, ThatContradictEachOtherDoNotMove) {
  const auto expect_contradiction = [](void (*change)(Segment&)) {
    World world = three_replicas();
    world.segment(11, 5, 1, 1).segment(11, 5, 1, 1);
    change(world.cluster.segments.back());
    const Inventory inventory = inventory_of(world);
    EXPECT_EQ(all_held(inventory), 0U);
    ASSERT_EQ(unmovable(inventory, 1).size(), 1U);
    EXPECT_EQ(unmovable(inventory, 1).front().why, Rejection::data_incomplete);
    EXPECT_EQ(replica_of(inventory, 5).in_transit, 0);
  };
  expect_contradiction([](Segment& twin) { twin.bytes += 1; });
  expect_contradiction([](Segment& twin) { twin.rows += 1; });
  expect_contradiction([](Segment& twin) { twin.collection = CollectionId{101}; });
  expect_contradiction([](Segment& twin) { twin.state = SegmentState::growing; });
}

TEST(InventoryTransit, CountsWhatIsOnTwoNodesAndWhatIsLoading) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1).segment(11, 5, 2, 1).segment(12, 5, 1, 1).segment(13, 5, 1, 1);
  world.segment(14, 6, 3, 1);
  EXPECT_EQ(replica_of(inventory_of(world), 5).in_transit, 1);
  world.segment_at(12).state = SegmentState::loading;
  EXPECT_EQ(replica_of(inventory_of(world), 5).in_transit, 2);
  EXPECT_EQ(replica_of(inventory_of(world), 6).in_transit, 0);
  world.cluster.segments[1].state = SegmentState::loading;  // the copy that comes
  EXPECT_EQ(replica_of(inventory_of(world), 5).in_transit, 3);
  EXPECT_EQ(replica_of(inventory_of(world), 6).in_transit, 0);
}

TEST(InventoryTransit, ANodeThatIsGoneIsOneOfTheTwo) {
  World world = three_replicas();
  world.segment(11, 5, 1, 1).segment(11, 5, 9, 1);
  const Inventory inventory = inventory_of(world);
  EXPECT_EQ(replica_of(inventory, 5).in_transit, 1);
  ASSERT_EQ(unmovable(inventory, 1).size(), 1U);
  EXPECT_EQ(unmovable(inventory, 1).front().why, Rejection::in_transit);
}

TEST(InventoryProperty, TheOrderOfTheListsDecidesNothing) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World world = seed % 3 == 0 ? random.healthy() : random.hostile();
    const std::vector<std::string> before = all_of(inventory_of(world));
    random.shuffle(world.cluster);
    ASSERT_EQ(before, all_of(inventory_of(world)));
  }
}

}  // namespace
}  // namespace evenkeel::rules::test::inventory_test
