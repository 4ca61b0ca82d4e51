#include "rules/admit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::admit_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Gate kGates[] = {Gate::auto_balance,     Gate::dry_run,     Gate::paused,
                           Gate::shutting_down,    Gate::turn,        Gate::journal,
                           Gate::version,          Gate::coordinator, Gate::window,
                           Gate::builtin_balancer, Gate::data_fresh,  Gate::in_flight,
                           Gate::budget_moves,     Gate::budget_bytes};

// Node 1 overloaded, two nodes to take its segments, and another collection.
World world_of_moves() {
  World world;
  world.node(1, 15).node(2, 3).node(3, 3).node(4, 3).replica(5, 100, {1, 2, 3, 4});
  world.replica(6, 101, {1, 2, 3, 4});
  for (int i = 0; i < 8; ++i) world.segment(11 + i, 5, 1, 0.25);
  for (int i = 0; i < 8; ++i) world.segment(31 + i, 6, 1, 0.25);
  world.sample();
  return world;
}

Move move_of(const World& world, std::int64_t segment, std::int64_t to,
             Urgency urgency = Urgency::overload) {
  for (const Segment& each : world.cluster.segments) {
    if (each.id != SegmentId{segment}) continue;
    Move move;
    move.segment = each.id;
    move.collection = each.collection;
    move.replica = each.replica;
    move.from = each.node;
    move.to = NodeId{to};
    move.bytes = each.bytes;
    move.urgency = urgency;
    return move;
  }
  return {};
}

Plan plan_of(const World& world, std::initializer_list<std::pair<int, int>> moves,
             Urgency urgency = Urgency::overload) {
  Plan plan;
  for (const auto& [segment, to] : moves) {
    plan.moves.push_back(move_of(world, segment, to, urgency));
  }
  return plan;
}

std::vector<Gate> closed_of(const Admission& admission) {
  std::vector<Gate> closed;
  for (const GateVerdict& verdict : admission.gates) {
    if (!verdict.open) closed.push_back(verdict.gate);
  }
  return closed;
}

std::string detail_of(const Admission& admission, Gate gate) {
  return admission.gates.at(static_cast<std::size_t>(gate)).detail;
}

std::vector<Gate> held_by(const Admission& admission) {
  std::vector<Gate> gates;
  for (const Held& held : admission.held) gates.push_back(held.gate);
  return gates;
}

TEST(Admit, LetsAGoodPlanThroughEveryGateInOrder) {
  const World world = world_of_moves();
  const Admission admission = world.admitted(plan_of(world, {{11, 2}, {12, 3}}));
  std::vector<Gate> order;
  for (const GateVerdict& verdict : admission.gates) {
    order.push_back(verdict.gate);
    EXPECT_TRUE(verdict.open) << words(verdict);
    EXPECT_TRUE(verdict.detail.empty());
  }
  EXPECT_THAT(order, testing::ElementsAreArray(kGates));
  EXPECT_THAT(admission.calls, SizeIs(2));
  EXPECT_THAT(admission.held, IsEmpty());
}

TEST(Admit, OfAnEmptyPlanOpensEveryGateAndCallsNothing) {
  const Admission admission = world_of_moves().admitted(Plan{});
  EXPECT_THAT(closed_of(admission), IsEmpty());
  EXPECT_THAT(admission.calls, IsEmpty());
}

TEST(Admit, ConditionsThatForbidItHoldEverything) {
  const World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}, {12, 3}});
  const auto expect_held = [&](const Conditions& conditions, Gate gate) {
    const Admission admission = world.admitted(plan, conditions);
    EXPECT_THAT(closed_of(admission), ElementsAre(gate));
    EXPECT_FALSE(detail_of(admission, gate).empty());
    EXPECT_THAT(held_by(admission), ElementsAre(gate, gate));
    EXPECT_THAT(admission.calls, IsEmpty());
  };
  expect_held({.auto_balance = false}, Gate::auto_balance);
  expect_held({.journal_trouble = "the disk is full"}, Gate::journal);
  expect_held({.dry_run = true}, Gate::dry_run);
  expect_held({.paused = true}, Gate::paused);
  expect_held({.shutting_down = true}, Gate::shutting_down);
  expect_held({.not_its_turn = "another agent, keel-1, acts"}, Gate::turn);
  expect_held({.untested = "Milvus 4.0.0 is newer"}, Gate::version);
}

TEST(Admit, OutsideOfWindowsHoldsLevellingAlone) {
  const World world = world_of_moves();
  Plan plan = plan_of(world, {{11, 2}, {12, 3}});
  plan.moves.back().urgency = Urgency::difference;
  const Admission admission = world.admitted(plan, {.outside_windows = "the next opens at noon"});
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::window));
  EXPECT_EQ(detail_of(admission, Gate::window),
            "outside of maintenance windows only overload is relieved; the next opens at noon");
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::window));
  EXPECT_THAT(admission.calls, SizeIs(1));
}

TEST(Admit, OutsideOfWindowsHoldsReliefTooIfItIsToldTo) {
  const World world = world_of_moves();
  const Admission admission =
      world.admitted(plan_of(world, {{11, 2}, {12, 3}}),
                     {.outside_windows = "none opens", .relief_outside_windows = false});
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::window));
  EXPECT_EQ(detail_of(admission, Gate::window),
            "outside of maintenance windows nothing is moved; none opens");
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::window, Gate::window));
}

TEST(Admit, InAWindowHoldsNothing) {
  const World world = world_of_moves();
  const Admission admission = world.admitted(plan_of(world, {{11, 2}}, Urgency::difference),
                                             {.relief_outside_windows = false});
  EXPECT_THAT(closed_of(admission), IsEmpty());
  EXPECT_THAT(admission.calls, SizeIs(1));
}

TEST(Admit, OutsideOfWindowsDoesNotHoldWhatAPersonAskedFor) {
  const World world = world_of_moves();
  const Admission admission =
      world.admitted(plan_of(world, {{11, 2}}, Urgency::asked),
                     {.outside_windows = "none opens", .relief_outside_windows = false});
  EXPECT_THAT(closed_of(admission), IsEmpty());
  EXPECT_THAT(admission.calls, SizeIs(1));
}

TEST(Admit, WhatAWindowHoldsTakesNothingOfTheBudget) {
  World world = world_of_moves();
  world.policy.max_moves_per_round = 1;
  Plan plan = plan_of(world, {{11, 2}, {12, 3}});
  plan.moves.front().urgency = Urgency::difference;
  const Admission admission = world.admitted(plan, {.outside_windows = "later"});
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::window));
  EXPECT_THAT(admission.calls, SizeIs(1));
}

TEST(Admit, ABuiltinBalancerThatIsNotHeldOffHoldsLevellingAlone) {
  const World world = world_of_moves();
  const Conditions unheld{.unheld = "etcd does not answer"};
  const Plan relief = plan_of(world, {{11, 2}});
  EXPECT_THAT(world.admitted(relief, unheld).calls, SizeIs(1));
  const Plan levelling = plan_of(world, {{11, 2}, {12, 3}}, Urgency::difference);
  const Admission admission = world.admitted(levelling, unheld);
  EXPECT_THAT(admission.calls, IsEmpty());
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::builtin_balancer));
  EXPECT_EQ(detail_of(admission, Gate::builtin_balancer), "etcd does not answer");
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::builtin_balancer, Gate::builtin_balancer));
}

TEST(Admit, TheFirstClosedGateHoldsAndTheOthersAreToldAllTheSame) {
  const World world = world_of_moves();
  const Admission admission =
      world.admitted(plan_of(world, {{11, 2}}), {.dry_run = true, .paused = true});
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::dry_run, Gate::paused));
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::dry_run));
}

TEST(Admit, AnIncompleteCoordinatorHoldsEverything) {
  World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}});
  world.cluster.coordinator_complete = false;
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::coordinator));
  EXPECT_THAT(admission.calls, IsEmpty());
}

TEST(Admit, BothTheClusterAndItsJudgementMustBeComplete) {
  World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}});
  const auto closed_with = [&](const Judgement& judgement) {
    return closed_of(
        admit(world.cluster, judgement, plan, world.policy, world.ledger, {}, world.now));
  };
  Judgement judgement = world.judged();
  world.cluster.coordinator_complete = false;
  EXPECT_THAT(closed_with(judgement), ElementsAre(Gate::coordinator));
  world.cluster.coordinator_complete = true;
  judgement.coordinator_complete = false;
  EXPECT_THAT(closed_with(judgement), ElementsAre(Gate::coordinator));
}

TEST(Admit, ANodeThatCannotBeJudgedAnyMoreHoldsItsMovesAlone) {
  World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}, {12, 3}});
  world.at(2).health = NodeHealth::unreachable;
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::data_fresh));
  EXPECT_THAT(detail_of(admission, Gate::data_fresh), HasSubstr("node 2"));
  ASSERT_THAT(admission.calls, SizeIs(1));
  EXPECT_EQ(admission.calls.front().to, NodeId{3});
}

TEST(Admit, SamplesThatWentStaleSinceTheJudgementHold) {
  const World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}});
  const auto held_after = [&](Duration passed) {
    return held_by(admit(world.cluster, world.judged(), plan, world.policy, world.ledger, {},
                         world.now + passed));
  };
  EXPECT_THAT(held_after(world.policy.max_sample_age), IsEmpty());
  EXPECT_THAT(held_after(world.policy.max_sample_age + Duration{1}), ElementsAre(Gate::data_fresh));
}

TEST(Admit, AMoveThatNoLongerFitsTheClusterIsHeld) {
  World world = world_of_moves();
  const Plan plan = plan_of(world, {{11, 2}, {12, 3}, {13, 4}});
  world.segment_at(11).node = NodeId{4};  // moved by somebody else
  world.segment(12, 5, 3, 0.25);          // on its way already
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::data_fresh, Gate::data_fresh));
  EXPECT_THAT(detail_of(admission, Gate::data_fresh), HasSubstr("segment 11"));
  ASSERT_THAT(admission.calls, SizeIs(1));
  EXPECT_EQ(admission.calls.front().to, NodeId{4});
}

TEST(Trap05OtherReplicaIsRefused, ADestinationOutsideTheReplicaIsNeverCalled) {
  World world = world_of_moves();
  world.node(9, 1).replica(7, 100, {9}).sample();
  const Admission admission = world.admitted(plan_of(world, {{11, 9}}));
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::data_fresh));
  EXPECT_THAT(admission.calls, IsEmpty());
}

TEST(Trap06NeverToItself, AMoveToWhereItIsIsNeverCalled) {
  const World world = world_of_moves();
  const Admission admission = world.admitted(plan_of(world, {{11, 1}}));
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::data_fresh));
  EXPECT_THAT(admission.calls, IsEmpty());
}

TEST(Admit, AFlightHoldsTheMovesOfItsNodes) {
  World world = world_of_moves();
  world.ledger.start(world.flight(99, 8, 9, 2, 0.1));
  const Admission admission = world.admitted(plan_of(world, {{11, 2}, {12, 3}}));
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::in_flight));
  EXPECT_THAT(detail_of(admission, Gate::in_flight), HasSubstr("node 2"));
  ASSERT_THAT(admission.calls, SizeIs(1));
  EXPECT_EQ(admission.calls.front().to, NodeId{3});
}

TEST(Admit, ALevellingMoveIsHeldWithTheMoveItCountsOn) {
  World world = world_of_moves();
  world.segment(51, 5, 3, 0.25).segment(52, 5, 4, 0.25);
  world.ledger.start(world.flight(99, 8, 9, 2, 0.1));
  const Plan plan = plan_of(world, {{11, 2}, {12, 3}, {51, 4}}, Urgency::difference);
  EXPECT_THAT(held_by(world.admitted(plan)),
              ElementsAre(Gate::in_flight, Gate::in_flight, Gate::in_flight))
      << "node 1 would still have the segment of the first, and so on";
  EXPECT_THAT(held_by(world.admitted(plan_of(world, {{11, 2}, {12, 3}, {51, 4}}))),
              ElementsAre(Gate::in_flight))
      << "relief counts on nothing before it";

  Plan mixed = plan_of(world, {{51, 2}}, Urgency::difference);
  mixed.moves.push_back(move_of(world, 11, 3));
  EXPECT_THAT(held_by(world.admitted(mixed)), ElementsAre(Gate::in_flight)) << "whatever it is";
}

TEST(AdmitBudget, OfMovesCutsThePlan) {
  World world = world_of_moves();
  world.policy.max_moves_per_round = 2;
  const Admission admission = world.admitted(plan_of(world, {{11, 2}, {12, 3}, {13, 4}}));
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::budget_moves));
  EXPECT_THAT(detail_of(admission, Gate::budget_moves), HasSubstr("2 moves"));
  ASSERT_THAT(held_by(admission), ElementsAre(Gate::budget_moves));
  EXPECT_EQ(admission.held.front().move.segment, SegmentId{13});
  EXPECT_THAT(admission.calls, SizeIs(2));
}

TEST(AdmitBudget, OfBytesCutsThePlanWhereItIsSpent) {
  World world = world_of_moves();
  world.segment_at(12).bytes = gib(1);
  world.policy.max_bytes_per_round = gib(1);
  const Admission admission = world.admitted(plan_of(world, {{11, 2}, {12, 3}, {13, 4}}));
  EXPECT_THAT(closed_of(admission), ElementsAre(Gate::budget_bytes));
  EXPECT_THAT(detail_of(admission, Gate::budget_bytes), HasSubstr("1.0 GiB"));
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::budget_bytes, Gate::budget_bytes));
  ASSERT_THAT(admission.calls, SizeIs(1));
  EXPECT_EQ(admission.calls.front().bytes(), gib(0.25));
}

TEST(AdmitBudget, HeldMovesSpendNothing) {
  World world = world_of_moves();
  world.policy.max_moves_per_round = 1;
  world.at(2).health = NodeHealth::unreachable;
  const Admission admission = world.admitted(plan_of(world, {{11, 2}, {12, 3}}));
  EXPECT_THAT(held_by(admission), ElementsAre(Gate::data_fresh));
  EXPECT_THAT(admission.calls, SizeIs(1));
}

TEST(AdmitCalls, GroupMovesOfOneReplicaAndPairInOrderOfFirstAppearance) {
  const World world = world_of_moves();
  const Admission admission =
      world.admitted(plan_of(world, {{11, 3}, {31, 3}, {12, 2}, {13, 3}, {32, 3}}));
  ASSERT_THAT(admission.calls, SizeIs(3));
  const auto segments = [&](std::size_t call) {
    std::vector<SegmentId> ids;
    for (const Move& move : admission.calls[call].moves) ids.push_back(move.segment);
    return ids;
  };
  EXPECT_THAT(segments(0), ElementsAre(SegmentId{11}, SegmentId{13}));
  EXPECT_THAT(segments(1), ElementsAre(SegmentId{31}, SegmentId{32}));
  EXPECT_THAT(segments(2), ElementsAre(SegmentId{12}));
  EXPECT_EQ(admission.calls[1].collection, CollectionId{101});
  EXPECT_EQ(admission.calls[1].replica, ReplicaId{6});
  EXPECT_EQ(admission.calls[2].from, NodeId{1});
  EXPECT_EQ(admission.calls[2].to, NodeId{2});
}

TEST(Trap14AtMostFiveSegmentsACall, MoreAreSentInFurtherCalls) {
  World world = world_of_moves();
  const Plan plan =
      plan_of(world, {{11, 2}, {12, 2}, {13, 2}, {14, 2}, {15, 2}, {16, 2}, {17, 3}, {18, 2}});
  const auto sizes = [&] {
    std::vector<std::size_t> result;
    for (const Call& call : world.admitted(plan).calls) result.push_back(call.moves.size());
    return result;
  };
  EXPECT_THAT(sizes(), ElementsAre(5, 2, 1));
  world.policy.max_segments_per_call = 3;
  EXPECT_THAT(sizes(), ElementsAre(3, 3, 1, 1));
  world.policy.max_segments_per_call = 0;
  EXPECT_THAT(sizes(), SizeIs(8)) << "never a call without segments, which would move them all";
}

TEST(Admit, WhatWasPlannedForThisVeryClusterIsAdmitted) {
  const World world = world_of_moves();
  const Plan plan = world.planned();
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(plan.moves, testing::Not(IsEmpty()));
  EXPECT_THAT(closed_of(admission), IsEmpty());
  EXPECT_THAT(admission.held, IsEmpty());
}

}  // namespace
}  // namespace evenkeel::rules::test::admit_test
