#include "rules/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::explain_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(FormatBytes, UsesBinaryUnitsWithOneDecimal) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(536), "536 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(-(Bytes{1} << 20)), "-1.0 MiB");
  EXPECT_EQ(format_bytes(gib(3.1)), "3.1 GiB");
  EXPECT_EQ(format_bytes(kGiB - 1), "1.0 GiB") << "and not 1024.0 MiB";
  EXPECT_EQ(format_bytes(std::numeric_limits<Bytes>::max()), "8.0 EiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<Bytes>::min()), "-8.0 EiB");
}

TEST(FormatPercent, HasOneDecimal) {
  EXPECT_EQ(format_percent(0.925), "92.5 %");
  EXPECT_EQ(format_percent(0), "0.0 %");
  EXPECT_EQ(format_percent(1.25), "125.0 %");
  EXPECT_EQ(format_percent(std::numeric_limits<double>::quiet_NaN()), "unknown");
  EXPECT_THAT(format_percent(1e300), Not(HasSubstr("?")));
}

// Every value from the first to the last has a name of its own in snake_case.
template <typename Enum>
void expect_names(Enum last) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const std::string_view text = name(static_cast<Enum>(i));
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
    EXPECT_TRUE(names.insert(text).second) << text;
  }
}

TEST(Names, AreDistinctIdentifiers) {
  expect_names(NodeHealth::invalid);
  expect_names(NodeRole::unknown);
  expect_names(CapacitySource::coordinator);
  expect_names(SizeSource::assumed);
  expect_names(SegmentState::other);
  expect_names(NodeState::exempt);
  expect_names(ReplicaState::cannot_judge);
  expect_names(Reason::no_nodes);
  expect_names(Misfit::stranded);
  expect_names(Urgency::asked);
  expect_names(Obstacle::capacity_doubted);
  expect_names(WhyNothing::outside_focus);
  expect_names(Rejection::no_other_node);
  expect_names(Gate::budget_bytes);
  EXPECT_EQ(name(Rejection::destination_overload), "destination_overload");
  EXPECT_EQ(name(NodeHealth::up), "up");
  EXPECT_EQ(name(static_cast<Gate>(99)), "unknown");
}

TEST(Words, OfANode) {
  World world;
  world.node(7, 14.8).node(8, 8).replica(2, 100, {7, 8}).segment(1, 2, 7, 4).sample(2);
  const auto said = [&](std::int64_t id) { return words(world.node_verdict(id), world.policy); };
  EXPECT_EQ(said(7),
            "node 7 is at 92.5 % (14.8 GiB of 16.0 GiB), over its threshold of 90.0 %, but not yet "
            "in 3 samples one after the other");
  world.sample(1);
  EXPECT_EQ(said(7),
            "node 7 is overloaded at 92.5 % (14.8 GiB of 16.0 GiB), over its threshold of 90.0 % "
            "in each of the last 3 samples");
  EXPECT_EQ(said(8), "node 8 is fine at 50.0 % (8.0 GiB of 16.0 GiB)");
  world.at(8).health = NodeHealth::unreachable;
  EXPECT_EQ(said(8), "node 8 cannot be judged: its metrics could not be read");
  world.ledger.start(world.flight(1, 2, 7, 8, 4));
  world.land(key(1, 2), world.now);
  EXPECT_EQ(said(7),
            "node 7 is fine at 67.5 % (10.8 GiB of 16.0 GiB, counting moves; 14.8 GiB measured)");
}

TEST(Words, OfAReplica) {
  World world;
  world.node(3, 12.8).node(4, 6.4).node(9, 8).replica(5, 100, {3, 4}).replica(6, 100, {9});
  world.sample(2);
  const auto said = [&](std::int64_t id) { return words(world.replica_verdict(id), world.policy); };
  EXPECT_EQ(said(5),
            "replica 5 of collection 100 differs by 40 points (limit 30), but not yet in 3 samples "
            "one after the other: node 3 at 80.0 %, node 4 at 40.0 %");
  world.sample(1);
  EXPECT_EQ(said(5),
            "replica 5 of collection 100 differs by 40 points (limit 30): node 3 at 80.0 %, node 4 "
            "at 40.0 %");
  EXPECT_EQ(said(6),
            "replica 6 of collection 100 is balanced: it has one node, so there is nowhere to "
            "move anything");
  world.at(3).used = gib(8);
  world.sample(3);
  EXPECT_EQ(
      said(5),
      "replica 5 of collection 100 is balanced: node 3 at 50.0 %, node 4 at 40.0 %, 10 points "
      "apart");
  world.at(3).health = NodeHealth::stopping;
  EXPECT_EQ(said(5),
            "replica 5 of collection 100 cannot be judged because of node 3: Milvus's query "
            "coordinator says that it is leaving or in error");
}

TEST(Words, OfADifference) {
  EXPECT_EQ(format_points(0.147), "14.7 points");
  EXPECT_EQ(format_points(0.3), "30 points");
  EXPECT_EQ(format_points(0.01), "1 point");
  EXPECT_EQ(format_points(0), "0 points");
  EXPECT_EQ(format_points(std::numeric_limits<double>::quiet_NaN()), "unknown");
  EXPECT_EQ(points(0.3), "30");
}

TEST(Words, OfAMove) {
  World world;
  world.node(1, 15).node(2, 4).replica(5, 100, {1, 2}).segment(470641044885740721, 5, 1, 2);
  world.sample();
  const Plan plan = world.planned();
  ASSERT_EQ(plan.moves.size(), 1U);
  EXPECT_EQ(words(plan.moves.front()),
            "segment 470641044885740721 (2.0 GiB) of collection 100, replica 5, from node 1 "
            "(93.8 % → 81.2 %) to node 2 (25.0 % → 37.5 %) to relieve an overloaded node");
}

TEST(Words, OfARejectedCandidate) {
  const Policy policy;
  RejectedMove rejected;
  rejected.segment = SegmentId{12};
  rejected.replica = ReplicaId{5};
  rejected.from = NodeId{3};
  rejected.to = NodeId{4};
  rejected.why = Rejection::destination_overload;
  rejected.to_after = 0.931;
  EXPECT_EQ(words(rejected, policy),
            "segment 12 of replica 5 from node 3 to node 4: would pass the threshold of 90.0 % "
            "there while it loads, ending at 93.1 % at best");
  rejected.to_after = 0;
  EXPECT_THAT(words(rejected, policy), Not(HasSubstr("ending at"))) << "which is not known then";
  rejected.segment.reset();
  rejected.to.reset();
  rejected.count = 7;
  rejected.why = Rejection::cooling_down;
  EXPECT_EQ(words(rejected, policy), "7 candidates of replica 5 from node 3: moved too recently");
  rejected.to = NodeId{4};
  rejected.why = Rejection::destination_unhealthy;
  EXPECT_EQ(words(rejected, policy),
            "anything of replica 5 from node 3 to node 4: that node cannot be judged");
}

TEST(Words, OfWhatMovingCannotPutRight) {
  Unfixable unfixable;
  unfixable.node = NodeId{7};
  unfixable.replica = ReplicaId{5};
  unfixable.excess = gib(3.1);
  unfixable.room_needed = gib(16);
  EXPECT_EQ(words(unfixable),
            "node 7 is over by 3.1 GiB; every other node of replica 5 would pass its threshold; "
            "add 16.0 GiB of capacity");
  unfixable.own_capacity = gib(3.5);
  EXPECT_THAT(
      words(unfixable),
      HasSubstr("add 16.0 GiB of capacity, or 3.5 GiB more capacity for it would be enough"));
  unfixable.room_needed = 0;
  EXPECT_EQ(words(unfixable),
            "node 7 is over by 3.1 GiB, and the segments that may be moved off it now are not "
            "enough; 3.5 GiB more capacity for it would be enough, or load less");
  unfixable.obstacle = Obstacle::in_no_replica;
  EXPECT_THAT(words(unfixable), HasSubstr("nothing on it can move, since no replica names it"));
  unfixable.obstacle = Obstacle::nothing_movable;
  EXPECT_THAT(words(unfixable), HasSubstr("none of its segments may be moved now"));
}

TEST(Words, OfADifferenceThatMovingCannotPutRight) {
  Unfixable unfixable;
  unfixable.urgency = Urgency::difference;
  unfixable.node = NodeId{7};
  unfixable.replica = ReplicaId{5};
  unfixable.excess = gib(3.1);
  unfixable.smallest = gib(6);
  EXPECT_EQ(words(unfixable),
            "node 7 uses 3.1 GiB too much compared with the lowest node of replica 5: no move "
            "that is allowed would level it");
  unfixable.own_capacity = gib(3.5);
  unfixable.obstacle = Obstacle::too_coarse;
  EXPECT_EQ(
      words(unfixable),
      "node 7 uses 3.1 GiB too much compared with the lowest node of replica 5: the smallest "
      "of its segments has 6.0 GiB, and every other node would be too high with it; 3.5 GiB more "
      "capacity for it would be enough");
  unfixable.obstacle = Obstacle::no_room;
  EXPECT_THAT(words(unfixable), HasSubstr("no other node has room for it below its threshold"));
  unfixable.further_nodes = 2;
  EXPECT_THAT(words(unfixable), HasSubstr("would be enough once 2 other nodes of the replica that "
                                          "are too high have more capacity, too"));
}

TEST(Words, OfWhatIsSetAside) {
  EXPECT_EQ(words(SetAside{ReplicaId{5}, NodeId{9}, Misfit::outside_replica, 2}),
            "2 segments of replica 5 on node 9 set aside: the node is not one of their replica's");
  EXPECT_EQ(words(SetAside{{}, NodeId{9}, Misfit::node_unknown, 1}),
            "1 segment of no single replica on node 9 set aside: the node is gone, neither the "
            "node list nor a replica names it");
}

TEST(Words, OfAGate) {
  EXPECT_EQ(words(GateVerdict{Gate::dry_run, true, ""}), "dry_run: open");
  EXPECT_EQ(words(GateVerdict{Gate::dry_run, false, "this is a dry run"}),
            "dry_run: closed, this is a dry run");
}

TEST(Words, AreThereForEveryReasonAndRejection) {
  const Policy policy;
  std::set<std::string> said;
  for (int i = 0; i <= static_cast<int>(Reason::no_nodes); ++i) {
    NodeVerdict verdict;
    verdict.reason = static_cast<Reason>(i);
    EXPECT_TRUE(said.insert(words(verdict, policy)).second) << i;
  }
  said.clear();
  for (int i = 0; i <= static_cast<int>(Misfit::larger_than_node); ++i) {
    EXPECT_TRUE(said.insert(words(SetAside{{}, {}, static_cast<Misfit>(i), 1})).second) << i;
  }
  said.clear();
  for (int i = 0; i <= static_cast<int>(WhyNothing::outside_focus); ++i) {
    Plan plan;
    plan.why_nothing = static_cast<WhyNothing>(i);
    EXPECT_TRUE(said.insert(why_nothing(plan, Judgement{}, policy)).second) << i;
  }
  said.clear();
  for (int i = 0; i <= static_cast<int>(Rejection::data_incomplete); ++i) {
    RejectedMove rejected;
    rejected.why = static_cast<Rejection>(i);
    EXPECT_TRUE(said.insert(words(rejected, policy)).second) << i;
  }
}

}  // namespace
}  // namespace evenkeel::rules::test::explain_test
