#include "agent/demo/milvus_api.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/demo/sample.hpp"
#include "tests/demo/shape.hpp"
#include "tests/demo/small_world.hpp"

namespace evenkeel::demo::milvus_api_test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class MilvusApiTest : public testing::Test {
 protected:
  static json ok(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }

  Simulation::Time start{};
  Simulation simulation{small_world(), start};
  Directory directory{
      node(9), {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"}, node(10)};
};

TEST_F(MilvusApiTest, CollectionsAreParallelArrays) {
  const auto answer = ok(answer_collections(simulation, ""));
  EXPECT_EQ(answer, json::parse(R"({"status":{},"collection_names":["book","film"],
                                    "collection_ids":[100,200]})"));
}

TEST_F(MilvusApiTest, NoCollectionsMeansNoArrays) {
  const Simulation empty({}, start);
  EXPECT_EQ(answer_collections(empty, "").body, R"({"status":{}})");
}

TEST_F(MilvusApiTest, CollectionHasTheSchema) {
  const auto answer = ok(answer_collection(simulation, R"({"collection_name":"book"})"));
  EXPECT_EQ(answer, json::parse(R"({"status":{},"schema":{"name":"book","fields":[
      {"fieldID":100,"name":"id","is_primary_key":true,"data_type":5},
      {"fieldID":101,"name":"v","data_type":101,"type_params":[{"key":"dim","value":"244"}]}]},
      "collectionID":100})"));
}

TEST_F(MilvusApiTest, SegmentsAreShapedLikeTheRealOnes) {
  const auto answer = ok(answer_segments(simulation, start, R"({"collectionName":"book"})"));
  EXPECT_EQ(shape(answer), shape(json::parse(sample("query-segment-info.book.json"))));
  EXPECT_EQ(answer["infos"].size(), 3U);
  EXPECT_EQ(answer["infos"][0], json::parse(R"({"segmentID":1,"collectionID":100,
      "partitionID":101,"num_rows":1000,"state":3,"nodeIds":[1]})"));
}

TEST_F(MilvusApiTest, ReplicasByIdAndByNameAreShapedLikeTheRealOnes) {
  const auto by_id =
      ok(answer_replicas(simulation, directory, R"({"collectionID":200,"with_shard_nodes":true})"));
  EXPECT_EQ(shape(by_id), shape(json::parse(sample("replicas.470641321826196470.json"))));
  ASSERT_EQ(by_id["replicas"].size(), 2U);
  EXPECT_EQ(by_id["replicas"][1]["replicaID"], 22);
  EXPECT_EQ(by_id["replicas"][1]["node_ids"], json::parse("[3,4]"));
  EXPECT_EQ(by_id["replicas"][1]["shard_replicas"][0]["leader_addr"], "127.0.0.1:3");
  EXPECT_EQ(ok(answer_replicas(simulation, directory,
                               R"({"collection_name":"film","with_shard_nodes":true})")),
            by_id);
  const auto bare = ok(answer_replicas(simulation, directory, R"({"collectionID":200})"));
  EXPECT_FALSE(bare["replicas"][0].contains("shard_replicas"));
}

TEST_F(MilvusApiTest, SystemInfoIsJsonInsideAJsonString) {
  const char* request = R"({"request":"{\"metric_type\":\"system_info\"}"})";
  const auto answer = ok(answer_metrics(simulation, start, directory, request));
  ASSERT_TRUE(answer["response"].is_string());
  const auto nodes = json::parse(answer["response"].get<std::string>())["nodes_info"];
  ASSERT_EQ(nodes.size(), 6U);
  EXPECT_EQ(nodes[0]["infos"]["hardware_infos"]["memory"], 100'000'000);
  EXPECT_EQ(nodes[0]["infos"]["hardware_infos"]["memory_usage"], 14'000'000);
  EXPECT_EQ(nodes[0]["infos"]["hardware_infos"]["ip"], "127.0.0.1:1");
  EXPECT_EQ(nodes[4]["infos"]["type"], "querycoord");
  EXPECT_EQ(nodes[4]["identifier"], 9);
  EXPECT_EQ(nodes[5]["infos"]["type"], "proxy");
  EXPECT_EQ(nodes[5]["identifier"], 10);

  const auto real_answer = json::parse(sample("system-info.json"));
  const auto real = json::parse(real_answer["response"].get<std::string>())["nodes_info"];
  expect_within(shape(nodes[0]), shape(real[0]));
  expect_within(shape(nodes[4]), shape(real[4]));
}

TEST_F(MilvusApiTest, LoadBalanceIsReadByItsDocumentedNames) {
  const auto transfer = read_load_balance(
      R"({"collectionName":"book","src_nodeID":1,"dst_nodeIDs":[2,3],"sealed_segmentIDs":[7]})");
  ASSERT_TRUE(transfer);
  EXPECT_EQ(transfer->collection, "book");
  EXPECT_EQ(transfer->source, node(1));
  EXPECT_EQ(transfer->destinations, (std::vector{node(2), node(3)}));
  EXPECT_EQ(transfer->segments, std::vector{segment(7)});
  const auto blank = read_load_balance(R"({"collectionName":"book","src_nodeID":1})");
  ASSERT_TRUE(blank);
  EXPECT_TRUE(blank->destinations.empty());
  EXPECT_TRUE(blank->segments.empty());
  EXPECT_EQ(answer_done().body, "{}");
}

TEST_F(MilvusApiTest, AnUnknownCollectionIsAnsweredLikeTheRealOne) {
  const auto answer = ok(answer_segments(simulation, start, R"({"collectionName":"nope"})"));
  EXPECT_EQ(answer, json::parse(sample("error.unknown-collection.json")));
  EXPECT_EQ(ok(answer_collection(simulation, R"({"collection_name":"nope"})")), answer);
  EXPECT_EQ(ok(answer_replicas(simulation, directory, R"({"collectionID":5})"))["status"]["code"],
            100);
}

TEST_F(MilvusApiTest, AnUnknownKindOfMetricsIsAnError) {
  for (const char* request : {"{}", R"({"request":"no json"})", R"({"request":"{}"})"}) {
    const auto answer = ok(answer_metrics(simulation, start, directory, request));
    EXPECT_EQ(answer["status"]["error_code"], 1) << request;
    EXPECT_FALSE(answer.contains("response")) << request;
  }
}

TEST_F(MilvusApiTest, ABodyThatCannotBeReadIsABadRequest) {
  const std::string deep(10'000, '[');
  for (const auto& body :
       {std::string("{"), std::string("[]"), std::string(R"({"collectionName":3})"), deep}) {
    const auto answer = answer_segments(simulation, start, body);
    EXPECT_EQ(answer.status, 400) << body.substr(0, 40);
    EXPECT_EQ(json::parse(answer.body)["error_code"], 5);
  }
  for (const char* body :
       {R"({"src_nodeID":"1"})", R"({"src_nodeID":1.5})", R"({"src_nodeID":9223372036854775808})",
        R"({"dst_nodeIDs":3})", R"({"sealed_segmentIDs":["7"]})"}) {
    const auto transfer = read_load_balance(body);
    ASSERT_FALSE(transfer) << body;
    EXPECT_EQ(transfer.error().status, 400) << body;
  }
}

TEST(Trap02ErrorsInsideHttp200, AreWrittenThatWay) {
  Simulation simulation(small_world(), Simulation::Time{});
  const auto answer = answer_refused({1, 901, "destination node not found"}, simulation.release());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body), json::parse(R"({"error_code":1,"code":901,
      "reason":"destination node not found","detail":"destination node not found"})"));
}

TEST(Trap03IdsBeyondADouble, ComeOutExact) {
  auto world = small_world();
  world.collections[0].segments[0].id = segment(470641044885740721);
  Simulation simulation(world, Simulation::Time{});
  const auto answer =
      answer_segments(simulation, Simulation::Time{}, R"({"collectionName":"book"})");
  EXPECT_NE(answer.body.find("\"segmentID\":470641044885740721,"), std::string::npos);
  const auto transfer = read_load_balance(R"({"sealed_segmentIDs":[470641044885740721]})");
  ASSERT_TRUE(transfer);
  EXPECT_EQ(transfer->segments.at(0), segment(470641044885740721));
}

TEST(Trap04TwoNodesWhileMovingAndOnePerReplica, AreMixedInNodeIds) {
  Simulation simulation(small_world(), Simulation::Time{});
  const auto node_ids = [&](const char* request, std::size_t index, Simulation::Time now) {
    return json::parse(answer_segments(simulation, now, request).body)["infos"][index]["nodeIds"];
  };
  EXPECT_EQ(node_ids(R"({"collectionName":"film"})", 0, Simulation::Time{}), json::parse("[1,3]"));
  ASSERT_TRUE(simulation.load_balance({"film", node(3), {}, {}}, Simulation::Time{}));
  EXPECT_EQ(node_ids(R"({"collectionName":"film"})", 0, Simulation::Time{} + 1s),
            json::parse("[1,3,4]"));
  EXPECT_EQ(node_ids(R"({"collectionName":"film"})", 0, Simulation::Time{} + 2s),
            json::parse("[1,4]"));
}

}  // namespace
}  // namespace evenkeel::demo::milvus_api_test
