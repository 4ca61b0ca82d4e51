// What is particular to the versions of Milvus after 2.3, each as a world in which the agent must
// do no harm by it and still do its work.

#include "agent/util/asio.hpp"

#include "tests/sim/scene.hpp"

namespace evenkeel::sim::eras_test {
namespace {

bool problem_with(Simulation& run, const std::string& words) {
  const auto& problems = run.snapshot()->cluster->problems;
  return std::any_of(problems.begin(), problems.end(), [&](const rules::Problem& problem) {
    return problem.text.find(words) != std::string::npos;
  });
}

// ---- streaming nodes (the checker knows of each call to or from one)

struct Streaming : testing::TestWithParam<const char*> {};

TEST_P(Streaming, NodesAreNeverADestination) {
  Scene scene = skewed().era(GetParam()).streaming(4).streaming(5);
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(run.worst_spread(), 0.30);
  EXPECT_LT(ratio(run, 4), 0.04) << "nothing but what it needs itself";
}

TEST_P(Streaming, NodesAreToldWithoutTheConsolesLists) {
  Scene scene = skewed().era(GetParam()).streaming(4);
  scene.world.manners.lists = false;
  Simulation run(scene.world);
  expect_levelled(run);
}

TEST_P(Streaming, NodesHoldSegmentsThatAnOlderAgentLeftThere) {
  Scene scene = skewed().era(GetParam()).streaming(4).segments(2, 1, {4});
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_GT(ratio(run, 4), 0.1) << "Milvus takes them from there";
}

INSTANTIATE_TEST_SUITE_P(In, Streaming, testing::Values("2.6.5", "2.6.19", "3.0.0"));

// ---- the built-in balancer takes moves back

// Passes the time by the second; no round is balanced while a difference is beyond its limit.
void pass_without_a_false_word(Simulation& run, Duration time) {
  std::uint64_t last = 0;
  for (Duration passed{0}; passed < time; passed += 1s) {
    run.pass(1s);
    if (run.snapshot() == nullptr || run.snapshot()->decisions.empty()) continue;
    const auto& newest = *run.snapshot()->decisions.front();
    if (std::exchange(last, newest.id) == newest.id) continue;
    if (newest.outcome == loop::Outcome::balanced) {
      EXPECT_LE(run.worst_spread(), 0.30) << "round " << newest.id << ": " << newest.words;
    }
  }
}

std::uint64_t succeeded(const Simulation& run) {
  std::uint64_t count = 0;
  for (const Sent& sent : run.checker().sent()) {
    count += sent.result == loop::MoveResult::succeeded ? 1 : 0;
  }
  return count;
}

std::uint64_t undone(const Simulation& run) {
  return run.count("evenkeel_moves_undone_total");
}

struct TakenBack : testing::TestWithParam<const char*> {};

TEST_P(TakenBack, MovesAreNotTakenForLevelling) {
  Scene scene = skewed().era(GetParam());
  if (scene.world.since(2, 6)) scene.streaming(4);
  scene.at(0s, Happening::takes_back, 0, 2h);
  scene.world.manners.load_speed = 4 * kGiB;
  scene.world.busy = 2h;
  Simulation run(scene.world);
  pass_without_a_false_word(run, 110min);
  EXPECT_GT(succeeded(run), 0u);
  EXPECT_EQ(undone(run), succeeded(run)) << "each is counted";
  EXPECT_GT(run.worst_spread(), 0.30);
  expect_no_violation(run);
}

TEST_P(TakenBack, AnOverloadIsSeenAgain) {
  Scene scene = Scene().nodes(1, 3).collection(1).segments(29, 0.5, {1}).era(GetParam());
  if (scene.world.since(2, 6)) scene.streaming(4);
  scene.world.settings.balance.policy.max_difference = 0.95;  // relief alone
  scene.at(0s, Happening::takes_back, 0, 10min);
  scene.world.manners.load_speed = 4 * kGiB;
  scene.world.busy = 30min;
  Simulation run(scene.world);
  run.pass(70s);
  ASSERT_GT(succeeded(run), 0u);
  // Four samples later, long before what moved away could still be falling.
  run.pass(80s);
  ASSERT_GT(run.highest_ratio(), 0.9);
  EXPECT_NE(run.snapshot()->judgement->node(NodeId{1})->state, rules::NodeState::fine);
  run.pass(20min);
  EXPECT_LE(run.highest_ratio(), 0.9) << "once it is let be";
  expect_no_violation(run);
}

INSTANTIATE_TEST_SUITE_P(In, TakenBack, testing::Values("2.3.5", "2.5.6", "2.6.5", "2.6.19"));

// Answers that take their time may see a move that comes and goes between two lists: what was read
// of it then must not be kept.
TEST(TakenBackWhileItIsRead, MovesAreCountedAllTheSame) {
  for (int step = 1; step <= 80; ++step) {
    Scene scene = Scene().nodes(1, 2).collection(1).segments(5, 1, {1}).segments(1, 5, {1});
    scene.era("2.5.6").at(0s, Happening::takes_back, 0, 20min);
    scene.world.manners.load_speed = 64 * kGiB;
    scene.world.manners.answer_time = 30ms * (step % 40 + 1);
    scene.world.manners.transit_shown = step % 2 == 0;
    scene.world.settings.scrape.interval = 4000ms + 200ms * (step / 40);
    scene.world.busy = 20min;
    Simulation run(scene.world);
    run.pass(2min);
    EXPECT_GT(succeeded(run), 0u);
    EXPECT_EQ(undone(run), succeeded(run)) << step;
    run.pass(2min);
    for (const Violation& violation : run.violations()) {
      ADD_FAILURE() << step << " " << violation.rule << ": " << violation.detail;
    }
  }
}

// ---- suspended nodes

int calls_to(const Simulation& run, int node) {
  std::set<TimePoint> calls;
  for (const Sent& sent : run.checker().sent()) {
    if (sent.move.to == NodeId{node}) calls.insert(sent.at);
  }
  return static_cast<int>(calls.size());
}

// 2.4 does not say which nodes its replicas are leaving.
TEST(Suspended, ANodeThatRefusesRestsAndTheOthersGoOn) {
  Scene scene = skewed().era("2.4.9").at(0s, Happening::node_suspended, 2, 1h);
  scene.world.busy = 1h;
  Simulation run(scene.world);
  run.pass(9min);
  EXPECT_EQ(calls_to(run, 2), 1) << "it refused";
  EXPECT_GT(calls_to(run, 3), 0);
  EXPECT_LE(ratio(run, 1) - ratio(run, 3), 0.30);
  run.pass(45min);
  EXPECT_LE(calls_to(run, 2), 6) << "no more than once in ten minutes";
  expect_levelled(run);
}

TEST(Suspended, ANodeThatTheListsNameIsNotAsked) {
  for (const char* era : {"2.5.6", "2.6.19"}) {
    Scene scene = skewed().era(era).at(0s, Happening::node_suspended, 2, 1h);
    scene.world.busy = 1h;
    Simulation run(scene.world);
    run.pass(50min);
    EXPECT_EQ(calls_to(run, 2), 0) << era;
    EXPECT_LE(run.worst_spread(), 0.30) << era;
    expect_levelled(run);
  }
}

// ---- sizes

TEST(Stated, SizesTenTimesTooLargeDoNotKeepAnOverload) {
  for (const char* era : {"2.4.9", "2.5.6", "2.6.19"}) {
    Scene scene = Scene().nodes(1, 3).era(era).collection(1).weighing(0.1);
    scene.segments(29, 0.5, {1}).segments(20, 0.5, {2});  // 94 % and 66 %
    Simulation run(scene.world);
    ASSERT_GT(run.highest_ratio(), 0.9);
    run.pass(3min);
    EXPECT_LE(run.highest_ratio(), 0.9) << era;
    for (int minute = 0; minute < 10; ++minute) {
      run.pass(1min);
      EXPECT_LE(run.highest_ratio(), 0.9) << era << ": no destination passes its threshold";
    }
    expect_levelled(run);
    EXPECT_LE(run.worst_spread(), 0.30) << era;
  }
}

// The other node has something else, so what it has of the collection bounds nothing.
TEST(Stated, SizesTenTimesTooLargeOnOneNodeAreRelievedAndLevelled) {
  for (const char* era : {"2.5.6", "2.6.19"}) {
    Scene scene = Scene().nodes(1, 3).era(era).collection(1).weighing(0.1);
    scene.segments(29, 0.5, {1}).collection(2).segments(4, 1, {2}).segments(4, 1, {3});
    Simulation run(scene.world);
    run.pass(3min);
    EXPECT_LE(run.highest_ratio(), 0.9) << era;
    expect_no_violation(run);
    EXPECT_EQ(run.outcome(), loop::Outcome::balanced) << era;
    EXPECT_LE(run.worst_spread(), 0.30) << era;
  }
}

TEST(Mapped, PagesThatTheKernelCanDropAreNoOverload) {
  Scene scene = Scene().nodes(1, 3).era("2.6.19").streaming(4).collection(1);
  for (const int node : {1, 2, 3}) scene.segments(8, 1, {node});
  scene.world.manners.mapped = 0.8;  // resident: 96 %
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.outcome(), loop::Outcome::balanced);
  EXPECT_EQ(run.checker().calls(), 0u);
}

// ---- databases

Scene two_databases() {
  Scene scene = Scene().nodes(1, 3).collection(1).called("default", "book").segments(6, 1, {1});
  return scene.collection(2).called("shop", "book").segments(6, 1, {1});
}

TEST(Databases, UnseenOnesKeepLevellingWaiting) {
  Scene scene = two_databases();
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.checker().calls(), 0u);
  EXPECT_EQ(run.outcome(), loop::Outcome::cannot_judge);
  EXPECT_TRUE(problem_with(run, "collection 2 is on node 1 by the metrics"));
}

TEST(Databases, NamedInTheSettingsAreLevelled) {
  Scene scene = two_databases();
  scene.world.settings.milvus.databases = {"default", "shop"};
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_FALSE(problem_with(run, "by the metrics"));
}

TEST(Databases, ListedAreLevelled) {
  Scene scene = two_databases().era("2.5.6");
  Simulation run(scene.world);
  expect_levelled(run);
}

// ---- the rest

TEST(Released, ACollectionWhoseCallHangsKeepsNoOtherFromBeingLevelled) {
  Scene scene = Scene().nodes(1, 3).era("2.6.19").collection(1).segments(6, 1, {1});
  scene.collection(2).segments(12, 0.75, {1});
  scene.at(62s, Happening::collection_released, 0);
  scene.world.manners.load_speed = 128 * kMiB;
  Simulation run(scene.world);
  expect_no_violation(run);
  EXPECT_EQ(run.outcome(), loop::Outcome::balanced);
  EXPECT_LE(run.worst_spread(), 0.30);
}

TEST(Exclusive, SegmentsStayOnTheNodesOfTheirChannel) {
  Scene scene = Scene().nodes(1, 4).era("3.0.0").streaming(5).collection(1);
  scene.segments(1, 0.01, {2});  // ids take turns: each second one is of the other channel
  for (int i = 0; i < 6; ++i) scene.segments(1, 2, {2}).segments(1, 2, {1});
  scene.world.manners.exclusive = true;
  Simulation run(scene.world);
  expect_levelled(run);
  EXPECT_LE(run.worst_spread(), 0.30);
}

TEST(Untested, VersionsAreJudgedAndNotActedOn) {
  for (const char* version : {"4.1.0", ""}) {
    Scene scene = skewed().era("2.6.19").streaming(4);
    scene.world.says = version;
    Simulation run(scene.world);
    expect_no_violation(run);
    EXPECT_EQ(run.checker().calls(), 0u);
    EXPECT_EQ(run.outcome(), loop::Outcome::held) << "'" << version << "'";

    scene.world.settings.milvus.allow_untested_version = true;
    Simulation allowed(scene.world);
    expect_levelled(allowed);
  }
}

}  // namespace
}  // namespace evenkeel::sim::eras_test
