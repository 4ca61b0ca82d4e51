// What holds of plans as wholes, shown on random clusters. A failure names its seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/random_world.hpp"
#include "tests/rules/replay.hpp"
#include "tests/seeds.hpp"

namespace evenkeel::rules::test::plan_property_test {
namespace {

using testing::IsEmpty;

constexpr std::uint64_t kSeeds = evenkeel::test::seeds(300);

template <typename Check>
void for_each_seed(Check check) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    check(seed % 3 == 0 ? random.hostile() : random.healthy());
    if (testing::Test::HasFailure()) return;
  }
}

World with_effort(World world, std::int64_t effort) {
  world.policy.effort = effort;
  return world;
}

TEST(PlanProperty, WithHardlyAnyTimeThePlanIsSafeAsWell) {
  std::uint64_t plans_made = 0;
  for (const std::int64_t effort : {0, 1, 200}) {
    for_each_seed([&](const World& world) {
      const World hurried = with_effort(world, effort);
      const Plan plan = hurried.planned();
      EXPECT_THAT(broken_by(hurried, plan), testing::IsEmpty());
      if (!plan.moves.empty()) ++plans_made;
    });
  }
  EXPECT_GT(plans_made, kSeeds / 3);
}

std::vector<std::string> words_of(const std::vector<Move>& moves) {
  std::vector<std::string> lines;
  for (const Move& move : moves) lines.push_back(words(move));
  return lines;
}

// Planning does not know whether it is to act; what would be sent and what is held are the same.
TEST(PlanProperty, AdvisingAndActingAreOfTheSamePlan) {
  for_each_seed([](const World& world) {
    const Plan plan = world.planned();
    std::vector<Move> sent;
    for (const Call& call : world.admitted(plan).calls) {
      sent.insert(sent.end(), call.moves.begin(), call.moves.end());
    }
    EXPECT_THAT(words_of(sent), testing::UnorderedElementsAreArray(words_of(plan.moves)));
    for (const Conditions& advice : {Conditions{.auto_balance = false}, Conditions{.dry_run = true},
                                     Conditions{.paused = true}}) {
      const Admission admission = world.admitted(plan, advice);
      std::vector<Move> held;
      for (const Held& each : admission.held) held.push_back(each.move);
      EXPECT_EQ(words_of(held), words_of(plan.moves));
      EXPECT_THAT(admission.calls, IsEmpty());
    }
  });
}

// By how much a plan lowers the potential Σ use² ÷ capacity.
double relief_of(const World& world, const Plan& plan) {
  std::map<NodeId, double> use;
  const Judgement judgement = world.judged();
  for (const NodeVerdict& node : judgement.nodes) {
    use[node.id] = static_cast<double>(node.expected);
  }
  const auto potential = [&] {
    double sum = 0;
    for (const auto& [id, bytes] : use) {
      const auto capacity = static_cast<double>(judgement.node(id)->capacity);
      if (capacity > 0) sum += bytes * bytes / capacity;
    }
    return sum;
  };
  const double before = potential();
  for (const Move& move : plan.moves) {
    use[move.from] -= static_cast<double>(move.bytes);
    use[move.to] += static_cast<double>(move.bytes);
  }
  return before - potential();
}

World without_budget(World world) {
  world.policy.max_moves_per_round = 1000;
  world.policy.max_bytes_per_round = gib(100'000);
  return world;
}

// The first plan does not look at how many moves are left: cut, it is its own beginning.
TEST(PlanProperty, AFirstPlanCutToFewerMovesIsItsOwnBeginning) {
  std::uint64_t cut = 0;
  for_each_seed([&](const World& world) {
    World whole = with_effort(without_budget(world), 0);
    std::vector<Move> moves = whole.planned().moves;
    if (moves.size() < 4 || makes_room(whole.planned())) return;
    ++cut;
    moves.resize(moves.size() / 2);
    whole.policy.max_moves_per_round = static_cast<int>(moves.size());
    EXPECT_EQ(words_of(whole.planned().moves), words_of(moves));
  });
  EXPECT_GT(cut, kSeeds / 6);
}

// The most relief per byte comes first: half of the bytes relieve at least half as much for each,
// since segments are coarse, and mostly more.
TEST(PlanProperty, APlanCutToHalfOfItsBytesRelievesAsMuchForEach) {
  std::vector<double> times;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World whole = without_budget(RandomWorld(seed).healthy());
    const Plan plan = whole.planned();
    if (plan.moves.size() < 4 || makes_room(plan)) continue;
    whole.policy.max_bytes_per_round = plan.bytes() / 2;
    const Plan part = whole.planned();
    if (part.moves.empty()) continue;
    times.push_back(relief_of(whole, part) / static_cast<double>(part.bytes()) /
                    (relief_of(whole, plan) / static_cast<double>(plan.bytes())));
    EXPECT_GE(times.back(), 0.5);
  }
  ASSERT_GT(times.size(), kSeeds / 6);
  std::sort(times.begin(), times.end());
  EXPECT_GE(times[times.size() / 2], 1);
}

}  // namespace
}  // namespace evenkeel::rules::test::plan_property_test
