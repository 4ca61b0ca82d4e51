#include "agent/loop/memory_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel::loop::memory_lines_test {
namespace {

using namespace std::chrono_literals;
using rules::NodeId;
using testing::DoubleNear;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

rules::Cluster cluster(rules::Bytes used, rules::NodeHealth health = rules::NodeHealth::up) {
  rules::Node node;
  node.id = NodeId{3};
  node.health = health;
  node.capacity = 1000;
  node.used = used;
  node.sampled_at = rules::TimePoint{1h};
  rules::Cluster cluster;
  cluster.nodes.push_back(node);
  return cluster;
}

const rules::TimePoint kNow{1000h};

TEST(MemoryLines, HaveTheHighestOfEachStepOldestFirst) {
  MemoryLines lines;
  EXPECT_TRUE(lines.observe(cluster(200), kNow));
  EXPECT_FALSE(lines.observe(cluster(500), kNow + 30s));
  EXPECT_FALSE(lines.observe(cluster(300), kNow + 60s));
  EXPECT_TRUE(lines.observe(cluster(400), kNow + MemoryLines::kStep));
  const auto line = lines.of(NodeId{3});
  ASSERT_THAT(line, SizeIs(MemoryLines::kPoints));
  EXPECT_THAT(line.back(), Optional(DoubleNear(0.4, 1e-6)));
  EXPECT_THAT(line[MemoryLines::kPoints - 2], Optional(DoubleNear(0.5, 1e-6)));
  EXPECT_THAT(line.front(), Eq(std::nullopt));
  EXPECT_EQ(lines.end(), kNow + 2 * MemoryLines::kStep);
}

TEST(MemoryLines, StepsInWhichNothingWasReadAreEmpty) {
  MemoryLines lines;
  lines.observe(cluster(200), kNow);
  lines.observe(cluster(900, rules::NodeHealth::unreachable), kNow + MemoryLines::kStep);
  lines.observe(cluster(300), kNow + 3 * MemoryLines::kStep);
  const auto line = lines.of(NodeId{3});
  EXPECT_THAT(line[MemoryLines::kPoints - 4], Optional(DoubleNear(0.2, 1e-6)));
  EXPECT_THAT(line[MemoryLines::kPoints - 3], Eq(std::nullopt));
  EXPECT_THAT(line[MemoryLines::kPoints - 2], Eq(std::nullopt));
  EXPECT_THAT(line.back(), Optional(DoubleNear(0.3, 1e-6)));
}

TEST(MemoryLines, ForgetANodeThatWasNotReadForLong) {
  MemoryLines lines;
  lines.observe(cluster(200), kNow);
  const auto all = MemoryLines::kStep * static_cast<int>(MemoryLines::kPoints);
  lines.observe({}, kNow + all - MemoryLines::kStep);
  EXPECT_THAT(lines.of(NodeId{3}).front(), Optional(DoubleNear(0.2, 1e-6)));
  lines.observe({}, kNow + all);
  EXPECT_THAT(lines.of(NodeId{3}), IsEmpty());
}

TEST(MemoryLines, BeginAnewWhereTheClockWasSetBack) {
  MemoryLines lines;
  lines.observe(cluster(200), kNow);
  lines.observe(cluster(300), kNow - 1h);
  const auto line = lines.of(NodeId{3});
  EXPECT_THAT(line.back(), Optional(DoubleNear(0.3, 1e-6)));
  EXPECT_EQ(std::count(line.begin(), line.end(), std::nullopt), MemoryLines::kPoints - 1);
}

}  // namespace
}  // namespace evenkeel::loop::memory_lines_test
