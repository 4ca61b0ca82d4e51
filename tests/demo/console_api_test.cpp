#include "agent/demo/console_api.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/demo/recorded_cluster.hpp"
#include "tests/demo/shape.hpp"

namespace evenkeel::demo::console_api_test {
namespace {

using nlohmann::json;
using testing::IsEmpty;
using testing::SizeIs;

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
  EXPECT_EQ(answer_switched().body, recorded("management/balance-suspend"));
}

TEST(Console, ListsNodesAndCallsStreamingNodesSuspended) {
  Cluster cluster;
  const auto answer = json::parse(answer_node_list(cluster.simulation, cluster.directory).body);
  EXPECT_EQ(shape(answer), shape(real("management/node-list")));
  const auto states = [](const json& list) {
    std::map<int, std::string> found;
    for (const auto& each : list["nodeInfos"]) found[each["ID"]] = each["state"];
    return found;
  };
  EXPECT_EQ(states(answer), states(real("management/node-list")));
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

}  // namespace
}  // namespace evenkeel::demo::console_api_test
