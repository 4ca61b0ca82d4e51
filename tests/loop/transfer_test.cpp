#include "agent/loop/transfer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace evenkeel::loop {
namespace {

using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;
using testing::HasSubstr;

// Nodes 1–3 in replica 70 of "book", 4 and 5 in replica 71; 1,000 bytes each, 100 used; segments of
// 50 bytes.
struct TransferTest : testing::Test {
  TransferTest() {
    cluster.coordinator_complete = true;
    for (const int id : {1, 2, 3, 4, 5}) {
      rules::Node node;
      node.id = NodeId{id};
      node.used = 100;
      node.capacity = 1000;
      node.health = rules::NodeHealth::up;
      cluster.nodes.push_back(node);
    }
    cluster.collections = {{CollectionId{7}, "book", true, ""}};
    cluster.replicas = {{ReplicaId{70}, CollectionId{7}, "rg", {NodeId{1}, NodeId{2}, NodeId{3}}},
                        {ReplicaId{71}, CollectionId{7}, "rg", {NodeId{4}, NodeId{5}}}};
    for (const int id : {11, 12}) {
      add(id, 1, 70, 50);
      add(id, 4, 71, 50);
    }
    transfer.source = NodeId{1};
  }

  void add(int id, int node, int replica, rules::Bytes bytes) {
    rules::Segment segment;
    segment.id = SegmentId{id};
    segment.collection = CollectionId{7};
    segment.node = NodeId{node};
    segment.replica = ReplicaId{replica};
    segment.bytes = bytes;
    segment.rows = bytes;
    segment.state = rules::SegmentState::sealed;
    cluster.segments.push_back(segment);
  }

  std::vector<rules::Call> calls() {
    const auto planned = plan_transfer(cluster, transfer, policy);
    EXPECT_TRUE(planned.has_value()) << planned.error();
    return planned.value_or(std::vector<rules::Call>{});
  }
  std::string refusal() {
    const auto planned = plan_transfer(cluster, transfer, policy);
    EXPECT_FALSE(planned.has_value());
    return planned ? "" : planned.error();
  }

  rules::Cluster cluster;
  rules::Policy policy;
  Transfer transfer;
};

TEST_F(TransferTest, BlankSegmentsAreAllSealedOnesOfTheSource) {
  transfer.destinations = {NodeId{2}};
  const auto made = calls();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].moves.size(), 2u);
  EXPECT_EQ(made[0].replica, ReplicaId{70});
  EXPECT_EQ(made[0].to, NodeId{2});
}

TEST_F(TransferTest, BlankDestinationsAreTheReplicasOtherNodesLowestFirst) {
  cluster.nodes[1].used = 300;
  transfer.segments = {SegmentId{11}};
  EXPECT_EQ(calls()[0].to, NodeId{3});
}

TEST_F(TransferTest, BlankDestinationsSpreadTheSegments) {
  std::set<NodeId> destinations;
  for (const auto& call : calls()) destinations.insert(call.to);
  EXPECT_EQ(destinations, (std::set{NodeId{2}, NodeId{3}}));
}

TEST_F(TransferTest, RatiosAreOfEachNodesOwnCapacity) {
  cluster.nodes[2].capacity = 10'000;
  cluster.nodes[2].used = 500;  // more bytes, lower ratio
  transfer.segments = {SegmentId{11}};
  EXPECT_EQ(calls()[0].to, NodeId{3});
}

TEST_F(TransferTest, Trap14NoCallHasMoreThanFiveSegments) {
  for (int id = 20; id < 31; ++id) add(id, 1, 70, 1);
  transfer.destinations = {NodeId{2}};
  std::size_t moves = 0;
  for (const auto& call : calls()) {
    EXPECT_LE(call.moves.size(), 5u);
    moves += call.moves.size();
  }
  EXPECT_EQ(moves, 13u);
}

TEST_F(TransferTest, UnknownNodesAreRefusedWithTheOnesThatExist) {
  transfer.source = NodeId{9};
  EXPECT_THAT(refusal(), HasSubstr("the query nodes are 1, 2, 3, 4, 5"));
  transfer.source = NodeId{1};
  transfer.destinations = {NodeId{8}};
  EXPECT_THAT(refusal(), HasSubstr("destination node 8 does not exist"));
}

TEST_F(TransferTest, Trap05AnotherReplicasNodeIsRefused) {
  transfer.destinations = {NodeId{4}};
  EXPECT_THAT(refusal(), HasSubstr("not in the same replica"));
}

TEST_F(TransferTest, Trap06ANodeToItselfIsRefused) {
  transfer.destinations = {NodeId{1}};
  EXPECT_THAT(refusal(), HasSubstr("source and destination"));
}

TEST_F(TransferTest, ADestinationThatWouldOverloadIsRefusedAsAWhole) {
  cluster.nodes[1].used = 830;  // 830 + 50 = 88 %, but 830 + 75 while loading
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("node 2 would reach 90.5 %"));
}

TEST_F(TransferTest, ADeadDestinationIsRefused) {
  cluster.nodes[1].health = rules::NodeHealth::unreachable;
  cluster.nodes[1].problem = "connection refused";
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("connection refused"));
}

TEST_F(TransferTest, UnknownCapacitySaysWhatToSet) {
  cluster.nodes[1].capacity = 0;
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("[capacity]"));
}

TEST_F(TransferTest, SegmentsThatAreNotThereOrNotSealedAreRefused) {
  transfer.segments = {SegmentId{99}};
  EXPECT_THAT(refusal(), HasSubstr("segment 99 is not on node 1"));
  cluster.segments[0].state = rules::SegmentState::growing;
  transfer.segments = {SegmentId{11}};
  EXPECT_THAT(refusal(), HasSubstr("only sealed"));
}

TEST_F(TransferTest, ASourceWithNothingToMoveIsRefused) {
  transfer.source = NodeId{3};
  EXPECT_THAT(refusal(), HasSubstr("no sealed segments"));
}

TEST_F(TransferTest, TheCollectionNarrowsTheChoice) {
  cluster.collections.push_back({CollectionId{8}, "film", true, ""});
  transfer.collection = "film";
  EXPECT_THAT(refusal(), HasSubstr("no sealed segments"));
  transfer.collection = "nope";
  EXPECT_THAT(refusal(), HasSubstr("no collection 'nope'"));
}

TEST_F(TransferTest, AnIncompletePictureIsRefused) {
  cluster.collections[0].complete = false;
  cluster.collections[0].problem = "still loading (45 %)";
  EXPECT_THAT(refusal(), HasSubstr("45 %"));
  cluster.coordinator_complete = false;
  EXPECT_THAT(refusal(), HasSubstr("coordinator"));
}

TEST_F(TransferTest, ASegmentThatTheDestinationHoldsAlreadyIsRefused) {
  add(11, 2, 70, 50);
  transfer.segments = {SegmentId{11}};
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("has it already"));
}

TEST_F(TransferTest, StreamingAndLeavingNodesTakeNothingAndGiveNothing) {
  cluster.replicas[0].nodes = {NodeId{1}, NodeId{2}};
  cluster.replicas[0].streaming = {NodeId{3}};
  transfer.destinations = {NodeId{3}};
  EXPECT_THAT(refusal(), HasSubstr("node 3 is a streaming node"));
  transfer.destinations.clear();
  EXPECT_EQ(calls()[0].to, NodeId{2});
  cluster.replicas[0].streaming.clear();
  cluster.replicas[0].leaving = {NodeId{1}, NodeId{3}};
  cluster.replicas[0].nodes = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("node 1 is read-only"));
}

TEST_F(TransferTest, AReplicaThatLeavesUnknownNodesIsLeftAlone) {
  cluster.replicas[0].unknown_leaving = 1;
  EXPECT_THAT(refusal(), HasSubstr("Milvus does not say which"));
}

TEST_F(TransferTest, CollectionsAreNamedByDatabaseWhereSeveralHaveOne) {
  cluster.collections = {{.id = CollectionId{7},
                          .name = "default.book",
                          .complete = true,
                          .problem = "",
                          .database = "default",
                          .own_name = "book"},
                         {.id = CollectionId{8},
                          .name = "shop.book",
                          .complete = true,
                          .problem = "",
                          .database = "shop",
                          .own_name = "book"}};
  transfer.collection = "default.book";
  EXPECT_FALSE(calls().empty());
  transfer.collection = "book";
  EXPECT_THAT(refusal(), HasSubstr("name it as default.book or shop.book"));
  cluster.collections.pop_back();
  EXPECT_FALSE(calls().empty()) << "where one alone has it, its own name will do";
  transfer.collection = "shop.book";
  EXPECT_THAT(refusal(), HasSubstr("no collection 'shop.book' is loaded"));
}

}  // namespace
}  // namespace evenkeel::loop
