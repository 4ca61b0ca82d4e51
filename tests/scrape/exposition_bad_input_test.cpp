// Texts that are no node's metrics, or no whole or honest ones: never a crash or a wrong figure,
// always a problem in words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/scrape/exposition.hpp"
#include "tests/scrape/texts.hpp"

namespace evenkeel::scrape::exposition_bad_input_test {
namespace {

using rules::CollectionId;
using rules::NodeId;
using ::testing::HasSubstr;
using ::testing::Optional;
using texts::extract_with;
using texts::kMemory;
using texts::kNode;
using texts::problem_of;

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ExpositionBadInput, NothingOfUseSaysWhatToDo) {
  EXPECT_THAT(problem_of(""), HasSubstr("empty answer: is this the metrics port"));
  EXPECT_THAT(problem_of("\n  <!DOCTYPE html><html>\n<body>Not Found</body>"),
              HasSubstr("page of HTML, not metrics: is this the metrics port"));
  EXPECT_THAT(problem_of("go_goroutines 5\n"),
              HasSubstr("no process_resident_memory_bytes: is this the metrics port"));
  EXPECT_THAT(problem_of("{\"error\":404}\n"), HasSubstr("is this the metrics port"));
}

TEST(ExpositionBadInput, AnotherComponentsMetricsAreNotAQueryNodes) {
  for (const char* text : {"2.2.16/coordinator.metrics", "2.3.5/coordinator.metrics"}) {
    EXPECT_THAT(problem_of(texts::sample(text)), HasSubstr("no query node's id")) << text;
  }
}

TEST(ExpositionBadInput, MemoryThatMakesNoSense) {
  for (const std::string value :
       {"NaN", "+Inf", "-Inf", "-1.7e+08", "0", "0.5", "1e+19", "1e400", "", "many", "{ 1.7e+08"}) {
    const NodeFigures figures = extract(kNode + "process_resident_memory_bytes " + value + "\n");
    EXPECT_EQ(figures.problem, "process_resident_memory_bytes makes no sense: \" " + value + "\"");
    EXPECT_EQ(figures.resident, std::nullopt);
    EXPECT_EQ(figures.malformed_lines, 1);
    EXPECT_THAT(figures.id, Optional(NodeId{3}));
  }
}

TEST(ExpositionBadInput, ForeignTextInAMessageIsShortAndPrintable) {
  const std::string problem =
      problem_of("process_resident_memory_bytes \x1b[31m\xff" + std::string(1000, 'x') + "\n");
  EXPECT_THAT(problem, HasSubstr("\" ?[31m?xxx"));
  EXPECT_LT(problem.size(), 150);
}

TEST(ExpositionBadInput, MemoryGivenTwice) {
  EXPECT_EQ(extract(kNode + kMemory + kMemory).problem, std::nullopt);
  EXPECT_THAT(problem_of(kNode + kMemory + "process_resident_memory_bytes 5\n"),
              HasSubstr("given as 170000000 and as 5: scrape each query node by itself"));
}

TEST(ExpositionBadInput, TwoNodeIds) {
  EXPECT_THAT(
      problem_of(kNode + kMemory + "milvus_num_node{node_id=\"4\",role_name=\"querynode\"} 1\n"),
      HasSubstr("two node ids, 3 and 4"));
  EXPECT_THAT(problem_of(kNode + kMemory +
                         "milvus_querynode_segment_num{collection_id=\"7\",node_id=\"4\"} 1\n"),
              HasSubstr("two node ids, 3 and 4"));
  EXPECT_THAT(problem_of("milvus_querynode_flowgraph_num{node_id=\"4\"} 1\n" + kNode + kMemory),
              HasSubstr("two node ids, 4 and 3"));
}

TEST(ExpositionBadInput, ASeriesGivenTwiceCountsOnce) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_segment_num{collection_id=\"7\",partition_id=\"1\"} 3\n"
      "milvus_querynode_segment_num{collection_id=\"7\",partition_id=\"2\"} 3\n"
      "milvus_querynode_segment_num{partition_id=\"1\",collection_id=\"7\"} 3\n");
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_EQ(figures.collections.at(CollectionId{7}).segment_num, 6);
}

TEST(ExpositionBadInput, ASeriesGivenTwiceDifferently) {
  EXPECT_THAT(problem_of(kNode + kMemory +
                         "milvus_querynode_segment_num{collection_id=\"7\"} 3\n"
                         "milvus_querynode_segment_num{collection_id=\"7\"} 4\n"),
              HasSubstr("milvus_querynode_segment_num is given twice, 3 and 4"));
}

TEST(ExpositionBadInput, ASumBeyond64BitsIsMalformed) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_segment_num{collection_id=\"7\",partition_id=\"1\"} 9e18\n"
      "milvus_querynode_segment_num{collection_id=\"7\",partition_id=\"2\"} 8e18\n");
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_EQ(figures.malformed_lines, 1);
}

TEST(ExpositionBadInput, CutShort) {
  // The rest of "1.7e+08" is missing: what is there must not pass for 1 byte.
  EXPECT_EQ(problem_of(kNode + "process_resident_memory_bytes 1.7"),
            "cut short after " + std::to_string(kNode.size() + 33) + " bytes");
  EXPECT_THAT(problem_of(kNode + kMemory + "go_gorout"), HasSubstr("cut short"));

  Extractor extractor;
  EXPECT_TRUE(extractor.feed(kNode + kMemory));
  EXPECT_THAT(extractor.finish(false).problem, Optional(HasSubstr("cut short after")));
  EXPECT_EQ(Extractor().finish(false).problem, "cut short after 0 bytes");
}

TEST(ExpositionBadInput, BinaryInTheOpeningStopsTheReading) {
  Extractor extractor;
  EXPECT_FALSE(extractor.feed(std::string_view("\x1f\x8b\x08\x00\x00\x00", 6)));
  EXPECT_FALSE(extractor.feed(kNode + kMemory));
  const NodeFigures figures = extractor.finish();
  EXPECT_THAT(figures.problem, Optional(HasSubstr("binary data")));
  EXPECT_EQ(figures.bytes, 3);
  EXPECT_EQ(figures.id, std::nullopt);
}

TEST(ExpositionBadInput, BinaryInALineThatMattersStopsTheReading) {
  using namespace std::string_literals;
  const std::string text = kNode + repeat("go_goroutines 5\n", 1000);
  EXPECT_THAT(problem_of(text + "process_resident_memory_bytes 1\0007\n"s),
              HasSubstr("binary data"));
}

TEST(ExpositionBadInput, ALineOfMoreThan64KiBStopsTheReading) {
  const std::string longest = "# " + std::string(kMaxLine - 2, 'x') + "\n";
  EXPECT_EQ(extract_with(longest).problem, std::nullopt);

  Extractor extractor;
  EXPECT_TRUE(extractor.feed(kNode + kMemory));
  EXPECT_FALSE(extractor.feed("x" + longest));
  EXPECT_THAT(extractor.finish().problem, Optional(HasSubstr("a line of more than 65536 bytes")));
}

TEST(ExpositionBadInput, MoreThanTheLimitStopsTheReading) {
  const std::string text = kNode + kMemory;
  Extractor enough(text.size());
  EXPECT_TRUE(enough.feed(text));
  EXPECT_EQ(enough.finish().problem, std::nullopt);

  Extractor extractor(text.size() - 1);
  EXPECT_FALSE(extractor.feed(text));
  const NodeFigures figures = extractor.finish();
  EXPECT_EQ(figures.bytes, text.size() - 1);
  EXPECT_THAT(figures.problem, Optional(HasSubstr("bytes of text: is this the metrics port")));
}

// 64 MB, in pieces as they come off a socket; returns the most memory held in between.
std::size_t feed_gigantic(Extractor& extractor, std::string_view piece) {
  std::size_t most = 0;
  for (std::size_t sent = 0; sent < (64u << 20); sent += piece.size()) {
    if (!extractor.feed(piece)) break;
    most = std::max(most, extractor.buffered());
  }
  return most;
}

TEST(ExpositionBadInput, GiganticTextIsReadInLittleMemory) {
  Extractor extractor(128u << 20);
  // Lines do not end where pieces do.
  std::string piece = repeat(
      "milvus_querynode_sq_latency_bucket{node_id=\"3\",le=\"1\"} 12345678901"
      "23456789012345678901\n",
      200);
  piece.resize(16u << 10);
  EXPECT_TRUE(extractor.feed(kNode + kMemory));
  EXPECT_LT(feed_gigantic(extractor, piece), 64u << 10);
  EXPECT_TRUE(extractor.feed("\n"));
  const NodeFigures figures = extractor.finish();
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_GT(figures.bytes, 64u << 20);
  EXPECT_THAT(figures.resident, Optional(170000000));
}

TEST(ExpositionBadInput, GiganticTextStopsAtTheUsualLimit) {
  Extractor extractor;
  EXPECT_LT(feed_gigantic(extractor, repeat("go_goroutines 5\n", 1024)), 64u << 10);
  EXPECT_EQ(extractor.finish().bytes, kMaxText);
}

TEST(ExpositionBadInput, GiganticLineIsNeverHeldWhole) {
  Extractor extractor(128u << 20);
  EXPECT_LE(feed_gigantic(extractor, std::string(1000, 'x')), 2 * kMaxLine);
  EXPECT_LE(extractor.finish().bytes, kMaxLine + 1);
}

TEST(ExpositionBadInput, SeriesWithoutEndAreNotHeldWithoutEnd) {
  Extractor extractor(128u << 20);
  std::size_t most = 0;
  std::size_t sent = 0;
  while (sent <= kMaxSeries) {
    const std::string line =
        "milvus_querynode_segment_num{collection_id=\"" + std::to_string(sent) + "\"} 1\n";
    if (!extractor.feed(line)) break;
    most = std::max(most, extractor.buffered());
    ++sent;
  }
  EXPECT_EQ(sent, kMaxSeries);
  EXPECT_LT(most, 16u << 20);
  EXPECT_THAT(extractor.finish().problem, Optional(HasSubstr("more than 131072 series")));
}

}  // namespace
}  // namespace evenkeel::scrape::exposition_bad_input_test
