// The coordinator over gRPC on real sockets: what is asked of whom, and what comes of the answers.
#include "agent/milvus/http_coordinator.hpp"
#include "tests/milvus/grpc_fixture.hpp"

namespace evenkeel::milvus::grpc_coordinator_test {
namespace {

using evenkeel::tests::closed_port;
using evenkeel::tests::ScriptedServer;
using rules::NodeId;
using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST_F(GrpcCoordinatorTest, AsksForNodes) {
  serve({{"GetMetrics", {system_info_over_grpc(sample("2.3.5/system-info.json"))}}});
  EXPECT_EQ(good(run(coordinator().system_info())).nodes.size(), 4U);
  EXPECT_EQ(request<pb::GetMetricsRequest>().request(), R"({"metric_type":"system_info"})");
  EXPECT_THAT(methods(), ElementsAre("GetMetrics"));
}

TEST_F(GrpcCoordinatorTest, AsksForTheVersionWhereNoNodeSaysIt) {
  pb::GetMetricsResponse silent;
  silent.set_response(R"({"nodes_info":[]})");
  pb::GetVersionResponse version;
  version.set_version("2.6.19");
  serve({{"GetMetrics", {silent.SerializeAsString()}},
         {"GetVersion", {version.SerializeAsString()}}});
  EXPECT_EQ(good(run(coordinator().system_info())).version, "2.6.19");
}

TEST_F(GrpcCoordinatorTest, AsksForTheCollectionsInMemoryOfADatabase) {
  serve({{"ShowCollections", {collections_over_grpc(sample("2.3.5/collections.json"))}}});
  const auto found = good(run(coordinator().collections("shop")));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].database, "shop");
  const auto asked = request<pb::ShowCollectionsRequest>();
  EXPECT_EQ(asked.type(), pb::InMemory);
  EXPECT_EQ(asked.db_name(), "shop");
  EXPECT_EQ(last().metadata.at("dbname"), "shop");
  EXPECT_FALSE(last().metadata.contains("authorization"));
}

TEST_F(GrpcCoordinatorTest, AsksForReplicasByIdAndForSegmentsByName) {
  serve({{"GetReplicas", {replicas_over_grpc(sample("2.3.5/replicas.470641321825796126.json"))}},
         {"GetQuerySegmentInfo",
          {segments_over_grpc(sample("2.3.5/query-segment-info.book.json"))}}});
  EXPECT_EQ(good(run(coordinator().replicas(kShopBook))).size(), 1U);
  EXPECT_EQ(request<pb::GetReplicasRequest>().collectionid(), 470641321825796126);
  EXPECT_TRUE(request<pb::GetReplicasRequest>().with_shard_nodes());
  EXPECT_EQ(good(run(coordinator().segments(kShopBook))).size(), 8U);
  EXPECT_EQ(request<pb::GetQuerySegmentInfoRequest>().collectionname(), "book");
  EXPECT_EQ(request<pb::GetQuerySegmentInfoRequest>().dbname(), "shop");
}

TEST_F(GrpcCoordinatorTest, AsksForTheSchema) {
  serve({{"DescribeCollection", {schema_over_grpc(sample("2.1.0/collection.book.json"))}}});
  EXPECT_GT(good(run(coordinator().row_bytes(kShopBook))), 0);
  EXPECT_EQ(request<pb::DescribeCollectionRequest>().collection_name(), "book");
}

TEST_F(GrpcCoordinatorTest, SendsAMove) {
  serve({{"LoadBalance", {}}});
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
  const auto asked = request<pb::LoadBalanceRequest>();
  EXPECT_EQ(asked.collectionname(), "book");
  EXPECT_EQ(asked.db_name(), "shop");
  EXPECT_EQ(asked.src_nodeid(), 3);
  EXPECT_THAT(asked.dst_nodeids(), ElementsAre(5));
  EXPECT_THAT(asked.sealed_segmentids(), ElementsAre(7));
}

TEST_F(GrpcCoordinatorTest, AMoveIsAskedAboutWhenTheConnectionStands) {
  serve({{"LoadBalance", {}}});
  auto move = kShopMove;
  int times = 0;
  move.may_send = [&times] { return ++times == 0; };
  const auto failure = failure_of(coordinator().load_balance(move));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("not sent, since it came too late"));
  EXPECT_EQ(times, 1);
  EXPECT_THAT(methods(), Not(Contains("LoadBalance")));
}

TEST_F(GrpcCoordinatorTest, AMoveThatCannotBeSentIsNotAskedAbout) {
  ask_at({.host = "127.0.0.1", .port = closed_port()});
  auto move = kShopMove;
  move.may_send = [] {
    ADD_FAILURE() << "there is no connection";
    return true;
  };
  EXPECT_EQ(failure_of(coordinator().load_balance(move)).kind, FailureKind::transport);
}

TEST_F(GrpcCoordinatorTest, MovesThatWouldScatterAreNotSent) {
  serve({{"LoadBalance", {}}});
  auto move = kShopMove;
  move.destinations = {move.source};
  EXPECT_THAT(failure_of(coordinator().load_balance(move)).message, HasSubstr("to itself"));
  move = kShopMove;
  move.segments.clear();
  EXPECT_THAT(failure_of(coordinator().load_balance(move)).message, HasSubstr("every segment"));
  EXPECT_THAT(methods(), ElementsAre());
}

TEST_F(GrpcCoordinatorTest, AnErrorOfMilvusIsItsKind) {
  ::milvus::proto::common::Status status;
  status.set_error_code(::milvus::proto::common::UnexpectedError);
  status.set_code(901);
  status.set_reason("node not found[node=9]");
  serve({{"LoadBalance", {status.SerializeAsString()}}});
  const auto failure = failure_of(coordinator().load_balance(kShopMove));
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_EQ(failure.code, kCodeNodeNotFound);
  EXPECT_THAT(failure.message, HasSubstr("LoadBalance at grpc://127.0.0.1:"));
  EXPECT_THAT(failure.message, HasSubstr("node 9 is not in the collection's replica"));
}

TEST_F(GrpcCoordinatorTest, DatabasesAreThoseThatMilvusLists) {
  pb::ListDatabasesResponse listed;
  for (const char* name : {"shop", "default"}) listed.add_db_names(name);
  serve({{"ListDatabases", {listed.SerializeAsString()}}});
  const auto found = good(run(coordinator().databases()));
  EXPECT_THAT(found.names, ElementsAre("default", "shop"));
  EXPECT_TRUE(found.all);
}

TEST_F(GrpcCoordinatorTest, WithoutAListOfDatabasesThereIsOne) {
  serve({});
  EXPECT_THAT(good(run(coordinator().databases())).names, ElementsAre("default"));
  now_ += kAbsentRest - milliseconds(1);
  EXPECT_TRUE(good(run(coordinator().databases())).all);
  EXPECT_THAT(methods(), ElementsAre("ListDatabases"));
  now_ += milliseconds(1);
  EXPECT_TRUE(run(coordinator().databases()));
  EXPECT_THAT(methods(), ElementsAre("ListDatabases", "ListDatabases"));
}

TEST_F(GrpcCoordinatorTest, AServerThatIsNotMilvusIsSaidToBeNone) {
  serve({});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_THAT(failure.message, HasSubstr("no proxy of Milvus"));
}

TEST_F(GrpcCoordinatorTest, ResourceGroupsAreDescribedOneByOne) {
  pb::ListResourceGroupsResponse names;
  names.add_resource_groups("rg");
  pb::DescribeResourceGroupResponse group;
  group.mutable_resource_group()->set_name("rg");
  for (const int node : {5, 2}) group.mutable_resource_group()->add_nodes()->set_node_id(node);
  serve({{"ListResourceGroups", {names.SerializeAsString()}},
         {"DescribeResourceGroup", {group.SerializeAsString()}}});
  const auto groups = good(run(coordinator().resource_groups()));
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].name, "rg");
  EXPECT_THAT(groups[0].nodes, ElementsAre(NodeId{2}, NodeId{5}));
  EXPECT_EQ(request<pb::DescribeResourceGroupRequest>().resource_group(), "rg");
}

TEST_F(GrpcCoordinatorTest, WhatOnlyHttpHasIsUnsupportedOrAskedThere) {
  serve({});
  EXPECT_THAT(failure_of(coordinator().segment_sizes()).message, HasSubstr("metrics_address"));
  EXPECT_EQ(failure_of(coordinator().replica_roles()).kind, FailureKind::unsupported);
  EXPECT_EQ(failure_of(coordinator().balancer_active()).kind, FailureKind::unsupported);
  EXPECT_EQ(failure_of(coordinator().switch_balancer({})).kind, FailureKind::unsupported);

  ScriptedServer console(evenkeel::tests::always(
      evenkeel::tests::answer(exchange("auth-root/webui-_qn_segments.txt").answer)));
  http::Client client(io_.get_executor());
  HttpCoordinator http(client, console.url(), {});
  ask_at(server_->url(), &http);
  EXPECT_FALSE(good(run(coordinator().segment_sizes())).empty());
}

class GrpcLogin : public GrpcCoordinatorTest {
 protected:
  GrpcLogin() {
    options_.login = {
        .username = "root", .password_file = files_.write("password", "Milvus"), .token_file = {}};
  }
};

TEST_F(GrpcLogin, GoesWithEveryCall) {
  serve({{"LoadBalance", {}}});
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
  EXPECT_EQ(last().metadata.at("authorization"), "cm9vdDpNaWx2dXM=");
}

TEST_F(GrpcLogin, OfATokenGoesAsAPasswordDoes) {
  options_.login = {.username = {}, .password_file = {}, .token_file = files_.write("t", "key")};
  serve({{"LoadBalance", {}}});
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
  EXPECT_EQ(last().metadata.at("authorization"), "a2V5");
}

TEST_F(GrpcLogin, ThatIsWrongIsNotTriedAgainForThirtySeconds) {
  serve({{"GetMetrics", {.code = grpc_code::kUnauthenticated, .words = "auth check failure"}}});
  for (int i = 0; i < 2; ++i) {
    const auto failure = failure_of(coordinator().system_info());
    EXPECT_EQ(failure.kind, FailureKind::login);
    EXPECT_THAT(failure.message, HasSubstr("check [milvus] username and password_file"));
    EXPECT_THAT(failure.message, Not(HasSubstr("cm9vd")));
  }
  EXPECT_EQ(failure_of(coordinator().segments(kShopBook)).kind, FailureKind::login);
  EXPECT_THAT(methods(), ElementsAre("GetMetrics"));
  now_ += kLoginRest;
  EXPECT_FALSE(run(coordinator().system_info()));
  EXPECT_THAT(methods(), ElementsAre("GetMetrics", "GetMetrics"));
}

TEST_F(GrpcLogin, ThatMayNotMoveNamesThePrivilegeAndMayLook) {
  serve({{"LoadBalance",
          {.code = grpc_code::kPermissionDenied,
           .words = "PrivilegeLoadBalance: permission deny to root in the `shop` database"}},
         {"GetQuerySegmentInfo", {}}});
  const auto failure = failure_of(coordinator().load_balance(kShopMove));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message, HasSubstr("needs the privilege LoadBalance"));
  EXPECT_THAT(failure.message, EndsWith("; grant it to a role of this user"));
  EXPECT_TRUE(run(coordinator().segments(kShopBook)));
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_coordinator_test
