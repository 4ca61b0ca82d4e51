#include "agent/demo/metrics_text.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "tests/demo/sample.hpp"

namespace evenkeel::demo::metrics_text_test {
namespace {

using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

NodeFigures figures() {
  NodeFigures figures;
  figures.id = rules::NodeId{3};
  figures.resident = 289'832'960;
  figures.holdings = {{rules::CollectionId{470641321825796126}, 2, 40'000, 21'440'000, 21'440'000,
                       "default", "book"}};
  figures.loads = {5, 6.25};
  figures.process = {120, 1.79535416278e+09};
  return figures;
}

std::map<std::string, std::string> types(const std::string& text) {
  std::map<std::string, std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# TYPE ", 0) != 0) continue;
    std::istringstream words(line.substr(7));
    std::string name, type;
    words >> name >> type;
    EXPECT_TRUE(found.emplace(name, type).second) << name << " is stated twice";
  }
  return found;
}

TEST(NodeMetrics, HaveFamiliesOfARealNodeAlone) {
  const auto real = types(sample("querynode-2.metrics"));
  const auto ours = types(node_metrics(figures()) + constant_metrics(0));
  EXPECT_GT(ours.size(), 45U);
  for (const auto& [name, type] : ours) {
    ASSERT_TRUE(real.contains(name)) << name;
    EXPECT_EQ(real.at(name), type) << name;
  }
}

TEST(NodeMetrics, CarryWhatTheAgentReadsAsARealNodeWritesIt) {
  const auto text = node_metrics(figures());
  EXPECT_THAT(text, HasSubstr("\nprocess_resident_memory_bytes 2.8983296e+08\n"));
  EXPECT_THAT(text, HasSubstr("\nmilvus_num_node{node_id=\"3\",role_name=\"querynode\"} 1\n"));
  const std::string one_line[] = {
      "milvus_querynode_entity_num{collection_id=\"470641321825796126\",indexed_field_count=\"0\","
      "node_id=\"3\",partition_id=\"470641321825796127\",segment_state=\"Sealed\"} 40000\n",
      "milvus_querynode_entity_size{collection_id=\"470641321825796126\",node_id=\"3\","
      "segment_state=\"Sealed\"} 2.144e+07\n",
      "milvus_querynode_segment_num{collection_id=\"470641321825796126\",indexed_field_count=\"0\","
      "node_id=\"3\",partition_id=\"470641321825796127\",segment_state=\"Sealed\"} 2\n"};
  const auto real = sample("querynode-2.metrics");
  for (const auto& line : one_line) {
    EXPECT_THAT(text, HasSubstr("\n" + line));
    EXPECT_THAT(real, HasSubstr("\n" + line)) << "the sample's own line";
  }
}

NodeFigures figures_of(const char* version) {
  auto made = figures();
  made.version = version;
  made.release = *parse_release(version);
  made.holdings[0].stated = 960'000;
  return made;
}

TEST(NodeMetrics, HaveTheLabelsOfTheirRelease) {
  const std::string id = "collection_id=\"470641321825796126\",",
                    sealed = "segment_state=\"Sealed\"}";
  const auto newer = node_metrics(figures_of("2.6.19"));
  EXPECT_THAT(newer, HasSubstr("\nmilvus_querynode_entity_num{" + id +
                               "collection_name=\"book\",db_name=\"default\",node_id=\"3\"," +
                               sealed + " 40000\n"));
  EXPECT_THAT(newer, HasSubstr("\nmilvus_querynode_segment_num{" + id +
                               "node_id=\"3\",segment_level=\"L1\"," + sealed + " 2\n"));
  EXPECT_THAT(newer, HasSubstr("\nmilvus_querynode_entity_size{" + id + "node_id=\"3\"," + sealed +
                               " 960000\n"));
  const auto between = node_metrics(figures_of("2.4.17"));
  const std::string partition = "node_id=\"3\",partition_id=\"470641321825796127\",";
  EXPECT_THAT(between, HasSubstr("db_name=\"default\"," + partition + sealed));
  EXPECT_THAT(between,
              HasSubstr("\nmilvus_querynode_segment_num{" + id + "indexed_field_count=\"0\"," +
                        partition + "segment_level=\"L1\"," + sealed));
}

TEST(NodeMetrics, HaveFamiliesOfReal2_6NodesAlone) {
  const auto query = types(sample("pages/querynode-1.metrics", "2.6.19"));
  auto made = figures_of("2.6.19");
  auto real = query;
  // The recorded query node counted no rows, nor requests: it served none.
  for (const auto& [name, type] : types(sample("pages/streamingnode.metrics", "2.6.19"))) {
    if (name.rfind("milvus_querynode_", 0) == 0) real.emplace(name, type);
  }
  for (const auto& [name, type] : types(node_metrics(made))) {
    ASSERT_TRUE(real.contains(name)) << name;
    EXPECT_EQ(real.at(name), type) << name;
  }
}

TEST(NodeMetrics, TellAStreamingNodeByItsLogAlone) {
  auto made = figures_of("2.6.19");
  EXPECT_THAT(node_metrics(made), Not(HasSubstr("milvus_wal_")));
  made.streaming = true;
  const auto text = node_metrics(made);
  EXPECT_THAT(text, HasSubstr("\nmilvus_num_node{node_id=\"3\",role_name=\"querynode\"} 1\n"));
  const auto real = sample("pages/streamingnode.metrics", "2.6.19");
  const std::string series =
      "\nmilvus_wal_acknowledge_time_tick_total{channel_name=\"by-dev-rootcoord-dml_0\",node_id=\"";
  EXPECT_THAT(text, HasSubstr(series + "3\",type=\"sync\"} 600\n"));
  EXPECT_THAT(real, HasSubstr(series + "1\",type=\"sync\"} "));
  EXPECT_THAT(text,
              HasSubstr("\nmilvus_build_info{built=\"\",git_commit=\"\",version=\"2.6.19\"} 1\n"));
}

// The ids of the page that a real streaming node served.
TEST(NodeMetrics, AStreamingNodeCountsNothingOfWhatItLeads) {
  auto made = figures_of("2.6.19");
  made.streaming = true;
  made.id = rules::NodeId{1};
  made.holdings = {{rules::CollectionId{470782111454331899}, 0, 0, 0, 0, kDefaultDatabase, "book"}};
  const auto text = node_metrics(made);
  const auto series = [](const std::string& page) {
    std::set<std::string> found;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      for (const char* family : {"entity_num{", "entity_size{", "segment_num{"}) {
        if (line.rfind(std::string("milvus_querynode_") + family, 0) == 0) found.insert(line);
      }
    }
    return found;
  };
  EXPECT_THAT(series(text), testing::SizeIs(5));
  EXPECT_EQ(series(text), series(sample("pages/streamingnode.metrics", "2.6.19")));
}

TEST(NodeMetrics, CountLoadsInAHistogramThatAddsUp) {
  const auto text = node_metrics(figures());
  const std::string name = "milvus_querynode_load_segment_latency";
  EXPECT_THAT(text, HasSubstr(name + "_bucket{node_id=\"3\",le=\"1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{node_id=\"3\",le=\"5\"} 5\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{node_id=\"3\",le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum{node_id=\"3\"} 6.25\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count{node_id=\"3\"} 5\n"));
}

TEST(NodeMetrics, EveryLineIsACommentOrOneSample) {
  std::istringstream lines(node_metrics(figures()) + constant_metrics(100'000));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(line, ContainsRegex("^(# (HELP|TYPE) [a-z_0-9]+ .+"
                                    "|[a-z_0-9]+(\\{[^{}]*\\})? [-+.0-9e]+)$"));
  }
}

TEST(ConstantMetrics, GrowByThePaddingAndAFamilyAtMost) {
  const auto plain = constant_metrics(0);
  EXPECT_GT(plain.size(), 10'000U);
  const auto padded = constant_metrics(200'000);
  EXPECT_GE(padded.size(), plain.size() + 200'000);
  EXPECT_LT(padded.size(), plain.size() + 203'000);
  EXPECT_EQ(padded.substr(0, plain.size()), plain);
  EXPECT_THAT(padded, EndsWith("\n"));
  EXPECT_THAT(padded, Not(HasSubstr("milvus_"))) << "filler must say nothing of interest";
  types(padded);
}

TEST(CoordinatorMetrics, SayWhoItIs) {
  const auto text = coordinator_metrics({rules::NodeId{7}, 6, 3, {10, 1.7e9}});
  EXPECT_THAT(text, HasSubstr("\nmilvus_num_node{node_id=\"7\",role_name=\"querycoord\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nmilvus_querycoord_querynode_num 6\n"));
  EXPECT_THAT(text, HasSubstr("\nmilvus_querycoord_collection_num 3\n"));
  const auto real = types(sample("coordinator.metrics"));
  for (const auto& [name, type] : types(text)) EXPECT_EQ(real.at(name), type) << name;
}

TEST(GoNumber, IsWrittenAsGoWritesIt) {
  EXPECT_EQ(go_number(0), "0");
  EXPECT_EQ(go_number(57), "57");
  EXPECT_EQ(go_number(633568), "633568");
  EXPECT_EQ(go_number(1e6), "1e+06");
  EXPECT_EQ(go_number(289832960), "2.8983296e+08");
  EXPECT_EQ(go_number(0.000127141), "0.000127141");
  EXPECT_EQ(go_number(5.029e-05), "5.029e-05");
  EXPECT_EQ(go_number(18446744073709551615.0), "1.8446744073709552e+19");
  EXPECT_EQ(go_number(-1.5), "-1.5");
  EXPECT_EQ(go_number(INFINITY), "+Inf");
  EXPECT_EQ(go_number(NAN), "NaN");
}

}  // namespace
}  // namespace evenkeel::demo::metrics_text_test
