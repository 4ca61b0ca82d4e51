#include "rules/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "rules/arithmetic.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::ledger_test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

World two_nodes() {
  World world;
  world.node(1, 10).node(2, 4).replica(5, 100, {1, 2}).segment(11, 5, 1, 2);
  return world;
}

TEST(LedgerSamples, AreTheNewestOnesAndNoMoreThanTheEvidenceNeeds) {
  World world = two_nodes();
  world.sample(5);
  const auto& samples = world.ledger.samples(NodeId{1});
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples.front().at, world.now - 2 * kSampleInterval);
  EXPECT_EQ(samples.back().at, world.now);
  EXPECT_EQ(samples.back().used, gib(10));
}

TEST(LedgerSamples, OneNotNewerThanTheLastIsDropped) {
  World world = two_nodes();
  world.sample(1);
  world.at(1).used = gib(99);
  world.ledger.observe(world.cluster, world.policy);
  ASSERT_EQ(world.ledger.samples(NodeId{1}).size(), 1U);
  EXPECT_EQ(world.ledger.samples(NodeId{1}).back().used, gib(10));
}

TEST(LedgerSamples, OfNodesWhoseFigureCannotBeBelievedAreDropped) {
  World world = two_nodes();
  world.node(3, -1).node(4, 5).node(4, 6).node(6, 1);
  world.at(2).health = NodeHealth::ambiguous;
  world.sample(1);
  world.at(6).sampled_at = TimePoint{};
  EXPECT_EQ(world.ledger.samples(NodeId{1}).size(), 1U);
  EXPECT_TRUE(world.ledger.samples(NodeId{2}).empty());
  EXPECT_TRUE(world.ledger.samples(NodeId{3}).empty()) << "negative";
  EXPECT_TRUE(world.ledger.samples(NodeId{4}).empty()) << "listed twice";
}

TEST(LedgerSamples, OfANodeThatACompleteClusterNoLongerNamesAreForgotten) {
  World world = two_nodes();
  world.sample(2);
  world.cluster.nodes.pop_back();
  world.cluster.coordinator_complete = false;
  world.sample(1);
  EXPECT_EQ(world.ledger.samples(NodeId{2}).size(), 2U) << "an incomplete answer proves nothing";
  world.cluster.coordinator_complete = true;
  world.sample(1);
  EXPECT_TRUE(world.ledger.samples(NodeId{2}).empty());
}

TEST(LedgerTouched, IsTheStartAndThenTheEndOfAMoveForBothItsNodes) {
  World world = two_nodes();
  EXPECT_EQ(world.ledger.touched(NodeId{1}), TimePoint{});
  const TimePoint started = world.now;
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  EXPECT_EQ(world.ledger.touched(NodeId{1}), started);
  EXPECT_EQ(world.ledger.touched(NodeId{2}), started);
  EXPECT_TRUE(world.ledger.in_flight(NodeId{1}));
  EXPECT_TRUE(world.ledger.in_flight(NodeId{2}));
  EXPECT_FALSE(world.ledger.in_flight(NodeId{3}));
  world.land(key(11, 5), started + seconds{9});
  EXPECT_EQ(world.ledger.touched(NodeId{1}), started + seconds{9});
  EXPECT_EQ(world.ledger.touched(NodeId{2}), started + seconds{9});
  EXPECT_FALSE(world.ledger.in_flight(NodeId{1}));
}

TEST(LedgerTouched, IsTheLatestTimeInWhateverOrderTheyBecomeKnown) {
  World world = two_nodes();
  const Flight earlier = world.flight(12, 6, 2, 1, 1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now + seconds{9});
  world.ledger.start(earlier);
  EXPECT_EQ(world.ledger.touched(NodeId{1}), world.now + seconds{9});
}

TEST(LedgerTouched, OfANodeThatACompleteClusterNoLongerNamesIsForgotten) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  const TimePoint touched = world.now;
  world.cluster.nodes.pop_back();
  world.sample(1);
  EXPECT_EQ(world.ledger.touched(NodeId{1}), touched);
  EXPECT_EQ(world.ledger.touched(NodeId{2}), TimePoint{});
}

TEST(LedgerTouched, IsTheEndOfAFailedMoveAsWell) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.fail(key(11, 5), world.now + seconds{4}, world.policy);
  EXPECT_EQ(world.ledger.touched(NodeId{2}), world.now + seconds{4});
}

TEST(LedgerInbound, CountsWhatIsInFlightWithItsLoadingPeak) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  EXPECT_EQ(world.ledger.inbound(NodeId{2}, world.policy), gib(3));
  EXPECT_EQ(world.ledger.inbound(NodeId{1}, world.policy), 0);
  world.sample(1);
  EXPECT_EQ(world.ledger.inbound(NodeId{2}, world.policy), gib(3)) << "still loading";
}

TEST(LedgerInbound, CountsWhatLandedUntilASampleShowsIt) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now + seconds{2});
  EXPECT_EQ(world.ledger.inbound(NodeId{2}, world.policy), gib(2));
  world.sample(1);
  EXPECT_EQ(world.ledger.inbound(NodeId{2}, world.policy), 0);
}

TEST(LedgerUnfallen, IsWhatLeftAndTheMetricStillShows) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0) << "it may yet fail";
  world.land(key(11, 5), world.now);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2));

  world.at(1).used = gib(8.5);
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(0.5));

  world.at(1).used = gib(7);
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0) << "fell further";

  world.at(1).used = gib(14);
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2))
      << "grew since, and no more than what left may count";
}

// Live on 2.6.19: the built-in balancer took moves back within four seconds, and the node that was
// as full as before passed for one whose memory had not fallen yet.
TEST(LedgerUnfallen, EndsWhereTheSegmentIsBackOnItsSource) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2));
  world.segment_at(11).node = NodeId{1};
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0);
  EXPECT_THAT(world.ledger.landed(), testing::IsEmpty());
  EXPECT_EQ(world.ledger.touched(NodeId{1}), world.now) << "samples from before are no evidence";
}

TEST(LedgerUnfallen, DoesNotEndByAPictureFromBeforeTheMoveEnded) {
  World world = two_nodes();
  world.sample(1);
  const TimePoint begun = world.now;
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.land(key(11, 5), world.now + seconds{1});
  world.cluster.begun_at = begun;  // it shows the segment on its source still
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2));
}

TEST(LedgerUnfallen, AllowsForWhatCameBySomebodyElsesHand) {
  World world = two_nodes();
  world.segment(12, 5, 2, 2);
  world.sample(2);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.segment_at(12).node = NodeId{1};  // 10 − 2 + 2: as full as before, and rightly so
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0);
}

TEST(LedgerUnfallen, NeverLeavesLessThanTheSegmentsAndWhatTheyDoNotExplain) {
  World world = two_nodes();
  world.segment(12, 5, 1, 7);  // 10 GiB: 9 by segments, 1 besides
  world.sample(2);
  world.ledger.start(world.flight(11, 5, 1, 2, 6));  // said to be larger than it is
  world.land(key(11, 5), world.now);
  world.sample(1);
  EXPECT_EQ(world.ledger.expected(NodeId{1}, world.ledger.samples(NodeId{1}).back(), world.now,
                                  world.policy),
            gib(8));
}

TEST(LedgerDestination, ThatRefusesRestsAndItsSegmentIsNotToBlame) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.destination_refused(key(11, 5), world.now, world.policy);
  EXPECT_THAT(world.ledger.flights(), testing::IsEmpty());
  EXPECT_EQ(world.ledger.history(key(11, 5)), nullptr);
  EXPECT_TRUE(world.ledger.destination_rests(NodeId{2}, world.now));
  EXPECT_FALSE(world.ledger.destination_rests(NodeId{1}, world.now));
  EXPECT_FALSE(
      world.ledger.destination_rests(NodeId{2}, world.now + world.policy.segment_cooldown));
}

TEST(LedgerUnfallen, EndsWhenTheMoveHasSettled) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  const auto unfallen_after = [&](Duration passed) {
    return world.ledger.unfallen(NodeId{1}, world.now + passed, world.policy);
  };
  EXPECT_EQ(unfallen_after(world.policy.settle - seconds{1}), gib(2));
  EXPECT_EQ(unfallen_after(world.policy.settle), 0) << "memory that never falls is used memory";
}

TEST(LedgerUnfallen, HoldsSeveralMovesAgainstWhatWasUsedBeforeTheFirst) {
  World world = two_nodes();
  // What the node needs besides its segments is not known, and sets no bound.
  world.cluster.collections.front().complete = false;
  world.segment(12, 5, 1, 3);
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.at(1).used = gib(9);  // one of two GiB fell
  world.sample(1);
  world.ledger.start(world.flight(12, 5, 1, 2, 3));
  world.land(key(12, 5), world.now);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(4));
}

TEST(LedgerUnfallen, AllowsForWhatArrivedInTheMeantime) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(12, 6, 2, 1, 1));
  world.land(key(12, 6), world.now + seconds{1});
  world.at(1).used = gib(9);  // 10 − 2 + 1: everything fell
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0);
}

TEST(LedgerUnfallen, DoesNotAllowForWhatOneSampleShowsAndTheOtherShowsAsWell) {
  World world = two_nodes();
  world.ledger.start(world.flight(12, 6, 2, 1, 1));
  world.land(key(12, 6), world.now);
  world.sample(1);  // 10 GiB, with the one that arrived
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2));
}

TEST(LedgerUnfallen, DoesNotAllowForWhatArrivedAfterTheSample) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(12, 6, 2, 1, 1));
  world.land(key(12, 6), world.now + seconds{1});
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), gib(2));
}

TEST(LedgerUnfallen, IsNothingWhereTheNodeWasNotSampledBefore) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.sample(1);
  EXPECT_EQ(world.ledger.unfallen(NodeId{1}, world.now, world.policy), 0);
}

TEST(LedgerExpected, IsTheSampleWithWhatComesAndGoesAndNeverNegative) {
  World world = two_nodes();
  world.at(1).used = gib(1);
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  const auto expected = [&](std::int64_t node) {
    const NodeId id{node};
    return world.ledger.expected(id, world.ledger.samples(id).back(), world.now, world.policy);
  };
  EXPECT_EQ(expected(1), 0) << "two left, by estimate, where only one was used";
  EXPECT_EQ(expected(2), gib(6));
}

TEST(LedgerExpected, StopsAtTheLargestNumberInsteadOfOverflowing) {
  constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
  World world = two_nodes();
  world.at(1).used = kMost;
  world.at(2).used = kMost;
  world.sample(1);
  Flight flight = world.flight(11, 5, 1, 2, 0);
  flight.bytes = kMost;
  world.ledger.start(flight);
  flight.segment = SegmentId{12};
  world.ledger.start(flight);
  world.land(key(11, 5), world.now);
  const Sample sample = world.ledger.samples(NodeId{2}).back();
  EXPECT_EQ(world.ledger.expected(NodeId{2}, sample, world.now, world.policy), kMost);
  EXPECT_GE(world.ledger.expected(NodeId{1}, sample, world.now, world.policy), 0);

  flight.bytes = -kMost;
  flight.segment = SegmentId{13};
  world.ledger.start(flight);
  EXPECT_EQ(world.ledger.flights().back().bytes, 0) << "a negative size counts for nothing";
}

TEST(LedgerHistory, RestsASegmentThatFailedTooOften) {
  World world = two_nodes();
  for (int i = 0; i < 3; ++i) {
    const SegmentHistory* before = world.ledger.history(key(11, 5));
    EXPECT_TRUE(before == nullptr || before->resting_until == TimePoint{}) << i;
    world.ledger.start(world.flight(11, 5, 1, 2, 2));
    world.ledger.fail(key(11, 5), world.now, world.policy);
  }
  EXPECT_EQ(world.ledger.history(key(11, 5))->resting_until, world.now + world.policy.failure_rest);
  EXPECT_TRUE(world.ledger.flights().empty());
}

TEST(LedgerHistory, StartsAnewAfterASuccess) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.fail(key(11, 5), world.now, world.policy);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  const SegmentHistory* history = world.ledger.history(key(11, 5));
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->failures, 0);
  EXPECT_EQ(history->last_moved, world.now);
  EXPECT_EQ(history->last_from, NodeId{1});
}

TEST(LedgerHistory, EachFurtherMoveMakesTheRestFourTimesAsLong) {
  World world = two_nodes();
  const auto moved = [&](std::int64_t from, std::int64_t to) {
    world.ledger.start(world.flight(11, 5, from, to, 2));
    world.land(key(11, 5), world.now);
    return cooldown(*world.ledger.history(key(11, 5)), world.policy);
  };
  EXPECT_EQ(moved(1, 2), minutes{10});
  EXPECT_EQ(moved(2, 1), minutes{40});
  EXPECT_EQ(moved(1, 2), minutes{160});
  for (int i = 0; i < 10; ++i) EXPECT_LE(moved(2, 1), minutes{10 * 1024});

  world.now += minutes{4 * 10 * 1024};
  world.ledger.expire(world.cluster, world.now, world.policy);
  EXPECT_EQ(moved(1, 2), minutes{10}) << "that is long ago";
  world.policy.segment_cooldown = Duration::max();
  EXPECT_EQ(moved(2, 1), Duration::max());
}

// Found by worlds with two agents: they took a segment from each other for hours.
TEST(LedgerHistory, AMoveThatSomebodyElseTookBackMakesTheRestLonger) {
  World world = two_nodes();
  const auto rest = [&] { return cooldown(*world.ledger.history(key(11, 5)), world.policy); };
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.now += minutes{1};
  world.ledger.taken_back(key(11, 5), world.now);
  EXPECT_EQ(rest(), minutes{40});
  EXPECT_EQ(world.ledger.history(key(11, 5))->last_moved, world.now);

  world.now += minutes{40};
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  EXPECT_EQ(rest(), minutes{160});

  world.ledger.taken_back(key(12, 5), world.now);
  EXPECT_EQ(cooldown(*world.ledger.history(key(12, 5)), world.policy), minutes{40})
      << "of a move so long ago that it was forgotten";
}

TEST(LedgerHistory, AFailedMoveThatTookEffectAfterAllCountsAsMoved) {
  World world = two_nodes();
  world.sample(1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.fail(key(11, 5), world.now, world.policy);
  world.sample(1);
  EXPECT_EQ(world.ledger.history(key(11, 5))->failures, 1) << "it is still where it was";

  world.segment_at(11).node = NodeId{2};
  world.sample(1);
  const SegmentHistory* history = world.ledger.history(key(11, 5));
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->failures, 0);
  EXPECT_EQ(history->last_moved, world.now);
  EXPECT_EQ(history->last_from, NodeId{1});
  EXPECT_EQ(world.ledger.touched(NodeId{1}), world.now);
  EXPECT_EQ(world.ledger.touched(NodeId{2}), world.now);
}

// Found by a world whose lists do not show what is on its way, on slow disks.
TEST(LedgerGivenUp, KeepsRoomOnTheDestinationUntilItHasSettled) {
  World world = two_nodes();
  world.sample(1);
  const auto kept = [&] { return world.node_verdict(2).may_arrive; };
  const Bytes loading = scaled_up(gib(2), world.policy.loading_peak);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.give_up(key(11, 5), world.now, world.policy);
  EXPECT_EQ(world.ledger.history(key(11, 5))->failures, 1);
  EXPECT_EQ(kept(), loading);
  EXPECT_EQ(world.node_verdict(1).may_arrive, 0);
  world.ledger.expire(world.cluster, world.now + world.policy.settle - seconds{1}, world.policy);
  EXPECT_EQ(kept(), loading);
  world.ledger.expire(world.cluster, world.now + world.policy.settle, world.policy);
  EXPECT_EQ(kept(), 0);
}

TEST(LedgerGivenUp, IsOverWhereItIsSeenThereOrSentOnceMore) {
  World world = two_nodes();
  world.sample(1);
  const auto give_up = [&] {
    world.ledger.start(world.flight(11, 5, 1, 2, 2));
    world.ledger.give_up(key(11, 5), world.now, world.policy);
  };
  give_up();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  EXPECT_EQ(world.node_verdict(2).may_arrive, 0) << "a flight that counts as such";
  give_up();
  EXPECT_GT(world.node_verdict(2).may_arrive, 0);
  world.segment_at(11).node = NodeId{2};
  world.sample(1);
  EXPECT_EQ(world.node_verdict(2).may_arrive, 0);
  world.ledger.give_up(key(12, 5), world.now, world.policy);
  EXPECT_TRUE(world.ledger.given_up().empty()) << "there was no such flight";
}

TEST(LedgerHistory, EndsOfFlightsThatAreNotThereChangeNothing) {
  World world = two_nodes();
  world.land(key(11, 5), world.now);
  world.ledger.fail(key(11, 5), world.now, world.policy);
  world.ledger.drop(key(11, 5));
  EXPECT_EQ(world.ledger.history(key(11, 5)), nullptr);
  EXPECT_TRUE(world.ledger.landed().empty());
}

TEST(LedgerHistory, AStartReplacesAFlightOfTheSameSegment) {
  World world = two_nodes();
  world.node(3, 1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.start(world.flight(11, 5, 1, 3, 2));
  ASSERT_EQ(world.ledger.flights().size(), 1U);
  EXPECT_EQ(world.ledger.flights().front().to, NodeId{3});
}

TEST(LedgerExpiry, ForgetsEndedCoolDownsRestsAndSettledMoves) {
  World world = two_nodes();
  world.segment(12, 5, 1, 1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(12, 5, 1, 2, 1));
  world.ledger.fail(key(12, 5), world.now, world.policy);
  const auto expire_after = [&](Duration passed) {
    world.ledger.expire(world.cluster, world.now + passed, world.policy);
  };

  expire_after(minutes{4});
  EXPECT_EQ(world.ledger.landed().size(), 1U);
  expire_after(minutes{5});
  EXPECT_TRUE(world.ledger.landed().empty());
  EXPECT_NE(world.ledger.history(key(11, 5)), nullptr);
  expire_after(minutes{39});
  EXPECT_NE(world.ledger.history(key(11, 5)), nullptr) << "a move now would be its second";
  expire_after(minutes{40});
  EXPECT_EQ(world.ledger.history(key(11, 5)), nullptr);
  EXPECT_NE(world.ledger.history(key(12, 5)), nullptr) << "its failure still counts";
  expire_after(minutes{60});
  EXPECT_EQ(world.ledger.history(key(12, 5)), nullptr);
}

// Found by the worlds: a segment that took nine minutes to load went to and fro for ever.
TEST(LedgerExpiry, AMoveThatTakesLongStillFollowsUponTheLastOne) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.now += minutes{30};
  world.ledger.start(world.flight(11, 5, 2, 1, 2));
  world.now += minutes{30};
  world.ledger.expire(world.cluster, world.now, world.policy);
  world.land(key(11, 5), world.now);
  EXPECT_EQ(cooldown(*world.ledger.history(key(11, 5)), world.policy), minutes{40});
}

TEST(Trap07SegmentIdsChangeUnderYou, TheLedgerForgetsSegmentsThatAreGone) {
  World world = two_nodes();
  world.segment(12, 5, 1, 1);
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(12, 5, 1, 2, 1));

  world.cluster.segments.clear();
  world.segment(13, 5, 2, 3);  // 11 and 12, compacted
  world.cluster.collections.front().complete = false;
  world.ledger.expire(world.cluster, world.now + world.policy.segment_cooldown, world.policy);
  EXPECT_NE(world.ledger.history(key(11, 5)), nullptr) << "it may only not have been read";
  EXPECT_EQ(world.ledger.flights().size(), 1U) << "nor the other one";

  world.cluster.collections.front().complete = true;
  world.ledger.expire(world.cluster, world.now, world.policy);
  EXPECT_NE(world.ledger.history(key(11, 5)), nullptr);
  EXPECT_EQ(world.ledger.flights().size(), 1U) << "they may be changing hands at this moment";

  world.ledger.expire(world.cluster, world.now + world.policy.settle, world.policy);
  EXPECT_TRUE(world.ledger.flights().empty());
  world.ledger.expire(world.cluster, world.now + world.policy.segment_cooldown, world.policy);
  EXPECT_EQ(world.ledger.history(key(11, 5)), nullptr);
}

TEST(LedgerHandover, HasWhatWasMovedAndNotWhatEachAgentSees) {
  World world = two_nodes();
  world.segment(12, 5, 1, 1);
  world.sample();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(12, 5, 1, 2, 1));
  world.ledger.remember({ReplicaId{5}});
  const Ledger left = world.ledger.handover();
  EXPECT_TRUE(left.samples(NodeId{1}).empty());

  World other = two_nodes();
  other.sample();
  const auto samples = other.ledger.samples(NodeId{1}).size();
  ASSERT_GT(samples, 0U);
  other.ledger.start(other.flight(99, 5, 1, 2, 1));  // of its own, from long ago
  other.ledger.take_over(left);
  EXPECT_EQ(other.ledger.samples(NodeId{1}).size(), samples);
  ASSERT_EQ(other.ledger.flights().size(), 1U);
  EXPECT_EQ(other.ledger.flights().front().segment, SegmentId{12});
  EXPECT_EQ(other.ledger.landed().size(), 1U);
  EXPECT_NE(other.ledger.history(key(11, 5)), nullptr);
  EXPECT_EQ(other.ledger.touched(NodeId{2}), world.ledger.touched(NodeId{2}));
  EXPECT_TRUE(other.ledger.levelling(ReplicaId{5}));
}

TEST(LedgerHandover, KeepsTheHistoriesThatChangedLast) {
  World world = two_nodes();
  for (std::int64_t id = 11; id <= 14; ++id) {
    world.now += seconds{1};
    world.ledger.start(world.flight(id, 5, 1, 2, 1));
    world.ledger.fail(key(id, 5), world.now, world.policy);
  }
  world.ledger.keep_newest_histories(4);
  EXPECT_EQ(world.ledger.histories().size(), 4U);
  world.ledger.keep_newest_histories(1);
  ASSERT_EQ(world.ledger.histories().size(), 1U);
  EXPECT_NE(world.ledger.history(key(14, 5)), nullptr);
}

TEST(Ledger, ACallThatWasNotSentLeavesNothing) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.land(key(11, 5), world.now);
  world.ledger.start(world.flight(11, 5, 2, 1, 2));
  world.ledger.withdraw(key(11, 5));
  EXPECT_TRUE(world.ledger.flights().empty());
  ASSERT_NE(world.ledger.history(key(11, 5)), nullptr);
  EXPECT_EQ(world.ledger.history(key(11, 5))->failures, 0);
}

TEST(Trap07SegmentIdsChangeUnderYou, AFlightWhoseSegmentIsGoneIsNeitherSuccessNorFailure) {
  World world = two_nodes();
  world.ledger.start(world.flight(11, 5, 1, 2, 2));
  world.ledger.drop(key(11, 5));
  EXPECT_TRUE(world.ledger.flights().empty());
  EXPECT_TRUE(world.ledger.landed().empty());
  EXPECT_EQ(world.ledger.history(key(11, 5)), nullptr);
}

}  // namespace
}  // namespace evenkeel::rules::test::ledger_test
