// An inventory that follows its cluster from one observation to the next is what one made anew from
// the last would be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "rules/planner/planner.hpp"
#include "tests/rules/inventory_dump.hpp"
#include "tests/rules/random_world.hpp"
#include "tests/seeds.hpp"

namespace evenkeel::rules::test::follow_test {
namespace {

constexpr std::uint64_t kSeeds = evenkeel::test::seeds(150);
constexpr int kSteps = 12;

// What happens to a cluster between two observations: a little, so that it can be followed, or so
// much that it cannot.
class Events {
 public:
  explicit Events(RandomWorld& random) : random_(random) {}

  void happen(Cluster& cluster) {
    for (std::int64_t count = random_.between(0, 4); count > 0; --count) {
      if (!cluster.segments.empty()) change(random_.any_of(cluster.segments), cluster);
    }
    if (random_.chance(30)) frame(cluster);
  }

 private:
  void change(Segment& segment, const Cluster& cluster) {
    switch (random_.between(0, 9)) {
      case 0:
        segment.bytes += random_.between(-1000, 1000);
        break;
      case 1:
        segment.bytes = random_.chance(50) ? 0 : -segment.bytes;
        break;
      case 2:
        segment.rows = -segment.rows;
        break;
      case 3:
        segment.state = static_cast<SegmentState>(random_.between(0, 3));
        break;
      case 4:
        segment.id = SegmentId{random_.between(5000, 5100)};
        break;
      case 5:
        segment.node = NodeId{random_.between(1, 14)};
        break;
      case 6:
        segment.replica = ReplicaId{random_.between(499, 508)};
        break;
      default:
        become_a_twin(segment, cluster);
        break;
    }
  }

  void become_a_twin(Segment& segment, const Cluster& cluster) {
    const NodeId node = segment.node;
    segment = cluster.segments[static_cast<std::size_t>(
        random_.between(0, static_cast<std::int64_t>(cluster.segments.size()) - 1))];
    if (random_.chance(50)) segment.node = node;
    if (random_.chance(20)) segment.bytes += 1;
  }

  void frame(Cluster& cluster) {
    switch (random_.between(0, 7)) {
      case 0:
        random_.shuffle(cluster);
        break;
      case 1:
        if (!cluster.segments.empty()) cluster.segments.pop_back();
        break;
      case 2:
        if (!cluster.segments.empty()) cluster.segments.push_back(cluster.segments.front());
        break;
      case 3:
        cluster.nodes.push_back(cluster.nodes.front());
        cluster.nodes.back().id = NodeId{random_.between(1, 14)};
        break;
      case 4:
        if (cluster.nodes.size() > 1) cluster.nodes.pop_back();
        break;
      case 5:
        cluster.collections.front().complete = !cluster.collections.front().complete;
        break;
      case 6:
        cluster.replicas.push_back(cluster.replicas.front());
        cluster.replicas.back().collection = CollectionId{random_.between(100, 104)};
        break;
      default:
        random_.any_of(cluster.replicas).nodes.push_back(NodeId{random_.between(1, 14)});
        break;
    }
  }

  RandomWorld& random_;
};

std::shared_ptr<const Cluster> copy_of(const Cluster& cluster) {
  return std::make_shared<const Cluster>(cluster);
}

std::vector<std::string> words_of(const Plan& plan, const Policy& policy) {
  std::vector<std::string> lines;
  for (const Move& move : plan.moves) lines.push_back(words(move));
  for (const RejectedMove& each : plan.rejected) lines.push_back(words(each, policy));
  for (const Unfixable& each : plan.unfixable) lines.push_back(words(each));
  return lines;
}

TEST(Follow, IsTheSameAsMakingItAnew) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    Cluster cluster = random.healthy().cluster;
    Inventory followed(copy_of(cluster));
    Events events(random);
    for (int step = 0; step < kSteps; ++step) {
      events.happen(cluster);
      followed.follow(copy_of(cluster));
      ASSERT_EQ(all_of(followed), all_of(Inventory(copy_of(cluster)))) << "step " << step;
    }
  }
}

TEST(Follow, PlansTheSameAsMakingItAnew) {
  std::uint64_t planned = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World world = random.healthy();
    Inventory followed(copy_of(world.cluster));
    Events events(random);
    for (int step = 0; step < 3; ++step) {
      events.happen(world.cluster);
      world.sample(1);
      followed.follow(copy_of(world.cluster));
      const Judgement judgement = judge(followed, world.policy, world.ledger, world.now);
      const Plan plan = rules::plan(followed, judgement, world.policy, world.ledger, world.now);
      const Plan anew = world.planned();
      ASSERT_EQ(words_of(plan, world.policy), words_of(anew, world.policy)) << "step " << step;
      if (!anew.moves.empty()) ++planned;
    }
  }
  EXPECT_GT(planned, kSeeds / 5) << "else it was shown of nothing";
}

World hundred_segments() {
  World world;
  world.node(1, 4).node(2, 4).replica(5, 100, {1, 2});
  for (int i = 0; i < 100; ++i) world.segment(1000 + i, 5, 1 + i % 2, 0.01 + 0.01 * (i / 4));
  return world;
}

TEST(Follow, SeesEachKindOfChangeOfOneSegment) {
  const auto expect_seen = [](void (*change)(Segment&)) {
    World world = hundred_segments();
    Inventory followed(copy_of(world.cluster));
    const std::vector<std::string> before = all_of(followed);
    change(world.segment_at(1050));
    followed.follow(copy_of(world.cluster));
    EXPECT_NE(all_of(followed), before);
    EXPECT_EQ(all_of(followed), all_of(Inventory(copy_of(world.cluster))));
  };
  expect_seen([](Segment& segment) { segment.id = SegmentId{7}; });
  expect_seen([](Segment& segment) { segment.id = SegmentId{1051}; });
  expect_seen([](Segment& segment) { segment.node = NodeId{2}; });
  expect_seen([](Segment& segment) { segment.node = NodeId{3}; });
  expect_seen([](Segment& segment) { segment.bytes += 1; });
  expect_seen([](Segment& segment) { segment.bytes = 0; });
  expect_seen([](Segment& segment) { segment.state = SegmentState::loading; });
  expect_seen([](Segment& segment) { segment.replica = ReplicaId{6}; });
  expect_seen([](Segment& segment) { segment.collection = CollectionId{7}; });
}

TEST(Follow, SeesThatTwinsContradictEachOtherInTheirRowsAlone) {
  World world = hundred_segments();
  world.cluster.segments[50] = world.cluster.segments[48];
  Inventory followed(copy_of(world.cluster));
  ++world.cluster.segments[50].rows;
  followed.follow(copy_of(world.cluster));
  EXPECT_EQ(all_of(followed), all_of(Inventory(copy_of(world.cluster))));
}

TEST(Follow, TwinsComeAndGo) {
  World world = hundred_segments();
  const Cluster before = world.cluster;
  Inventory followed(copy_of(world.cluster));
  for (const std::size_t other : {40U, 41U, 42U}) {  // four copies of one segment
    world.cluster.segments[other] = world.cluster.segments[50];
    world.cluster.segments[other].node = NodeId{other == 41 ? 2 : 1};
    followed.follow(copy_of(world.cluster));
    ASSERT_EQ(all_of(followed), all_of(Inventory(copy_of(world.cluster)))) << other;
  }
  for (const std::size_t other : {50U, 41U, 40U, 42U}) {
    world.cluster.segments[other] = before.segments[other];
    if (other == 50) world.cluster.segments[other].id = SegmentId{7};
    followed.follow(copy_of(world.cluster));
    ASSERT_EQ(all_of(followed), all_of(Inventory(copy_of(world.cluster)))) << other;
  }
}

TEST(Follow, WhatDoesNotMatterChangesNothing) {
  World world = hundred_segments();
  Inventory followed(copy_of(world.cluster));
  const std::vector<std::string> before = all_of(followed);
  world.segment_at(1050).partition = PartitionId{3};
  world.at(1).used = gib(9);
  const auto next = copy_of(world.cluster);
  followed.follow(next);
  EXPECT_EQ(all_of(followed), before);
  EXPECT_EQ(&followed.cluster(), next.get()) << "it is of the last cluster all the same";
  EXPECT_EQ(followed.segment(key(1050, 5))->partition, PartitionId{3});
}

}  // namespace
}  // namespace evenkeel::rules::test::follow_test
