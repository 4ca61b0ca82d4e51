#include "rules/transfer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rules/admit.hpp"

namespace evenkeel::rules::transfer_test {
namespace {

using testing::HasSubstr;

// Nodes 1–3 in replica 70 of "book", 4 and 5 in replica 71; 1,000 bytes each, 100 used; segments of
// 50 bytes.
struct TransferTest : testing::Test {
  TransferTest() {
    cluster.coordinator_complete = true;
    for (const int id : {1, 2, 3, 4, 5}) {
      Node node;
      node.id = NodeId{id};
      node.used = 100;
      node.capacity = 1000;
      node.health = NodeHealth::up;
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

  void add(int id, int node, int replica, Bytes bytes) {
    Segment segment;
    segment.id = SegmentId{id};
    segment.collection = CollectionId{7};
    segment.node = NodeId{node};
    segment.replica = ReplicaId{replica};
    segment.bytes = bytes;
    segment.rows = bytes;
    segment.state = SegmentState::sealed;
    cluster.segments.push_back(segment);
  }

  [[nodiscard]] std::variant<std::vector<Move>, Refusal> planned() {
    for (Node& node : cluster.nodes) node.sampled_at = now;
    ledger.observe(cluster, policy);
    return plan_transfer(cluster, judge(cluster, policy, ledger, now), ledger, transfer, policy,
                         now);
  }
  std::vector<Call> calls() {
    const auto plan = planned();
    const auto* refusal = std::get_if<Refusal>(&plan);
    EXPECT_EQ(refusal, nullptr) << refusal->why;
    return refusal == nullptr ? calls_of(std::get<std::vector<Move>>(plan), policy)
                              : std::vector<Call>{};
  }
  std::string refusal() {
    const auto plan = planned();
    const auto* refusal = std::get_if<Refusal>(&plan);
    EXPECT_NE(refusal, nullptr);
    return refusal == nullptr ? "" : refusal->why;
  }
  // It is refused in these words, and done by force.
  void expect_by_force_alone(const char* words) {
    EXPECT_THAT(refusal(), HasSubstr(words));
    transfer.force = true;
    EXPECT_FALSE(calls().empty());
  }
  // Of segment 11, from node 1 to node 2.
  [[nodiscard]] Flight flight() const {
    return {SegmentId{11}, ReplicaId{70}, NodeId{1}, NodeId{2}, 50, now};
  }

  TimePoint now{std::chrono::hours{1}};
  Cluster cluster;
  Policy policy;
  Ledger ledger;
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

// The segments of one call, and those of calls that are already under way, load side by side.
TEST_F(TransferTest, AllThatLoadsOnADestinationCounts) {
  cluster.nodes[1].used = 800;  // one more of 50 bytes takes it to 875 while it loads, two to 950
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("node 2 would reach 95.0 %"));
  transfer.segments = {SegmentId{12}};
  EXPECT_FALSE(calls().empty());
  ledger.start(flight());
  EXPECT_THAT(refusal(), HasSubstr("node 2 would reach 95.0 %"));
  transfer.force = true;
  EXPECT_THAT(refusal(), HasSubstr("node 2 would reach 95.0 %")) << "that is no matter of rests";
}

TEST_F(TransferTest, WhatMayArriveIsKeptFree) {
  cluster.nodes[1].used = 800;
  transfer.segments = {SegmentId{12}};
  transfer.destinations = {NodeId{2}};
  ledger.start(flight());
  ledger.give_up({SegmentId{11}, ReplicaId{70}}, now, policy);
  transfer.force = true;
  EXPECT_THAT(refusal(), HasSubstr("node 2 would reach 95.0 % of its capacity while loading, over "
                                   "90.0 % (75 B of it is kept free)"));
}

TEST_F(TransferTest, WhatRestsIsMovedByForceAlone) {
  transfer.segments = {SegmentId{11}};
  ledger.start({SegmentId{11}, ReplicaId{70}, NodeId{2}, NodeId{1}, 50, now});
  ledger.land({SegmentId{11}, ReplicaId{70}}, now);
  expect_by_force_alone(
      "segment 11 cannot be moved: it was moved too recently: it "
      "takes force");
}

TEST_F(TransferTest, WhatFailedTooOftenIsMovedByForceAlone) {
  transfer.segments = {SegmentId{11}};
  transfer.destinations = {NodeId{3}};
  for (int i = 0; i < policy.failures_before_rest; ++i) {
    ledger.start(flight());
    ledger.fail({SegmentId{11}, ReplicaId{70}}, now, policy);
  }
  expect_by_force_alone("failed to move too often, and rests");
}

TEST_F(TransferTest, ANodeThatRefusedTakesMoreByForceAlone) {
  transfer.segments = {SegmentId{12}};
  transfer.destinations = {NodeId{2}};
  ledger.start(flight());
  ledger.destination_refused({SegmentId{11}, ReplicaId{70}}, now, policy);
  expect_by_force_alone("node 2 refused a segment a moment ago, and rests");
}

TEST_F(TransferTest, MoreThanARoundMayMoveTakesForce) {
  policy.max_moves_per_round = 1;
  EXPECT_THAT(refusal(), HasSubstr("it would be 2 moves, and a round may make 1: it takes force"));
  policy.max_moves_per_round = 2;
  policy.max_bytes_per_round = 99;
  EXPECT_THAT(refusal(), HasSubstr("it would be 100 B, and a round may move 99 B"));
  policy.max_bytes_per_round = 100;
  EXPECT_FALSE(calls().empty());
  policy.max_moves_per_round = 1;
  transfer.force = true;
  EXPECT_FALSE(calls().empty());
}

TEST_F(TransferTest, ADeadDestinationIsRefused) {
  cluster.nodes[1].health = NodeHealth::unreachable;
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
  cluster.segments[0].state = SegmentState::growing;
  transfer.segments = {SegmentId{11}};
  EXPECT_THAT(refusal(), HasSubstr("only sealed"));
}

TEST_F(TransferTest, ASegmentWhoseSizeCannotBeRightIsRefused) {
  cluster.segments[0].bytes = -1;
  transfer.segments = {SegmentId{11}};
  EXPECT_THAT(refusal(), HasSubstr("segment 11 is listed with negative bytes or rows"));
  cluster.segments[0].bytes = 50;
  cluster.segments[0].rows = -1;
  EXPECT_THAT(refusal(), HasSubstr("segment 11 is listed with negative bytes or rows"));
}

TEST_F(TransferTest, ASegmentThatIsListedTwiceMovesOnceOrNotAtAll) {
  add(11, 1, 70, 50);
  const auto plan = planned();
  ASSERT_TRUE(std::holds_alternative<std::vector<Move>>(plan));
  EXPECT_THAT(std::get<std::vector<Move>>(plan), testing::SizeIs(2)) << "segments 11 and 12";
  cluster.segments.back().bytes = 60;
  EXPECT_THAT(refusal(), HasSubstr("segment 11 is listed twice on node 1, and the entries differ"));
  transfer.segments = {SegmentId{11}};
  EXPECT_THAT(refusal(), HasSubstr("segment 11 is listed twice on node 1, and the entries differ"));
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
  EXPECT_THAT(refusal(), HasSubstr("the proxy did not answer every question"));
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

TEST_F(TransferTest, ASegmentStaysOnTheNodesOfItsChannel) {
  cluster.replicas[0].channels = {{NodeId{1}, NodeId{3}}, {NodeId{1}, NodeId{2}}};
  cluster.segments[0].channel = 1;
  transfer.segments = {cluster.segments[0].id};
  EXPECT_EQ(calls()[0].to, NodeId{3});
  transfer.destinations = {NodeId{2}};
  EXPECT_THAT(refusal(), HasSubstr("node 2 is none of those that the segment's channel is bound"));
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
}  // namespace evenkeel::rules::transfer_test
