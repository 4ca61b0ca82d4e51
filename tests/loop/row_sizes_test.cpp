#include "agent/loop/row_sizes.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace evenkeel::loop::row_sizes_test {
namespace {

using namespace std::chrono_literals;
using rules::CollectionId;
using rules::NodeId;
using rules::SegmentId;
using rules::SizeSource;

constexpr CollectionId kBook{470641321825796126};

milvus::SegmentInfo segment(std::int64_t id, std::int64_t rows, std::vector<NodeId> nodes) {
  milvus::SegmentInfo info;
  info.id = SegmentId{id};
  info.collection = kBook;
  info.rows = rows;
  info.state = rules::SegmentState::sealed;
  info.nodes = std::move(nodes);
  return info;
}

scrape::TargetResult says(std::int64_t node, rules::Bytes size, std::int64_t rows,
                          std::chrono::seconds at = {}) {
  scrape::TargetResult result;
  result.at = rules::TimePoint{at};
  result.figures.id = NodeId{node};
  result.figures.resident = 100;
  result.figures.collections[kBook] = {size, rows, 1};
  return result;
}

scrape::TargetResult sample(const std::string& file) {
  std::ifstream in(EVENKEEL_SOURCE_DIR "/tests/samples/" + file);
  std::stringstream text;
  text << in.rdbuf();
  scrape::TargetResult result;
  result.figures = scrape::extract(text.str());
  return result;
}

TEST(RowSizes, AreAssumedWhereNothingIsKnown) {
  const RowSizes sizes;
  EXPECT_EQ(sizes.of(kBook, 1024).bytes, 1024);
  EXPECT_EQ(sizes.of(kBook, 1024).source, SizeSource::assumed);
  EXPECT_TRUE(sizes.needs_schema(kBook));
}

TEST(RowSizes, ComeFromTheSchemaBeforeTheNodesSay) {
  RowSizes sizes;
  sizes.set_schema(kBook, 536);
  EXPECT_EQ(sizes.of(kBook, 1024).bytes, 536);
  EXPECT_EQ(sizes.of(kBook, 1024).source, SizeSource::schema);
  sizes.learn(kBook, {segment(1, 100, {NodeId{3}})}, {says(3, 60'000, 100)});
  EXPECT_EQ(sizes.of(kBook, 1024).bytes, 600);
  EXPECT_EQ(sizes.of(kBook, 1024).source, SizeSource::learned);
}

TEST(Trap10BytesPerRow, Are536OnTheLiveServersSamples) {
  RowSizes sizes;
  // Node 3 of the samples: two segments of 20,000 rows.
  const auto node3 = sample("2.3.5/querynode-2.metrics");
  ASSERT_EQ(node3.figures.id, NodeId{3});
  sizes.learn(kBook, {segment(1, 20000, {NodeId{3}}), segment(2, 20000, {NodeId{3}})}, {node3});
  EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 536);
}

TEST(Trap09StaleEntitySize, TeachesNothingWhereTheRowsDisagreeWithTheDistribution) {
  RowSizes sizes;
  // Its segments left node 3, and it still shows bytes; node 4 is right.
  sizes.learn(kBook, {segment(1, 100, {NodeId{4}})}, {says(3, 99'999, 100), says(4, 53'600, 100)});
  EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 536);
  RowSizes none;
  none.learn(kBook, {segment(1, 100, {NodeId{4}})}, {says(3, 99'999, 100)});
  EXPECT_EQ(none.of(kBook, 1).source, SizeSource::assumed);
}

TEST(Trap09StaleEntitySize, IsAbsentOn22SoThatTheSchemaDecides) {
  RowSizes sizes;
  const auto node = sample("2.2.16/querynode-1.metrics");
  ASSERT_TRUE(node.good()) << node.failure();
  constexpr CollectionId kBook22{470641382500597818};
  auto held = segment(1, 20000, {*node.figures.id});
  held.collection = kBook22;
  sizes.learn(kBook22, {held}, {node});
  EXPECT_EQ(sizes.of(kBook22, 1).source, SizeSource::assumed);
}

// As seen on 2.3.5: the rows are counted at once, the bytes every three seconds.
TEST(Trap09StaleEntitySize, LagsBehindTheRowsAndTeachesNothingUntilBothStandStill) {
  RowSizes sizes;
  const auto held = segment(1, 100, {NodeId{3}});
  sizes.learn(kBook, {held}, {says(3, 53'600, 100, 0s)});
  const auto arrived = segment(2, 100, {NodeId{3}});
  for (const auto at : {1s, 2s, 3s}) {
    sizes.learn(kBook, {held, arrived}, {says(3, 53'600, 200, at)});
    EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 536) << "after " << at.count() << " s";
  }
  for (const auto at : {4s, 12s, 18s}) {
    sizes.learn(kBook, {held, arrived}, {says(3, 110'000, 200, at)});
    EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 536) << "after " << at.count() << " s";
  }
  sizes.learn(kBook, {held, arrived}, {says(3, 110'000, 200, 19s)});
  EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 550);
}

TEST(RowSizes, OneNodeThatIsOffDoesNotDecide) {
  RowSizes sizes;
  sizes.learn(
      kBook,
      {segment(1, 100, {NodeId{3}}), segment(2, 100, {NodeId{4}}), segment(3, 100, {NodeId{5}})},
      {says(3, 99'999, 100), says(4, 53'600, 100), says(5, 53'600, 100)});
  EXPECT_DOUBLE_EQ(sizes.of(kBook, 1).bytes, 536);
}

TEST(RowSizes, FailedScrapesTeachNothing) {
  RowSizes sizes;
  auto result = says(3, 60'000, 100);
  result.figures.problem = "cut short";
  sizes.learn(kBook, {segment(1, 100, {NodeId{3}})}, {result});
  EXPECT_EQ(sizes.of(kBook, 1).source, SizeSource::assumed);
}

TEST(RowSizes, ForgetCollectionsThatAreGone) {
  RowSizes sizes;
  sizes.set_schema(kBook, 536);
  sizes.forget_except({});
  EXPECT_TRUE(sizes.needs_schema(kBook));
}

TEST(RowSizes, DoNotPileUpWhileNodesComeAndGo) {
  RowSizes sizes;
  for (std::int64_t id = 1; id <= 100; ++id) {
    const std::vector results{says(id, 60'000, 100), says(id + 1, 60'000, 100)};
    sizes.learn(kBook, {segment(1, 100, {NodeId{id}})}, results);
    sizes.forget_nodes_except({NodeId{id}, NodeId{id + 1}});
    EXPECT_EQ(sizes.remembered(), 2U);
  }
  EXPECT_EQ(sizes.of(kBook, 1).bytes, 600);
}

TEST(RowSizes, RememberNothingOfNodesThatHoldNothing) {
  RowSizes sizes;
  auto empty = says(7, 0, 0);
  empty.figures.collections.clear();
  sizes.learn(kBook, {segment(1, 100, {NodeId{3}})}, {says(3, 60'000, 100), empty});
  EXPECT_EQ(sizes.remembered(), 1U);
}

}  // namespace
}  // namespace evenkeel::loop::row_sizes_test
