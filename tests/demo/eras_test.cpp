// What 2.4 and later answer, held against the answers of a real 2.6.19.
#include <gmock/gmock.h>

#include "agent/demo/console_api.hpp"
#include "tests/demo/recorded_cluster.hpp"
#include "tests/demo/shape.hpp"

namespace evenkeel::demo::eras_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::SizeIs;

// Types, with ids, of what system_info lists.
std::vector<std::string> entries(const json& nodes) {
  std::vector<std::string> names;
  for (const auto& each : nodes) names.push_back(each["infos"]["name"]);
  return names;
}

TEST(Eras, CollectionsAreThoseOfOneDatabase) {
  Cluster cluster;
  EXPECT_EQ(shape(cluster.collections(R"({"type":1})")), shape(real("noauth/collections")));
  EXPECT_EQ(shape(cluster.collections("")), shape(real("noauth/collections-nobody")));
  EXPECT_EQ(cluster.collections("")["collection_names"], json::parse(R"(["book"])"));
  EXPECT_EQ(cluster.collections(R"({"type":1,"db_name":"default"})")["collection_ids"],
            json::parse("[470781385398290103]"));
  const auto other = cluster.collections(R"({"type":1,"db_name":"db2"})");
  EXPECT_EQ(shape(other), shape(real("noauth-balance-suspended/collections-db2")));
  EXPECT_EQ(other["collection_ids"], json::parse("[470781385398694253]"));
  EXPECT_EQ(other["inMemory_percentages"], json::parse("[100]"));
  EXPECT_EQ(cluster.collections(R"({"db_name":"nosuch"})")["status"]["code"], 800);
}

TEST(Eras, AReleasedCollectionIsListedOnlyWhereAllAre) {
  auto world = recorded_world();
  world.collections[1].database = kDefaultDatabase;
  world.collections[1].replicas.clear();
  world.collections[1].segments.clear();
  Cluster cluster(world);
  EXPECT_THAT(cluster.collections("")["collection_names"], SizeIs(2));
  EXPECT_THAT(cluster.collections(R"({"type":1})")["collection_names"], SizeIs(1));
  EXPECT_EQ(cluster.segments(R"({"collectionName":"wide"})").dump(), R"({"status":{}})");
  EXPECT_EQ(cluster.replicas(R"({"collectionID":470781385398694253})").dump(), R"({"status":{}})");
}

TEST(Eras, ACollectionNamesItsDatabase) {
  Cluster cluster;
  const auto book = cluster.collection(R"({"collection_name":"book"})");
  EXPECT_EQ(shape(book), shape(real("noauth/collection")));
  EXPECT_EQ(cluster.collection(R"({"collection_name":"wide","db_name":"db2"})")["schema"]["dbName"],
            "db2");
  EXPECT_EQ(cluster.collection(R"({"collection_name":"nosuch"})"),
            real("noauth/collection-unknown"));
}

TEST(Eras, SegmentsHaveLevelsFrom2_4On) {
  Cluster cluster;
  const auto answer = cluster.segments(R"({"collectionName":"book"})");
  const auto expected = real("noauth/query-segment-info");
  EXPECT_EQ(shape(answer), shape(expected));
  ASSERT_EQ(answer["infos"].size(), expected["infos"].size());
  EXPECT_EQ(answer["infos"][0]["segmentID"], 470781385398490114);
  EXPECT_EQ(answer["infos"][0]["level"], 2);
  EXPECT_TRUE(
      Cluster("2.4.17").segments(R"({"collectionName":"book"})")["infos"][0].contains("level"));
  EXPECT_FALSE(
      Cluster("2.3.5").segments(R"({"collectionName":"book"})")["infos"][0].contains("level"));
}

TEST(Eras, SegmentsCallTheDatabaseByAnotherName) {
  Cluster cluster;
  EXPECT_THAT(cluster.segments(R"({"collectionName":"wide","dbName":"db2"})")["infos"], SizeIs(1));
  EXPECT_EQ(cluster.segments(R"({"collectionName":"wide","db_name":"db2"})"),
            real("noauth-balance-suspended/query-segment-info-db2-db_name"));
  EXPECT_EQ(cluster.segments(R"({"collectionName":"nosuch"})"),
            real("noauth/query-segment-info-unknown"));
}

TEST(Eras, TwoDatabasesMayHaveACollectionOfOneName) {
  auto world = recorded_world();
  world.collections[1].name = "book";
  Cluster cluster(world);
  EXPECT_THAT(cluster.segments(R"({"collectionName":"book"})")["infos"], SizeIs(7));
  EXPECT_THAT(cluster.segments(R"({"collectionName":"book","dbName":"db2"})")["infos"], SizeIs(1));
  EXPECT_EQ(cluster.replicas(
                R"({"collection_name":"book","db_name":"db2"})")["replicas"][0]["collectionID"],
            kWide);
  world.collections[1].database = "default";
  EXPECT_THROW(Cluster{world}, std::invalid_argument);
}

TEST(Eras, L0SegmentsAreListedByTwoReleasesAlone) {
  auto world = recorded_world("2.5.6");
  world.collections[0].segments.push_back({segment(77), 0, node(4), true});
  const auto of_l0 = [&](const char* version) {
    world.version = version;
    const auto answer = Cluster(world).segments(R"({"collectionName":"book"})");
    for (const auto& each : answer["infos"]) {
      if (each["segmentID"] == 77) return each;
    }
    return json();
  };
  for (const char* version : {"2.4.17", "2.5.6"}) {
    const auto l0 = of_l0(version);
    ASSERT_TRUE(l0.is_object()) << version;
    EXPECT_EQ(l0["level"], 1);
    EXPECT_FALSE(l0.contains("num_rows"));
  }
  EXPECT_TRUE(of_l0("2.3.5").is_null());
  EXPECT_TRUE(of_l0("2.6.0").is_null());
}

TEST(Eras, StreamingNodesAreMembersOfEveryReplicaAndLeadItsShards) {
  Cluster cluster;
  const auto answer =
      cluster.replicas(R"({"collectionID":470781385398290103,"with_shard_nodes":true})");
  auto expected = real("noauth/replicas-by-id");
  EXPECT_EQ(shape(answer), shape(expected));
  const auto& replica = answer["replicas"][0];
  EXPECT_EQ(replica["node_ids"], expected["replicas"][0]["node_ids"]);
  const auto& shard = replica["shard_replicas"][0];
  EXPECT_EQ(shard["leaderID"], 2);
  EXPECT_EQ(shard["dm_channel_name"], "by-dev-rootcoord-dml_0_470781385398290103v0");
  EXPECT_EQ(shard["node_ids"], json::parse("[3,4,5]")) << "those that hold segments";
  EXPECT_EQ(cluster.replicas(R"({"collectionID":42})"), real("noauth/replicas-unknown"));
}

TEST(Eras, ReplicasByIdNeedNoDatabase) {
  Cluster cluster;
  const auto answer = cluster.replicas(R"({"collectionID":470781385398694253})");
  EXPECT_EQ(shape(answer), shape(real("noauth-balance-suspended/replicas-db2-by-id-nodb")));
  EXPECT_EQ(answer["replicas"][0]["shard_replicas"][0]["node_ids"], json::parse("[2]"));
  EXPECT_EQ(cluster.replicas(R"({"collection_name":"wide"})")["status"]["code"], 100);
}

TEST(Eras, TwoReplicasShareTheStreamingNodes) {
  auto world = recorded_world();
  world.nodes.push_back({node(14), 25'276'502'016, 80'000'000, 0, true});
  world.collections[1].replicas = {{rules::ReplicaId{1}, {node(3)}},
                                   {rules::ReplicaId{2}, {node(4), node(5)}}};
  Cluster cluster(world);
  const auto answer =
      cluster.replicas(R"({"collectionID":470781385398694253,"with_shard_nodes":true})");
  EXPECT_EQ(shape(answer), shape(real("noauth-balance-suspended/replicas-two")));
  EXPECT_EQ(answer["replicas"][0]["node_ids"], json::parse("[3,2]"));
  EXPECT_EQ(answer["replicas"][1]["node_ids"], json::parse("[4,5,14]"));
  const auto book = cluster.replicas(R"({"collectionID":470781385398290103})");
  EXPECT_EQ(book["replicas"][0]["node_ids"], json::parse("[3,4,5,2,14]")) << "one replica has both";
}

TEST(Eras, SystemInfoNamesStreamingNodesSince2_6_14) {
  EXPECT_THAT(entries(Cluster("2.6.14").system_info()),
              ElementsAre("proxy6", "rootcoord1", "datacoord1", "querynode3", "querynode4",
                          "querynode5", "streamingnode2", "querycoord1"));
  EXPECT_THAT(entries(Cluster("2.6.13").system_info()), testing::Contains("querynode2"));
  EXPECT_THAT(entries(Cluster("2.5.6").system_info()),
              ElementsAre("querynode3", "querynode4", "querynode5", "querycoord1", "proxy6"));
}

TEST(Eras, SystemInfoIsShapedLikeTheRealOne) {
  auto world = recorded_world();
  world.nodes[0].file_backed = 30'000'000;
  Cluster cluster(world);
  const auto ours = cluster.system_info();
  const auto theirs =
      json::parse(real("noauth/metrics-system_info")["response"].get<std::string>())["nodes_info"];
  const auto of_type = [](const json& nodes, const std::string& type) {
    for (const auto& each : nodes) {
      if (each["infos"]["type"] == type) return each;
    }
    return json();
  };
  for (const char* type :
       {"proxy", "rootcoord", "datacoord", "querycoord", "querynode", "streamingnode"}) {
    const auto entry = of_type(ours, type);
    ASSERT_TRUE(entry.is_object()) << type;
    expect_within(shape(entry), shape(of_type(theirs, type)), type);
    EXPECT_EQ(entry["infos"]["system_info"]["build_version"], "2.6.19");
  }
  const json hardware = of_type(ours, "querynode")["infos"]["hardware_infos"];
  EXPECT_EQ(hardware["memory_usage"], 50'000'000 + 3 * 40'000 * 536 + 20'000 * 536)
      << "without the files that it has mapped";
  EXPECT_EQ(cluster.simulation.memory(0, cluster.start),
            hardware["memory_usage"].get<std::int64_t>() + 30'000'000);
}

TEST(Eras, LoadBalanceRefusesInTheWordsOf2_6) {
  Cluster cluster;
  const auto refused = [&](const std::string& rest) {
    return cluster.load_balance(R"({"collectionName":"book",)" + rest);
  };
  const std::string segments = R"("sealed_segmentIDs":[470781385398490114]})";
  EXPECT_EQ(refused(R"("src_nodeID":2,"dst_nodeIDs":[3]})"),
            real("noauth/load-balance-from-streaming-node"));
  EXPECT_EQ(refused(R"("src_nodeID":99,"dst_nodeIDs":[3],)" + segments),
            real("noauth/load-balance-wrong-source"));
  EXPECT_EQ(refused(R"("src_nodeID":3,"dst_nodeIDs":[99],)" + segments),
            real("noauth/load-balance-wrong-destination"));
  EXPECT_EQ(refused(R"("src_nodeID":3,"dst_nodeIDs":[4],"sealed_segmentIDs":[42]})"),
            real("noauth/load-balance-no-such-segment"));
  EXPECT_EQ(cluster.load_balance(R"({"collectionName":"nosuch","src_nodeID":3})"),
            real("noauth/load-balance-no-such-collection"));
  EXPECT_EQ(cluster.load_balance(R"({"collectionName":"wide","src_nodeID":3})"),
            real("noauth-balance-suspended/load-balance-db2-nodb"));
  EXPECT_EQ(
      cluster.load_balance(R"({"collectionName":"book","db_name":"db3","src_nodeID":3})")["reason"],
      "collection not found[database=db3][collection=book]");
  EXPECT_EQ(refused(R"("src_nodeID":3,"sealed_segmentIDs":["42"]})")["error_code"],
            real("noauth/load-balance-string-id")["error_code"]);
}

TEST(Eras, ADatabaseIsFoundByItsName) {
  Cluster cluster;
  EXPECT_EQ(cluster.load_balance(
                R"({"collectionName":"wide","db_name":"db2","src_nodeID":3,"dst_nodeIDs":[4]})"),
            json::object());
}

TEST(Eras, ASuspendedNodeStaysAMemberAndTakesNothing) {
  auto world = recorded_world();
  world.nodes.push_back({node(12), 25'276'502'016, 50'000'000, 0, false, true});
  world.collections[0].replicas[0].nodes.push_back(node(12));
  Cluster cluster(world);
  EXPECT_EQ(cluster.load_balance(R"({"collectionName":"book","src_nodeID":3,"dst_nodeIDs":[12],)"
                                 R"("sealed_segmentIDs":[470781385398490114]})"),
            real("noauth-balance-suspended/load-balance-to-suspended-node"));
  const auto replicas = cluster.replicas(R"({"collectionID":470781385398290103})");
  EXPECT_THAT(replicas["replicas"][0]["node_ids"], testing::Contains(12));
  const auto console = json::parse(answer_console_replicas(cluster.simulation).body);
  EXPECT_THAT(console[0]["rw_nodes"], testing::Contains(12)) << "in truth all nodes";
  EXPECT_EQ(console[0]["ro_nodes"], json::parse("[12]"));
  EXPECT_FALSE(console[1].contains("ro_nodes"));
  const auto groups = json::parse(answer_resource_groups(cluster.simulation).body);
  EXPECT_EQ(groups[0]["nodes"], json::parse("[3,4,5]"));
  EXPECT_EQ(cluster.load_balance(R"({"collectionName":"book","src_nodeID":12})")["code"], 901);
}

}  // namespace
}  // namespace evenkeel::demo::eras_test
