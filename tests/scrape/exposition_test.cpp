#include "agent/scrape/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scrape/texts.hpp"

namespace evenkeel::scrape::exposition_test {
namespace {

using rules::CollectionId;
using rules::NodeId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;
using texts::extract_with;
using texts::kMemory;
using texts::kNode;
using texts::problem_of;

constexpr CollectionId kBook{470641321825796126};
constexpr CollectionId kFilm{470641321826196470};

TEST(Exposition, ReadsARealNode) {
  const std::string text = texts::sample("2.3.5/querynode-1.metrics");
  const NodeFigures figures = extract(text);
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{1}));
  EXPECT_THAT(figures.resident, Optional(289832960));
  EXPECT_EQ(figures.bytes, text.size());
  EXPECT_EQ(figures.malformed_lines, 0);
  EXPECT_THAT(figures.collections,
              ElementsAre(Pair(kBook, CollectionFigures{21440000, 40000, 2}),
                          Pair(kFilm, CollectionFigures{64320000, 120000, 3})));
}

TEST(Exposition, ReadsEveryKindOfLineThatMatters) {
  const NodeFigures figures = extract(texts::kSmallText);
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{3}));
  EXPECT_THAT(figures.resident, Optional(170000000));
  EXPECT_EQ(figures.malformed_lines, 0);
  EXPECT_THAT(figures.collections,
              ElementsAre(Pair(CollectionId{7}, CollectionFigures{32160000, 60000, 0}),
                          Pair(CollectionId{8}, CollectionFigures{0, 0, 2})));
}

TEST(Exposition, TakesTheTimestampOfTheMemoryFigure) {
  const auto at = [](std::int64_t milliseconds) {
    return Optional(rules::TimePoint{rules::Duration{milliseconds}});
  };
  const std::string memory = "process_resident_memory_bytes 1.7e+08";
  EXPECT_EQ(extract(kNode + kMemory).resident_at, std::nullopt);
  EXPECT_THAT(extract(kNode + memory + " 1700000000000\n").resident_at, at(1'700'000'000'000));
  EXPECT_THAT(extract(kNode + memory + " -1\n").resident_at, at(-1));
  EXPECT_THAT(extract(kNode + memory + " 1700000000000\n" + memory + " 1600000000000\n" + kMemory)
                  .resident_at,
              at(1'600'000'000'000));
  EXPECT_NE(extract(kNode + memory + " 1700000000.5\n").problem, std::nullopt)
      << "seconds are another format's";
}

TEST(Exposition, SumsOverPartitionsAndIndexedFields) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_segment_num{collection_id=\"7\",indexed_field_count=\"0\",partition_id="
      "\"1\","
      "segment_state=\"Sealed\"} 2\n"
      "milvus_querynode_segment_num{collection_id=\"7\",indexed_field_count=\"1\",partition_id="
      "\"1\","
      "segment_state=\"Sealed\"} 3\n"
      "milvus_querynode_segment_num{collection_id=\"7\",indexed_field_count=\"0\",partition_id="
      "\"2\","
      "segment_state=\"Sealed\"} 4\n");
  EXPECT_EQ(figures.collections.at(CollectionId{7}).segment_num, 9);
}

TEST(Exposition, CountsSealedSegmentsOnly) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_segment_num{collection_id=\"7\",segment_state=\"Growing\"} 2\n"
      "milvus_querynode_entity_num{collection_id=\"7\",segment_state=\"Growing\"} 2\n"
      "milvus_querynode_entity_size{collection_id=\"7\",segment_state=\"Growing\"} 2\n");
  EXPECT_THAT(figures.collections, IsEmpty());
}

TEST(Exposition, TakesTheIdOfAnyQueryNodeSeriesWhereNumNodeDoesNotTellIt) {
  const NodeFigures figures = extract(
      "milvus_num_node{node_id=\"2\",role_name=\"proxy\"} 1\n"
      "milvus_querynode_sq_latency_bucket{node_id=\"5\",le=\"+Inf\"} 0\n" +
      kMemory);
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{5}));
}

TEST(Exposition, TakesNoIdFromASeriesWithoutAValue) {
  const NodeFigures figures = extract("milvus_querynode_flowgraph_num{node_id=\"5\"}\n" + kMemory);
  EXPECT_EQ(figures.malformed_lines, 1);
  EXPECT_EQ(figures.id, std::nullopt);
}

TEST(Exposition, IgnoresARoleThatDoesNotRun) {
  const NodeFigures figures =
      extract_with("milvus_num_node{node_id=\"2\",role_name=\"querynode\"} 0\n");
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{3}));
}

TEST(Exposition, TakesCrlfAndTrailingBlanks) {
  const NodeFigures figures = extract(
      "milvus_num_node{node_id=\"3\",role_name=\"querynode\"} 1\r\n"
      "process_resident_memory_bytes\t 1.7e+08 \t\r\n");
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.resident, Optional(170000000));
}

TEST(Exposition, DoesNotMindTheOrderOfFamilies) {
  const NodeFigures figures =
      extract(kMemory +
              "milvus_querynode_entity_num{segment_state=\"Sealed\",collection_id=\"7\"} 1\n"
              "milvus_querynode_entity_size{segment_state=\"Sealed\",collection_id=\"7\"} 2\n"
              "milvus_querynode_entity_num{segment_state=\"Sealed\",collection_id=\"6\"} 3\n" +
              kNode);
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{3}));
  EXPECT_THAT(figures.collections, ElementsAre(Pair(CollectionId{6}, CollectionFigures{0, 3, 0}),
                                               Pair(CollectionId{7}, CollectionFigures{2, 1, 0})));
}

NodeFigures extract_segment_num(const std::string& after_name) {
  return extract_with("milvus_querynode_segment_num" + after_name + "\n");
}

TEST(Exposition, ReadsValuesAsGoWritesThem) {
  struct Written {
    const char* value;
    std::int64_t means;
  };
  constexpr Written kValues[] = {
      {"0", 0},
      {"-0", 0},
      {"2.144e+07", 21440000},
      {"+2.144E7", 21440000},
      {"2.5", 2},
      {"9.2e18", 9200000000000000000},
      {"3 1700000000000", 3},
      {"3\t-5 ", 3},
  };
  for (const Written& written : kValues) {
    SCOPED_TRACE(written.value);
    const NodeFigures figures =
        extract_segment_num("{collection_id=\"7\"} " + std::string(written.value));
    EXPECT_EQ(figures.malformed_lines, 0);
    EXPECT_THAT(figures.collections,
                ElementsAre(Pair(CollectionId{7}, CollectionFigures{0, 0, written.means})));
  }
}

TEST(Exposition, CountsAndSkipsValuesThatMakeNoSense) {
  for (const char* value :
       {"", "NaN", "+Inf", "-Inf", "-1", "+-1", "1e400", "9.223372036854775807e+18", "0x10",
        "1_000", "12abc", "3 soon", "3 4 5"}) {
    SCOPED_TRACE(value);
    const NodeFigures figures = extract_segment_num("{collection_id=\"7\"} " + std::string(value));
    EXPECT_EQ(figures.problem, std::nullopt);
    EXPECT_EQ(figures.malformed_lines, 1);
    EXPECT_THAT(figures.collections, IsEmpty());
  }
}

TEST(Exposition, CountsAndSkipsLabelsThatBreakTheFormat) {
  for (const char* labels :
       {R"()", R"({)", R"({collection_id)", R"({collection_id=)", R"({collection_id="7)",
        R"({collection_id="7\" } 1)", R"({collection_id="7" 1)", R"({collection_id=7} 1)",
        R"({="7"} 1)", R"({collection_id="7",,} 1)", R"({collection_id="7"a="b"} 1)",
        R"({collection_id="7",collection_id="8"} 1)", R"({collection_id=""} 1)",
        R"({collection_id="9223372036854775808"} 1)", R"({collection_id="7.5"} 1)",
        R"({collection_id="7",node_id="three"} 1)", R"({collection_id="7\\"} 1)"}) {
    SCOPED_TRACE(labels);
    const NodeFigures figures = extract_segment_num(labels);
    EXPECT_EQ(figures.problem, std::nullopt);
    EXPECT_EQ(figures.malformed_lines, 1);
    EXPECT_THAT(figures.collections, IsEmpty());
  }
}

// Traps of real Milvus servers.

TEST(Trap08MemoryIsTheProcesssOwn, WhereTheCoordinatorGivesTheWholeMachine) {
  // 2.2.16's system_info gave 1606529024 for each of these.
  EXPECT_THAT(extract(texts::sample("2.2.16/querynode-1.metrics")).resident, Optional(317034496));
  EXPECT_THAT(extract(texts::sample("2.2.16/querynode-2.metrics")).resident, Optional(293367808));
  EXPECT_THAT(extract(texts::sample("2.2.16/querynode-3.metrics")).resident, Optional(255758336));
}

TEST(Trap08MemoryIsTheProcesssOwn, NotTheVirtualOne) {
  EXPECT_THAT(problem_of(kNode + "process_virtual_memory_bytes 9e+09\n"),
              HasSubstr("no process_resident_memory_bytes"));
}

TEST(Trap09FiguresGoStaleAndLabelsChange, EntitySizeIsAbsentOn22) {
  const NodeFigures figures = extract(texts::sample("2.2.16/querynode-2.metrics"));
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_THAT(figures.id, Optional(NodeId{6}));
  EXPECT_THAT(figures.collections,
              ElementsAre(Pair(CollectionId{470641382500597818}, CollectionFigures{0, 40000, 2}),
                          Pair(CollectionId{470641382500798015}, CollectionFigures{0, 20000, 1})));
}

TEST(Trap09FiguresGoStaleAndLabelsChange, StaleBytesAreReportedBesideTheMissingSegments) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_entity_size{collection_id=\"7\",node_id=\"3\",segment_state=\"Sealed\"} "
      "5e6\n"
      "milvus_querynode_entity_size{collection_id=\"8\",node_id=\"3\",segment_state=\"Sealed\"} "
      "6e6\n"
      "milvus_querynode_entity_num{collection_id=\"8\",node_id=\"3\",segment_state=\"Sealed\"} 0\n"
      "milvus_querynode_segment_num{collection_id=\"8\",node_id=\"3\",segment_state=\"Sealed\"} "
      "0\n");
  EXPECT_THAT(figures.collections,
              ElementsAre(Pair(CollectionId{7}, CollectionFigures{5000000, 0, 0}),
                          Pair(CollectionId{8}, CollectionFigures{6000000, 0, 0})));
}

TEST(Trap09FiguresGoStaleAndLabelsChange, SegmentLevelOfLaterVersionsIsSummed) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_segment_num{collection_id=\"7\",segment_level=\"L0\","
      "segment_state=\"Sealed\"} 1\n"
      "milvus_querynode_segment_num{collection_id=\"7\",segment_level=\"L1\","
      "segment_state=\"Sealed\"} 1\n");
  EXPECT_EQ(figures.collections.at(CollectionId{7}).segment_num, 2);
}

TEST(Trap09FiguresGoStaleAndLabelsChange, TheNodeIdAloneOf21TellsWhoItIs) {
  const NodeFigures figures = extract("milvus_querynode_segment_num{node_id=\"12\"} 4\n" + kMemory);
  EXPECT_EQ(figures.problem, std::nullopt);
  EXPECT_EQ(figures.malformed_lines, 0);
  EXPECT_THAT(figures.id, Optional(NodeId{12}));
  EXPECT_THAT(figures.collections, IsEmpty());
}

TEST(Trap09FiguresGoStaleAndLabelsChange, WithoutAStateOnlySegmentsAreCounted) {
  const NodeFigures figures = extract_with(
      "milvus_querynode_entity_num{collection_id=\"7\",node_id=\"3\"} 900\n"
      "milvus_querynode_entity_size{collection_id=\"7\",node_id=\"3\"} 800\n"
      "milvus_querynode_segment_num{collection_id=\"7\",node_id=\"3\"} 4\n");
  EXPECT_THAT(figures.collections, ElementsAre(Pair(CollectionId{7}, CollectionFigures{0, 0, 4})));
}

TEST(Trap10BytesPerRow, Is536ForOneInt64AndOneVectorOf128Floats) {
  for (const char* node : {"1", "2", "3", "4"}) {
    const NodeFigures figures =
        extract(texts::sample("2.3.5/querynode-" + std::string(node) + ".metrics"));
    ASSERT_EQ(figures.collections.size(), 2) << node;
    for (const auto& [id, collection] : figures.collections) {
      EXPECT_EQ(collection.entity_size, collection.entity_num * 536) << node;
    }
  }
}

}  // namespace
}  // namespace evenkeel::scrape::exposition_test
