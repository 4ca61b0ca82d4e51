// What people report of Milvus's own balancers (the numbers are its issues), each as a world in
// which this agent does better.

#include "agent/util/asio.hpp"

#include "tests/sim/scene.hpp"

namespace evenkeel::sim::complaints_test {
namespace {

TEST(Complaint40971, RowsAreNotBytes) {
  // As many rows on each node, and yet 72 % against 8 %.
  Scene scene = Scene().nodes(1, 2).collection(1, {1}, 16 * kRow).segments(11, 1, {1});
  scene.collection(2, {1}, kRow).segments(11, 1.0 / 16, {2});
  Simulation run(scene.world);
  EXPECT_GT(run.worst_spread(), 0.60);
  expect_levelled(run);
  EXPECT_LE(run.worst_spread(), 0.30);
}

TEST(Complaint17040And18644, ADifferenceOver30PercentIsLevelled) {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(9, 1, {1}).segments(3, 1, {2});
  Simulation run(scene.world);
  EXPECT_GT(run.worst_spread(), 0.30);
  expect_levelled(run);
  EXPECT_EQ(run.checker().sent().size(), 2u) << "and with no more moves than it takes";
}

// A whole day of noise and of traffic that comes and goes, around a difference near the mark.
TEST(Complaint44048And44840And52092, NoPingPong) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(9, 1, {1}).segments(4, 1, {2});
  scene.segments(4, 1, {3});
  for (int hour = 0; hour < 24; ++hour) {
    scene.at(hour * 1h, Happening::traffic, 1 + hour % 3, 40min, 0, 2 * kGiB);
  }
  scene.world.manners.noise = 0.02;
  scene.world.busy = 24h;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_LE(run.checker().sent().size(), 6u) << "not 180 a day";
}

TEST(Complaint51244, NoMoveIsUndoneByAnother) {
  Scene scene = Scene().nodes(1, 5).collection(1).segments(24, 0.5, {1}).segments(6, 0.5, {2});
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_EQ(most_often_sent(run), 1) << "each segment that moves moves once, to where it stays";
}

TEST(Complaint37651And38718, NotEverythingGoesToTheNewNode) {
  Scene scene = Scene().nodes(1, 2).collection(1).segments(10, 1, {1}).segments(10, 1, {2});
  scene.at(2min, Happening::node_joins, 3, 0s, 1, 16 * kGiB);
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(ratio(run, 3), std::max(ratio(run, 1), ratio(run, 2)));
}

TEST(Complaint15404And32714, TheNewNodeDoesNotStayEmpty) {
  Scene scene = Scene().nodes(1, 3).collection(1);
  for (const int node : {1, 2, 3}) scene.segments(9, 1, {node});
  scene.at(10min, Happening::node_joins, 4, 0s, 1, 16 * kGiB);
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_GT(ratio(run, 4), 0.25);
}

// The moves of one collection hang, each until its deadline: those of the other go on.
TEST(Complaint23604, OneStuckTaskDoesNotBlockTheRest) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(6, 1, {1});
  scene.collection(2).segments(6, 1, {1});
  scene.at(0s, Happening::stuck_task, 0, 3h);
  scene.world.busy = 3h;
  Simulation run(scene.world);
  run.pass(2h);
  int others = 0;
  for (const Sent& sent : run.checker().sent()) {
    others += sent.move.collection == CollectionId{2} ? 1 : 0;
  }
  EXPECT_GE(others, 2);
  EXPECT_LE(run.worst_spread(), 0.60);
  expect_no_violation(run);
}

TEST(Complaint23367, MemoryThatDoesNotFallAtOnceIsWaitedFor) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(14, 1, {1});  // 91 %
  scene.world.settings.balance.policy.max_difference = 0.9;              // relief alone
  scene.world.manners.kept = 1;
  scene.world.manners.fall = 5min - 10s;
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(run.checker().sent().size(), 1u);
}

TEST(Complaint30191And32621, AnOverloadIsRelievedBeforeTheNodeIsOutOfMemory) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(14, 1, {1}).segments(11, 1, {2});
  scene.world.manners.peak = 1.5;
  Simulation run(scene.world);
  EXPECT_GT(run.highest_ratio(), 0.9);
  run.pass(2min);
  EXPECT_LE(run.highest_ratio(), 0.9) << "two minutes are enough";
  expect_levelled(run);
}

// Each node in its turn leaves, and a new one comes in its place.
TEST(Complaint41230And33103, ARotationOfAllNodesGoesThrough) {
  Scene scene = Scene().nodes(1, 3).collection(1);
  for (const int node : {1, 2, 3}) scene.segments(6, 1, {node});
  for (int i = 0; i < 3; ++i) {
    const Duration begun = (2 + 5 * i) * 1min;
    scene.at(begun, Happening::node_joins, 4 + i, 0s, 1 + i, 16 * kGiB);
    scene.at(begun + 30s, Happening::node_leaves, 1 + i, 2min);
  }
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.outcome(), loop::Outcome::balanced);
  for (const int node : {4, 5, 6}) EXPECT_GT(ratio(run, node), 0.1);
}

// The built-in balancer, which evens rows out, undoes what was levelled by bytes.
TEST(ComplaintTrap12, TheOtherBalancerIsNotFoughtWithinTheCoolDown) {
  Scene scene = Scene().nodes(1, 2).collection(1, {1}, 16 * kRow).segments(11, 1, {1});
  scene.collection(2, {1}, kRow).segments(11, 1.0 / 16, {2});
  scene.at(0s, Happening::builtin_balancer, 0, 1h);
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_LE(most_often_sent(run), 7) << "once in ten minutes at most";
}

}  // namespace
}  // namespace evenkeel::sim::complaints_test
