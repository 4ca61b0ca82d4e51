#include "agent/loop/reconcile.hpp"

#include <gtest/gtest.h>

namespace evenkeel::loop::reconcile_test {
namespace {

using namespace std::chrono_literals;
using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;

constexpr rules::TimePoint kStart{std::chrono::hours{500'000}};
constexpr rules::Duration kPatience = 60s;

struct ReconcileTest : testing::Test {
  ReconcileTest() {
    cluster.coordinator_complete = true;
    cluster.collections = {{CollectionId{7}, "book", true, ""}};
    cluster.replicas = {{ReplicaId{70}, CollectionId{7}, "rg", {NodeId{1}, NodeId{2}, NodeId{3}}}};
    ledger.start({SegmentId{11}, ReplicaId{70}, NodeId{1}, NodeId{2}, 100, kStart});
  }
  void seen_on(std::initializer_list<int> nodes) {
    cluster.segments.clear();
    for (const int id : nodes) {
      rules::Segment copy;
      copy.id = SegmentId{11};
      copy.collection = CollectionId{7};
      copy.replica = ReplicaId{70};
      copy.node = NodeId{id};
      cluster.segments.push_back(copy);
    }
  }
  std::vector<FlightEnd> after(rules::Duration time) {
    return reconcile(ledger, cluster, patience, kStart + time, policy);
  }
  Patience patience{kPatience, 3 * kPatience, kStart};
  rules::Cluster cluster;
  rules::Ledger ledger;
  rules::Policy policy;
};

TEST_F(ReconcileTest, LandsAFlightSeenOnItsDestinationAlone) {
  seen_on({2});
  const auto ends = after(1s);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].result, MoveResult::succeeded);
  EXPECT_TRUE(ledger.flights().empty());
}

TEST_F(ReconcileTest, WaitsWhileItIsOnBothNodesHoweverLong) {
  seen_on({1, 2});
  EXPECT_TRUE(after(24h).empty());
  EXPECT_EQ(ledger.flights().size(), 1u);
}

TEST_F(ReconcileTest, FailsAFlightStillOnItsSourceOnlyAfterThePatience) {
  seen_on({1});
  EXPECT_TRUE(after(59s).empty());
  const auto ends = after(61s);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].result, MoveResult::failed);
  EXPECT_EQ(ledger.history({SegmentId{11}, ReplicaId{70}})->failures, 1);
}

TEST_F(ReconcileTest, DropsAFlightWhoseSegmentIsGone) {
  seen_on({});
  const auto ends = after(1s);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].result, MoveResult::gone);
  EXPECT_TRUE(ledger.flights().empty());
}

TEST_F(ReconcileTest, ConcludesNothingFromAnIncompletePicture) {
  seen_on({});
  cluster.collections[0].complete = false;
  EXPECT_TRUE(after(24h).empty());
  cluster.collections[0].complete = true;
  cluster.coordinator_complete = false;
  EXPECT_TRUE(after(24h).empty());
  EXPECT_EQ(ledger.flights().size(), 1u);
}

TEST_F(ReconcileTest, LandsAFlightThoughTheNodeListCouldNotBeRead) {
  seen_on({2});
  cluster.coordinator_complete = false;
  EXPECT_EQ(after(1s).size(), 1u);
  EXPECT_TRUE(ledger.flights().empty());
}

TEST_F(ReconcileTest, DropsTheFlightsOfACollectionThatIsGone) {
  cluster.collections.clear();
  cluster.replicas.clear();
  cluster.segments.clear();
  EXPECT_EQ(after(1s).size(), 1u);
  EXPECT_TRUE(ledger.flights().empty());
}

TEST_F(ReconcileTest, WhatIsOnTwoNodesOfItsReplicaIsOnItsWay) {
  for (const int id : {1, 3}) {
    rules::Node& node = cluster.nodes.emplace_back();
    node.id = NodeId{id};
    node.used = 10 * id;
    node.capacity = 100;
  }
  seen_on({1, 3});
  for (auto& segment : cluster.segments) segment.state = rules::SegmentState::sealed;
  const auto transits = transits_in(cluster);
  ASSERT_EQ(transits.size(), 1u);
  EXPECT_EQ(transits[0].from, NodeId{3}) << "the fuller of the two";
  EXPECT_EQ(transits[0].to, NodeId{1});
  seen_on({1});
  EXPECT_TRUE(transits_in(cluster).empty());
  seen_on({1, 3});
  cluster.segments[0].state = rules::SegmentState::growing;
  EXPECT_TRUE(transits_in(cluster).empty()) << "that is being sealed under the same id";
  seen_on({1, 3});
  for (auto& segment : cluster.segments) segment.state = rules::SegmentState::sealed;
  cluster.segments[1].replica = ReplicaId{71};
  EXPECT_TRUE(transits_in(cluster).empty()) << "each replica has its own";
}

TEST_F(ReconcileTest, WaitsLongerForAFlightWhoseAnswerNobodyHasHeard) {
  patience.unheard_before = kStart + 1s;
  seen_on({1});
  EXPECT_TRUE(after(3 * kPatience - 1s).empty());
  const auto ends = after(3 * kPatience);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends.front().result, MoveResult::failed);
}

}  // namespace
}  // namespace evenkeel::loop::reconcile_test
