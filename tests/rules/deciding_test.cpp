// The example of rules/DECIDING.md: what the page quotes is what the rules say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test::deciding_test {
namespace {

using testing::HasSubstr;

std::string page() {
  std::ifstream file(EVENKEEL_SOURCE_DIR "/rules/DECIDING.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// Three nodes, the third twice as large; 1 and 2 hold segments of 1 GiB, 3 what it was given when
// it joined.
World example() {
  World world;
  world.node(1, 15).node(2, 12.5).node(3, 8, 32).replica(5, 100, {1, 2, 3});
  for (int i = 0; i < 12; ++i) world.segment(101 + i, 5, 1, 1);
  for (int i = 0; i < 10; ++i) world.segment(201 + i, 5, 2, 1);
  for (int i = 0; i < 4; ++i) world.segment(301 + i, 5, 3, 1);
  world.sample();
  return world;
}

// The nodes' ends of a plan, as the page's table has them: "| 1 | 93.8 % | 87.5 % |".
std::string row(std::int64_t id, double before, double after) {
  return "| " + std::to_string(id) + " | " + format_percent(before) + " | " +
         format_percent(after) + " |";
}

void expect_rows(const World& before, const World& after) {
  for (std::size_t i = 0; i < before.cluster.nodes.size(); ++i) {
    const Node& was = before.cluster.nodes[i];
    const Node& is = after.cluster.nodes[i];
    EXPECT_THAT(page(),
                HasSubstr(row(static_cast<std::int64_t>(was.id),
                              static_cast<double>(was.used) / static_cast<double>(was.capacity),
                              static_cast<double>(is.used) / static_cast<double>(is.capacity))));
  }
}

World moved(World world, const Plan& plan) {
  for (const Move& move : plan.moves) {
    for (Node& node : world.cluster.nodes) {
      if (node.id == move.from) node.used -= move.bytes;
      if (node.id == move.to) node.used += move.bytes;
    }
    for (Segment& segment : world.cluster.segments) {
      if (segment.id == move.segment) segment.node = move.to;
    }
  }
  world.ledger = {};
  world.sample();
  return world;
}

TEST(DecidingPage, QuotesWhatTheRulesSay) {
  const World first = example();
  const Judgement judgement = first.judged();
  EXPECT_THAT(page(), HasSubstr(words(judgement.nodes.at(0), first.policy)));
  const Plan relief = first.planned();
  ASSERT_EQ(relief.moves.size(), 1u);
  EXPECT_THAT(page(), HasSubstr(words(relief.moves[0])));

  const World second = moved(first, relief);
  EXPECT_THAT(page(), HasSubstr(words(second.judged().replicas.at(0), second.policy)));
  const Plan levelling = second.planned();
  for (const Move& move : levelling.moves) EXPECT_EQ(move.to, NodeId{3});
  EXPECT_THAT(page(), HasSubstr("moves " + std::to_string(levelling.moves.size()) + " segments"));
  const World third = moved(second, levelling);
  expect_rows(first, second);
  expect_rows(second, third);
  EXPECT_THAT(page(), HasSubstr(why_nothing(third.planned(), third.judged(), third.policy)));
}

}  // namespace
}  // namespace evenkeel::rules::test::deciding_test
