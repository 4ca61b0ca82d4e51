// What 2.4 and later answer, held against the answers of a real 2.6.19.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "agent/demo/console_api.hpp"
#include "agent/demo/milvus_api.hpp"
#include "tests/demo/recorded_world.hpp"
#include "tests/demo/sample.hpp"
#include "tests/demo/shape.hpp"

namespace evenkeel::demo {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

json real(const std::string& name) {
  return json::parse(recorded(name));
}

struct Cluster {
  explicit Cluster(const World& world) : simulation(world, start) {
    for (const auto& each : world.nodes) {
      directory.addresses.push_back("127.0.0.1:" + std::to_string(static_cast<int>(each.id)));
    }
  }
  explicit Cluster(const std::string& version = "2.6.19") : Cluster(recorded_world(version)) {}

  static json ok(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }
  json collections(const std::string& body) { return ok(answer_collections(simulation, body)); }
  json collection(const std::string& body) { return ok(answer_collection(simulation, body)); }
  json segments(const std::string& body) { return ok(answer_segments(simulation, start, body)); }
  json replicas(const std::string& body) {
    return ok(answer_replicas(simulation, directory, body));
  }
  json system_info() {
    const auto answer = ok(answer_metrics(simulation, start, directory,
                                          R"({"request":"{\"metric_type\":\"system_info\"}"})"));
    return json::parse(answer["response"].get<std::string>())["nodes_info"];
  }
  // {} or the refusal.
  json load_balance(const std::string& body) {
    const auto transfer = read_load_balance(body);
    if (!transfer) return json::parse(transfer.error().body);
    const auto done = simulation.load_balance(*transfer, start);
    return ok(done ? answer_done() : answer_refused(done.error(), simulation.release()));
  }

  Simulation::Time start{};
  Simulation simulation;
  Directory directory{node(1), {}, node(6)};
};

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

TEST(Console, ListsDatabases) {
  Cluster cluster;
  const auto answer = json::parse(answer_databases(cluster.simulation).body);
  EXPECT_EQ(shape(answer), shape(real("noauth-balance-suspended/db-list")));
  EXPECT_EQ(answer["db_names"], json::parse(R"(["default","db2"])"));
  EXPECT_EQ(answer["db_ids"][0], "1");
  EXPECT_EQ(answer_v2_databases(cluster.simulation).body, R"({"code":0,"data":["default","db2"]})");
}

TEST(Console, ListsReplicasAndTheResourceGroup) {
  auto world = recorded_world();
  Cluster cluster(world);
  const auto replicas = json::parse(answer_console_replicas(cluster.simulation).body);
  EXPECT_EQ(replicas[0], real("noauth/webui-_qc_replica")[0]);
  EXPECT_NE(replicas[1]["database_id"], replicas[0]["database_id"]);
  const auto groups = json::parse(answer_resource_groups(cluster.simulation).body);
  EXPECT_EQ(shape(groups), shape(real("noauth/webui-_qc_resource_group")));
  EXPECT_EQ(groups[0]["nodes"], json::parse("[3,4,5]")) << "no streaming node";
  Cluster first("2.6.0");
  EXPECT_EQ(json::parse(answer_resource_groups(first.simulation).body)[0]["nodes"],
            json::parse("[3,4,5,2]"))
      << "as long as they stood in it";
}

TEST(Console, TellsWhichNodesAChannelMayUse) {
  auto world = recorded_world();
  world.collections[0].replicas[0].channels = {{"dml_0", {node(3), node(4)}}, {"dml_1", {node(5)}}};
  world.collections[0].segments[2].channel = "dml_1";
  Cluster cluster(world);
  EXPECT_EQ(json::parse(answer_console_replicas(cluster.simulation).body)[0]["channel_to_rw_nodes"],
            json::parse(R"({"dml_0":[3,4],"dml_1":[5]})"));
  const auto segments =
      json::parse(answer_coordinator_segments(cluster.simulation, cluster.start, "in=qc").body);
  EXPECT_EQ(segments[2]["channel"], "dml_1");
  EXPECT_EQ(segments[0]["channel"], "by-dev-rootcoord-dml_0_470781385398290103v0");
}

TEST(Console, ListsSegmentsWithTheirBytes) {
  Cluster cluster;
  const auto answer = json::parse(answer_node_segments(cluster.simulation, cluster.start, "").body);
  EXPECT_EQ(shape(answer), shape(real("noauth/webui-_qn_segments")));
  EXPECT_THAT(answer, SizeIs(8)) << "of all databases";
  EXPECT_EQ(answer[0]["mem_size"], "21440000");
  EXPECT_EQ(answer[0]["node_id"], 3);
  EXPECT_EQ(answer[0]["state"], "Sealed");
  EXPECT_EQ(json::parse(answer_coordinator_segments(cluster.simulation, cluster.start, "").body),
            answer);
  const auto one = answer_node_segments(cluster.simulation, cluster.start,
                                        "x=1&collection_id=470781385398694253");
  EXPECT_THAT(json::parse(one.body), SizeIs(1));
}

TEST(Console, CountsTheIndexBesideTheRows) {
  auto world = recorded_world();
  world.collections[0].indexed = true;
  Cluster cluster(world);
  const auto answer = json::parse(answer_node_segments(cluster.simulation, cluster.start, "").body);
  EXPECT_EQ(answer[0]["mem_size"], std::to_string(40'000 * 24));
  EXPECT_EQ(answer[0]["index_fields"][0]["index_size"], std::to_string(40'000 * 512));
  EXPECT_EQ(cluster.simulation.holdings(0, cluster.start)[0].stated, 3 * 40'000 * 24);
  EXPECT_EQ(cluster.simulation.holdings(0, cluster.start)[0].bytes, 3 * 40'000 * 536);
  world.version = "2.3.5";
  world.nodes.pop_back();
  EXPECT_EQ(Cluster(world).simulation.holdings(0, {})[0].stated, 3 * 40'000 * 536);
}

TEST(Console, ListsTheCoordinatorsOwnView) {
  Cluster cluster;
  const auto answer =
      json::parse(answer_coordinator_segments(cluster.simulation, cluster.start, "in=qc").body);
  EXPECT_EQ(shape(answer), shape(real("noauth/webui-_qc_segments_in_qc")));
  EXPECT_EQ(answer[0]["num_of_rows"], "40000");
  EXPECT_EQ(answer[0]["level"], "L1");
}

TEST(Console, SaysWhetherTheBalancerWorks) {
  Cluster cluster;
  EXPECT_EQ(answer_balance_status(cluster.simulation).body, recorded("management/balance-status"));
  cluster.simulation.suspend_balance(true, cluster.start);
  EXPECT_EQ(answer_balance_status(cluster.simulation).body,
            recorded("management/balance-status-suspended"));
  EXPECT_EQ(answer_balance_switched().body, recorded("management/balance-suspend"));
}

TEST(Console, ReadsParametersByTheirWholeName) {
  EXPECT_EQ(parameter("collection_id=7&in=qc", "in"), "qc");
  EXPECT_EQ(parameter("collection_id=7&in=qc", "collection_id"), "7");
  EXPECT_THAT(parameter("begin=qc&inner=1&in", "in"), IsEmpty());
  EXPECT_THAT(parameter("", "in"), IsEmpty());
}

TEST(Login, IsRefusedInTheWordsOf2_6) {
  const auto answer = answer_not_authenticated();
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, recorded("auth-no-credentials/collections"));
}

TEST(Releases, AreReadFromTheirVersions) {
  EXPECT_EQ(parse_release("2.6.19"), (Release{2, 6, 19}));
  EXPECT_EQ(parse_release("v2.5.6-dev"), (Release{2, 5, 6}));
  EXPECT_EQ(parse_release("3.0"), (Release{3, 0, 0}));
  for (const char* wrong : {"", "2", "v", "2.x", "2.6.", "2.6x", "-2.6", "x2.6"}) {
    EXPECT_FALSE(parse_release(wrong)) << wrong;
  }
  auto world = recorded_world();
  world.version = "newest";
  EXPECT_THROW(Cluster{world}, std::invalid_argument);
}

TEST(Releases, AskForALoginSinceTheirFixes) {
  for (const char* asks : {"2.5.27", "2.5.30", "2.6.10", "2.6.19", "3.0.0"}) {
    EXPECT_TRUE(parse_release(asks)->asks_for_login()) << asks;
  }
  for (const char* open : {"2.3.5", "2.4.30", "2.5.26", "2.6.0", "2.6.9"}) {
    EXPECT_FALSE(parse_release(open)->asks_for_login()) << open;
  }
}

TEST(Releases, HaveStreamingNodesFrom2_6On) {
  auto world = recorded_world();
  world.version = "2.5.6";
  EXPECT_THROW(Cluster{world}, std::invalid_argument);
}

}  // namespace
}  // namespace evenkeel::demo
