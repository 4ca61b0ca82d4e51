#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/rules/moving_world.hpp"

namespace evenkeel::rules::test::weights_test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Weights, AreOneWhereNothingWasLearned) {
  const Weights weights;
  EXPECT_EQ(weights.of(kBook), 1);
  EXPECT_EQ(weights.weight(kBook).observations, 0);
}

TEST(Weights, AreLearnedExactlyWhereTheMemoryFollowsExactly) {
  for (const double truth : {0.7, 1.0, 1.8, 2.5}) {
    Moving world;
    world.truth[kBook] = truth;
    world.move_singly(4);
    EXPECT_NEAR(world.weights.of(kBook), truth, 1e-6);
    EXPECT_EQ(world.weights.weight(kBook).observations, 4);
    EXPECT_NEAR(world.weights.weight(kBook).deviation, 0, 1e-6);
    EXPECT_EQ(world.weights.of(kFilm), 1) << "nothing of it was moved";
  }
}

TEST(Weights, DoNotApplyBeforeThreeObservations) {
  Moving world;
  world.truth[kBook] = 2;
  world.move_singly(2);
  EXPECT_EQ(world.weights.weight(kBook).observations, 2);
  EXPECT_EQ(world.weights.of(kBook), 1);
  world.move_singly(1);
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
}

TEST(Weights, OfABatchAreOneObservation) {
  Moving world;
  world.truth[kBook] = 1.5;
  world.move({11, 12, 13}, 2);
  EXPECT_EQ(world.weights.weight(kBook).observations, 1);
  world.move({14, 15}, 3);
  world.move({16}, 4);
  EXPECT_NEAR(world.weights.of(kBook), 1.5, 1e-6);
}

TEST(Weights, GoByTheStatedBytesWhateverTheSizesWereCorrectedBy) {
  Moving world;
  world.truth[kBook] = 2;
  world.move_singly(3);
  for (Collection& collection : world.cluster.collections) {
    if (collection.id == kBook) collection.correction = world.weights.of(kBook);
  }
  for (Segment& segment : world.cluster.segments) {
    if (segment.collection == kBook) segment.bytes *= 2;
  }
  world.move_singly(9);
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
  EXPECT_EQ(world.weights.weight(kBook).observations, 9) << "the newest ones";
}

TEST(Weights, AreBounded) {
  Moving heavy;
  heavy.truth[kBook] = 5;
  heavy.move_singly(4);
  EXPECT_EQ(heavy.weights.of(kBook), kMostFactor);
  Moving light;
  light.truth[kBook] = 0.4;
  light.move_singly(4);
  EXPECT_EQ(light.weights.of(kBook), kLeastFactor);
}

TEST(Weights, IgnoreRisesThatNoMoveCanHaveCaused) {
  for (const double truth : {0.0, 0.2, 9.0}) {
    Moving world;
    world.truth[kBook] = truth;
    world.move_singly(4);
    EXPECT_EQ(world.weights.weight(kBook).observations, 0) << truth;
  }
}

TEST(Weights, WithstandALiarAmongTheObservations) {
  Moving world;
  world.truth[kBook] = 2;
  for (std::int64_t i = 0; i < 9; ++i) {
    // Node 4 shows the machine's memory, which the other nodes' moves change as well.
    const std::int64_t to = 2 + i % 3;
    world.move({11 + i}, to, to == 4 ? 1.9 : 0);
  }
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
}

TEST(Weights, ThatContradictEachOtherTeachNothing) {
  Moving world;
  for (std::int64_t i = 0; i < 8; ++i) world.move({11 + i}, 2 + i % 3, i % 2 == 0 ? 1.5 : -0.4);
  EXPECT_EQ(world.weights.weight(kBook).observations, 8);
  EXPECT_GT(world.weights.weight(kBook).deviation, 0.25);
  EXPECT_EQ(world.weights.of(kBook), 1);
}

TEST(Issue23367MemoryOfTheOldNodeDoesNotFall, AndTeachesNothing) {
  Moving world;
  world.truth[kBook] = 2;
  world.source_falls = false;
  world.move_singly(4);
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
  EXPECT_EQ(world.weights.weight(kBook).observations, 4) << "one of each destination alone";
}

TEST(Weights, AreNotLearnedFromANodeThatSomethingLeftALittleBefore) {
  Moving world;
  world.move({11}, 2);
  ASSERT_EQ(world.weights.weight(kBook).observations, 1);
  world.pause = minutes{2};
  world.source_falls = false;
  world.move({11}, 3);  // its memory on node 2 may fall while the next segment arrives there
  ASSERT_EQ(world.weights.weight(kBook).observations, 2);
  world.move({12}, 2);
  EXPECT_EQ(world.weights.weight(kBook).observations, 2);
}

TEST(Weights, AreNotLearnedFromTwoCollectionsAtOnce) {
  Moving world;
  world.truth = {{kBook, 2}, {kFilm, 0.8}};
  for (std::int64_t i = 0; i < 4; ++i) world.move({11 + i, 111 + i}, 2 + i % 3);
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
  EXPECT_EQ(world.weights.weight(kFilm).observations, 0);
  for (std::int64_t i = 4; i < 8; ++i) {
    world.move({11 + i}, 2 + i % 3);
    world.move({111 + i}, 2 + i % 3);
  }
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
  EXPECT_NEAR(world.weights.of(kFilm), 0.8, 1e-6);
}

TEST(Weights, AreNotLearnedWhereAnotherHandLoadedOrReleasedSomething) {
  for (const std::int64_t rows : {-1000, 1000}) {
    Moving world;
    world.segment(91, 6, 2, 1);
    world.observe(30);
    for (std::int64_t i = 0; i < 4; ++i) {
      world.segment_at(91).rows += rows;  // while the move is under way
      world.move({11 + i}, 2);
    }
    EXPECT_EQ(world.weights.weight(kBook).observations, 0) << rows;
  }
}

TEST(Weights, AreNotLearnedFromMovesThatAreSmallAgainstTheNodesMemory) {
  Moving world;
  for (std::int64_t i = 0; i < 4; ++i) {
    world.segment(81 + i, 5, 1, 0.25);  // of 30 GiB
    world.observe(5);
    world.move({81 + i}, 2 + i % 3);
  }
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
}

TEST(Weights, AreNotLearnedFromMovesThatDisappearInADrift) {
  for (const double drift_gib : {0.005, 0.2}) {
    Moving world;
    world.truth[kBook] = 2;
    const auto drift = [&](int times) {
      for (int i = 0; i < times; ++i) {
        for (const std::int64_t id : {2, 3, 4}) world.at(id).used += gib(drift_gib);
        world.observe();
      }
    };
    drift(12);
    world.pause = Duration{0};
    for (std::int64_t i = 0; i < 5; ++i) {
      world.move({11 + i}, 2 + i % 3);
      drift(16);
    }
    if (drift_gib > 0.1) {
      EXPECT_EQ(world.weights.weight(kBook).observations, 0);
    } else {
      EXPECT_EQ(world.weights.weight(kBook).observations, 5);
      EXPECT_NEAR(world.weights.of(kBook), 2, 0.03);
    }
  }
}

TEST(Weights, AreNotLearnedFromMovesThatTakeSoLongThatADriftAddsUp) {
  Moving world;
  world.pause = Duration{0};
  const auto drift = [&](int times) {
    for (int i = 0; i < times; ++i) {
      world.at(2).used += gib(0.02);
      world.observe();
    }
  };
  for (std::int64_t i = 0; i < 4; ++i) {
    drift(8);
    world.ledger.start(world.flight(11 + i, 5, 1, 2, 1));
    drift(40);
    world.move({11 + i}, 2);  // the same flight, at last
    drift(2);
  }
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
}

TEST(Weights, AreLearnedOnlyWhereThreeSamplesShowHowStillTheMemoryKeeps) {
  for (const auto& [pause, learned] : {std::pair(seconds{45}, 1), std::pair(seconds{60}, 2)}) {
    Moving world;
    world.pause = pause;
    world.move({11}, 2);  // seen in calm from the second sample on
    world.move({12}, 2);
    EXPECT_EQ(world.weights.weight(kBook).observations, learned) << pause.count();
  }
}

TEST(Weights, AreLearnedWhileGrowingSegmentsGrow) {
  Moving world;
  world.truth[kBook] = 2;
  world.segment(91, 6, 2, 0);
  world.segment_at(91).state = SegmentState::growing;
  for (std::int64_t i = 0; i < 3; ++i) {
    world.segment_at(91).rows += 1000;
    world.move({11 + i}, 2);
  }
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
}

TEST(Weights, AreNotDisturbedByAClusterThatWasReadInPart) {
  Moving world;
  world.segment_at(111).node = NodeId{2};  // by another hand
  world.observe(4);
  const std::vector<Segment> all = world.cluster.segments;
  std::erase_if(world.cluster.segments,
                [](const Segment& each) { return each.collection == kFilm; });
  world.cluster.collections.back().complete = false;
  world.observe();
  world.cluster.segments = all;
  world.cluster.collections.back().complete = true;
  world.observe(3);
  world.move({11}, 2);
  EXPECT_EQ(world.weights.weight(kBook).observations, 1);
}

TEST(Weights, WaitUntilTheDestinationsMemoryHasRisen) {
  Moving world;
  world.truth[kBook] = 2;
  world.pause = Duration{0};
  world.move({11}, 2);
  world.observe(1);  // 15 s after
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
  world.observe(1);
  EXPECT_EQ(world.weights.weight(kBook).observations, 1);
}

TEST(Weights, OfOneOfTwoBatchesWithoutAPauseAreLearnedTogether) {
  Moving world;
  world.truth[kBook] = 2;
  world.pause = Duration{0};
  world.move({11}, 2);
  world.move({12}, 2, 0.5);
  world.observe(2);
  EXPECT_EQ(world.weights.weight(kBook).observations, 1) << "no sample lies between them";
}

TEST(Weights, StartAnewWhenTheStatedBytesPerRowChange) {
  Moving world;
  world.truth[kBook] = 2;
  world.move_singly(4);
  const auto state = [&](double row_bytes) {
    for (Collection& collection : world.cluster.collections) collection.row_bytes = row_bytes;
    world.observe();
  };
  state(512 * 1.05);
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6) << "within the margin";
  state(1024);
  EXPECT_EQ(world.weights.of(kBook), 1);
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
  world.move_singly(3);
  EXPECT_NEAR(world.weights.of(kBook), 1, 1e-6) << "2 × 512 bytes is what is stated now";
}

TEST(Weights, OfACollectionThatIsGoneAreForgottenIfTheClusterWasReadCompletely) {
  Moving world;
  world.truth[kBook] = 2;
  world.move_singly(3);
  const Cluster before = world.cluster;
  world.cluster.collections.clear();
  world.cluster.segments.clear();
  world.cluster.coordinator_complete = false;
  world.observe();
  EXPECT_NEAR(world.weights.of(kBook), 2, 1e-6);
  world.cluster.coordinator_complete = true;
  world.observe();
  world.cluster.collections = before.collections;
  world.cluster.segments = before.segments;
  world.observe();
  EXPECT_EQ(world.weights.of(kBook), 1);
}

TEST(Weights, AreNotLearnedFromSizesThatWereReportedForTheVerySegment) {
  Moving world;
  world.truth[kBook] = 2;
  for (Segment& segment : world.cluster.segments) segment.size_source = SizeSource::reported;
  world.move_singly(4);
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
}

TEST(Trap07SegmentIdsChangeUnderYou, AMoveWhoseSegmentIsCompactedTeachesNothing) {
  Moving world;
  world.pause = Duration{0};
  for (std::int64_t i = 0; i < 4; ++i) {
    world.move({11 + i}, 2);
    world.segment_at(11 + i).id = SegmentId{1000 + i};
    world.observe(40);
  }
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
}

TEST(Weights, AreNotLearnedWhereAnotherHandMovedOnWhatArrived) {
  Moving world;
  world.pause = Duration{0};
  for (std::int64_t i = 0; i < 4; ++i) {
    world.move({11 + 2 * i, 12 + 2 * i}, 2);
    world.segment_at(11 + 2 * i).node = NodeId{3};  // and its memory is still on node 2
    world.pass(minutes{6});
  }
  EXPECT_EQ(world.weights.weight(kBook).observations, 0);
}

TEST(Weights, NeitherOverflowNorTurnIntoNoNumber) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const double sizes[] = {
      0,     -1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
      1e300, 512};
  for (const double row_bytes : sizes) {
    for (const std::int64_t rows : {kMost, std::int64_t{-7}, std::int64_t{0}}) {
      Moving world;
      for (Collection& collection : world.cluster.collections) collection.row_bytes = row_bytes;
      world.truth[kBook] = 0;
      for (std::int64_t i = 0; i < 4; ++i) {
        world.segment_at(11 + i).rows = rows;
        world.segment_at(11 + i).bytes = kMost;
        world.observe(25);
        world.at(2).used = i % 2 == 0 ? kMost : 0;
        world.move({11 + i}, 2);
      }
      EXPECT_GE(world.weights.of(kBook), kLeastFactor * kLeastBound) << row_bytes << ' ' << rows;
      EXPECT_LE(world.weights.of(kBook), 1) << row_bytes << ' ' << rows;
    }
  }
}

// The same four batches, in another order and with every list of the cluster shuffled.
TEST(Weights, DoNotDependOnAnyOrder) {
  std::vector<std::pair<std::int64_t, double>> batches{{11, 0}, {12, 0.1}, {13, -0.05}, {14, 0.02}};
  std::optional<Weight> first;
  std::mt19937_64 random(7);
  for (int i = 0; i < 10; ++i) {
    Moving world;
    world.truth[kBook] = 1.7;
    for (const auto& [id, noise] : batches) {
      std::shuffle(world.cluster.nodes.begin(), world.cluster.nodes.end(), random);
      std::shuffle(world.cluster.segments.begin(), world.cluster.segments.end(), random);
      std::shuffle(world.cluster.collections.begin(), world.cluster.collections.end(), random);
      world.move({id}, 2, noise);
    }
    const Weight weight = world.weights.weight(kBook);
    if (!first) first = weight;
    EXPECT_NEAR(weight.factor, first->factor, 1e-9);
    EXPECT_NEAR(weight.deviation, first->deviation, 1e-9);
    std::shuffle(batches.begin(), batches.end(), random);
  }
}

// IVF_PQ, DiskANN, mapped files: what is stated is many times what is in memory.
struct Bounded : World {
  Weights weights;

  // Eighteen segments on node 1 and five on each other node, of 8 GiB as stated each, 0.8 in
  // memory.
  Bounded() {
    node(1, 15).node(2, 4.4).node(3, 4.4).replica(5, 100, {1, 2, 3});
    for (std::int64_t id = 0; id < 18; ++id) segment(11 + id, 5, 1, 8);
    for (std::int64_t id = 0; id < 5; ++id) segment(51 + id, 5, 2, 8).segment(61 + id, 5, 3, 8);
  }
  void look(int times = 1) {
    for (int i = 0; i < times; ++i) {
      sample(1);
      weights.observe(cluster, ledger, policy);
    }
  }
};

TEST(WeightsBound, IsWhatTheNodesMemoryAllows) {
  Bounded world;
  world.look();
  // 15 ÷ 144 on node 1, 4.4 ÷ 40 on the others: the second lowest, and a margin.
  EXPECT_NEAR(world.weights.of(kBook), 1.05 * 4.4 / 40, 1e-9);
  EXPECT_EQ(world.weights.weight(kBook).bound, world.weights.of(kBook));
}

TEST(WeightsBound, HoldsForReportedSizesToo) {
  Bounded world;
  for (Segment& segment : world.cluster.segments) segment.size_source = SizeSource::reported;
  world.look();
  EXPECT_LT(world.weights.weight(kBook).bound, 0.2);
}

TEST(WeightsBound, GoesByWhatWasStatedAndNotByWhatItMadeOfIt) {
  Bounded world;
  world.look();
  const double first = world.weights.of(kBook);
  for (Segment& segment : world.cluster.segments) {
    segment.stated = segment.bytes;
    segment.bytes = static_cast<Bytes>(static_cast<double>(segment.bytes) * first);
  }
  world.look(5);
  EXPECT_EQ(world.weights.of(kBook), first);
}

TEST(WeightsBound, RisesAtOnceAndFallsBySteps) {
  Bounded world;
  world.look();
  const double first = world.weights.of(kBook);
  for (Node& node : world.cluster.nodes) node.used = node.used * 95 / 100;
  world.look();
  EXPECT_EQ(world.weights.of(kBook), first) << "a little less is nothing new";
  for (Node& node : world.cluster.nodes) node.used = node.used * 13 / 10;
  world.look();
  EXPECT_GT(world.weights.of(kBook), first * 1.2);
}

// A segment that has just come is listed before its memory shows.
TEST(WeightsBound, WaitsUntilWhatCameIsInTheMemory) {
  Bounded world;
  world.look(3);
  const double before = world.weights.of(kBook);
  for (std::int64_t id = 0; id < 40; ++id)
    world.segment(200 + id, 5, 2, 8).segment(300 + id, 5, 3, 8);
  world.look();
  EXPECT_EQ(world.weights.of(kBook), before) << "45 segments and 4.4 GiB prove nothing yet";
}

// While moves go on, the nodes that showed it are not calm.
TEST(WeightsBound, StaysWhileTheNodesThatShowedItAreBusy) {
  Bounded world;
  world.look();
  const double before = world.weights.of(kBook);
  world.ledger.start(world.flight(11, 5, 1, 2, 8));
  for (Node& node : world.cluster.nodes) node.used = gib(15.5);
  world.look();
  EXPECT_EQ(world.weights.of(kBook), before);
}

TEST(WeightsBound, OneNodeThatIsReadWronglyDoesNotSetIt) {
  Bounded world;
  world.at(2).used = gib(0.1);
  world.look();
  EXPECT_GE(world.weights.of(kBook), 15.0 / 144);
}

TEST(WeightsBound, MovesMayLowerItNoFurtherThanAPlanAllows) {
  Moving world;
  world.truth[kBook] = 0.01;  // into memory that the allocator had kept
  world.move_singly(4);
  EXPECT_GE(world.weights.of(kBook), kLeastFactor * world.weights.weight(kBook).bound);
}

}  // namespace
}  // namespace evenkeel::rules::test::weights_test
