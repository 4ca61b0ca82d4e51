// The gRPC port of the simulated Milvus through sockets.
#include "agent/demo/simulated_grpc.hpp"

#include <gmock/gmock.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "agent/milvus/proto/milvus.pb.h"
#include "tests/demo/grpc_talk.hpp"
#include "tests/demo/recorded_world.hpp"
#include "tests/http/self_signed.hpp"

namespace evenkeel::demo::simulated_grpc_test {
namespace {

namespace pb = ::milvus::proto::milvus;
using nlohmann::json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string kService = "/milvus.proto.milvus.MilvusService/";

// The cluster runs on a thread of its own, since the client blocks. Its time is moved by the tests.
class SimulatedGrpcTest : public testing::Test {
 protected:
  ~SimulatedGrpcTest() override { stop(); }

  void start(World world, const GrpcTls& tls = {}) {
    stop();
    io_.restart();
    milvus_ = std::make_unique<SimulatedMilvus>(io_.get_executor(), std::move(world), [this] {
      return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_ms_));
    });
    grpc_ = std::make_unique<SimulatedGrpc>(io_.get_executor(), *milvus_, tls);
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(io_);
      io_.run();
    });
  }
  void stop() {
    grpc_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
    milvus_.reset();
  }
  [[nodiscard]] GrpcQuestion question(const std::string& method, GrpcMetadata metadata = {}) const {
    const auto address = grpc_->address();
    return {.authority = address.substr(address.find("://") + 3),
            .method = kService + method,
            .metadata = std::move(metadata)};
  }
  GrpcStatus call(const std::string& method, const google::protobuf::MessageLite& request,
                  google::protobuf::MessageLite& response, GrpcMetadata metadata = {}) const {
    return ask(question(method, std::move(metadata)), request, response);
  }
  // A response that must come.
  template <typename Response>
  Response good(const std::string& method, const google::protobuf::MessageLite& request,
                GrpcMetadata metadata = {}) const {
    Response response;
    const auto status = call(method, request, response, std::move(metadata));
    EXPECT_EQ(status.code, GrpcCode::ok) << status.message;
    return response;
  }
  template <typename Value>
  Value on_thread(std::function<Value()> look) {
    std::packaged_task<Value()> task(std::move(look));
    auto value = task.get_future();
    asio::post(io_, [&task] { task(); });
    return value.get();
  }

  asio::io_context io_{1};
  std::atomic<int> now_ms_{0};
  std::unique_ptr<SimulatedMilvus> milvus_;
  std::unique_ptr<SimulatedGrpc> grpc_;
  std::thread thread_;
};

TEST_F(SimulatedGrpcTest, AnswersEveryMethod) {
  start(recorded_world());
  pb::ShowCollectionsRequest loaded;
  loaded.set_type(pb::InMemory);
  const auto collections = good<pb::ShowCollectionsResponse>("ShowCollections", loaded);
  EXPECT_THAT(collections.collection_names(), ElementsAre("book"));
  EXPECT_THAT(collections.collection_ids(), ElementsAre(kBook));
  EXPECT_THAT(collections.inmemory_percentages(), ElementsAre(100));

  const auto databases =
      good<pb::ListDatabasesResponse>("ListDatabases", pb::ListDatabasesRequest());
  EXPECT_THAT(databases.db_names(), ElementsAre("default", "db2"));

  pb::DescribeCollectionRequest which;
  which.set_collection_name("book");
  const auto described = good<pb::DescribeCollectionResponse>("DescribeCollection", which);
  EXPECT_EQ(described.collectionid(), kBook);
  ASSERT_THAT(described.schema().fields(), SizeIs(2));
  EXPECT_EQ(described.schema().fields(1).data_type(), ::milvus::proto::schema::FloatVector);
  EXPECT_EQ(described.schema().fields(1).type_params(0).value(), "128");

  pb::GetReplicasRequest whose;
  whose.set_collectionid(kBook);
  whose.set_with_shard_nodes(true);
  const auto replicas = good<pb::GetReplicasResponse>("GetReplicas", whose);
  ASSERT_THAT(replicas.replicas(), SizeIs(1));
  EXPECT_THAT(replicas.replicas(0).node_ids(), ElementsAre(3, 4, 5, 2));
  EXPECT_EQ(replicas.replicas(0).shard_replicas(0).leaderid(), 2);

  pb::GetQuerySegmentInfoRequest segments_of;
  segments_of.set_collectionname("book");
  const auto segments =
      good<pb::GetQuerySegmentInfoResponse>("GetQuerySegmentInfo", segments_of).infos();
  ASSERT_THAT(segments, SizeIs(7));
  EXPECT_EQ(segments[0].segmentid(), 470781385398490114);
  EXPECT_EQ(segments[0].num_rows(), 40'000);
  EXPECT_EQ(segments[0].state(), ::milvus::proto::common::Sealed);
  EXPECT_EQ(segments[0].level(), ::milvus::proto::common::L1);
  EXPECT_THAT(segments[0].nodeids(), ElementsAre(3));

  pb::GetMetricsRequest metrics;
  metrics.set_request(R"({"metric_type":"system_info"})");
  const auto system = good<pb::GetMetricsResponse>("GetMetrics", metrics);
  EXPECT_THAT(json::parse(system.response())["nodes_info"], SizeIs(8));

  EXPECT_THAT(
      good<pb::ListResourceGroupsResponse>("ListResourceGroups", pb::ListResourceGroupsRequest())
          .resource_groups(),
      ElementsAre("__default_resource_group"));
  EXPECT_EQ(good<pb::GetVersionResponse>("GetVersion", pb::GetVersionRequest()).version(),
            "2.6.19");
}

TEST_F(SimulatedGrpcTest, AResourceGroupHasNoStreamingNodeFrom2_6_1On) {
  pb::DescribeResourceGroupRequest which;
  which.set_resource_group("__default_resource_group");
  const auto nodes = [&](const char* version) {
    start(recorded_world(version));
    std::vector<std::int64_t> ids;
    const auto group = good<pb::DescribeResourceGroupResponse>("DescribeResourceGroup", which);
    for (const auto& node : group.resource_group().nodes()) ids.push_back(node.node_id());
    return ids;
  };
  EXPECT_THAT(nodes("2.6.19"), ElementsAre(3, 4, 5));
  EXPECT_THAT(nodes("2.6.0"), ElementsAre(3, 4, 5, 2));
  EXPECT_THAT(nodes("2.3.5"), testing::IsEmpty()) << "it names no node before 2.4";
  which.set_resource_group("other");
  const auto none = good<pb::DescribeResourceGroupResponse>("DescribeResourceGroup", which);
  EXPECT_EQ(none.status().code(), 300);
}

TEST_F(SimulatedGrpcTest, WhatAReleaseLacksIsUnimplemented) {
  start(recorded_world("2.2.8"));
  pb::ListDatabasesResponse databases;
  EXPECT_EQ(call("ListDatabases", pb::ListDatabasesRequest(), databases).code,
            GrpcCode::unimplemented);
  const auto status = call("NoSuchMethod", pb::ListDatabasesRequest(), databases);
  EXPECT_EQ(status.code, GrpcCode::unimplemented);
  EXPECT_EQ(status.message,
            "unknown method NoSuchMethod for service milvus.proto.milvus.MilvusService");
}

TEST_F(SimulatedGrpcTest, ErrorsHaveACodeOfTheirOwnFrom2_3On) {
  pb::GetQuerySegmentInfoRequest nope;
  nope.set_collectionname("nope");
  const auto status = [&](const char* version) {
    start(recorded_world(version));
    return good<pb::GetQuerySegmentInfoResponse>("GetQuerySegmentInfo", nope).status();
  };
  EXPECT_EQ(status("2.3.5").code(), 100);
  EXPECT_EQ(status("2.2.16").code(), 0);
  EXPECT_EQ(status("2.2.16").error_code(), ::milvus::proto::common::CollectionNotExists);
  EXPECT_THAT(status("2.2.16").reason(), HasSubstr("collection not found"));
}

TEST_F(SimulatedGrpcTest, TheDatabaseIsThatOfTheRequestOrOfTheMetadata) {
  start(recorded_world());
  const auto names = [&](const char* own, GrpcMetadata metadata) {
    pb::ShowCollectionsRequest request;
    request.set_db_name(own);
    const auto answer =
        good<pb::ShowCollectionsResponse>("ShowCollections", request, std::move(metadata));
    return std::vector<std::string>(answer.collection_names().begin(),
                                    answer.collection_names().end());
  };
  EXPECT_THAT(names("", {}), ElementsAre("book"));
  EXPECT_THAT(names("", {{"dbname", "db2"}}), ElementsAre("wide"));
  EXPECT_THAT(names("default", {{"dbname", "db2"}}), ElementsAre("book"));
  pb::GetQuerySegmentInfoRequest wide;
  wide.set_collectionname("wide");
  EXPECT_THAT(
      good<pb::GetQuerySegmentInfoResponse>("GetQuerySegmentInfo", wide, {{"dbname", "db2"}})
          .infos(),
      SizeIs(1));
}

pb::LoadBalanceRequest move_of_book() {
  pb::LoadBalanceRequest move;
  move.set_collectionname("book");
  move.set_src_nodeid(3);
  move.add_dst_nodeids(4);
  move.add_sealed_segmentids(470781385398490114);
  return move;
}

TEST_F(SimulatedGrpcTest, LoadBalanceAnswersWhenTheMoveIsDone) {
  start(recorded_world());
  auto answer = std::async(std::launch::async, [&] {
    return good<::milvus::proto::common::Status>("LoadBalance", move_of_book());
  });
  while (on_thread<std::uint64_t>([&] { return milvus_->load_balance_calls(); }) == 0) {
  }
  EXPECT_EQ(answer.wait_for(30ms), std::future_status::timeout);
  now_ms_ = 2'000;
  EXPECT_EQ(answer.get().code(), 0);
  EXPECT_EQ(
      on_thread<rules::NodeId>([&] { return milvus_->world().collections[0].segments.at(0).node; }),
      node(4));
}

TEST_F(SimulatedGrpcTest, AClientThatHangsUpCancelsNoMove) {
  start(recorded_world());
  auto impatient = question("LoadBalance");
  impatient.deadline = 1'000ms;
  ::milvus::proto::common::Status status;
  EXPECT_EQ(static_cast<int>(ask(impatient, move_of_book(), status).code), 4)
      << "DEADLINE_EXCEEDED";
  now_ms_ = 2'000;
  EXPECT_EQ(
      on_thread<rules::NodeId>([&] { return milvus_->world().collections[0].segments.at(0).node; }),
      node(4));
}

TEST_F(SimulatedGrpcTest, DestructionGivesUpACallUnderWay) {
  start(recorded_world());
  ::milvus::proto::common::Status status;
  auto given_up = std::async(std::launch::async, [this, &status, asked = question("LoadBalance")] {
    return ask(asked, move_of_book(), status);
  });
  while (on_thread<std::uint64_t>([&] { return milvus_->load_balance_calls(); }) == 0) {
  }
  grpc_.reset();
  EXPECT_NE(given_up.get().code, GrpcCode::ok);
}

TEST_F(SimulatedGrpcTest, DestructionNeedsNoExecutorThatRuns) {
  start(recorded_world());
  io_.stop();
  thread_.join();
  pb::GetVersionResponse version;
  auto waiting = std::async(std::launch::async, [this, &version, asked = question("GetVersion")] {
    return ask(asked, pb::GetVersionRequest(), version);
  });
  waiting.wait_for(50ms);
  grpc_.reset();
  EXPECT_NE(waiting.get().code, GrpcCode::ok);
}

TEST_F(SimulatedGrpcTest, ALoginIsAskedForInEveryRelease) {
  auto world = recorded_world("2.3.5");
  world.user = "root";
  world.password = "Milvus";
  start(std::move(world));
  const auto as = [&](GrpcMetadata metadata) {
    pb::GetVersionResponse version;
    return call("GetVersion", pb::GetVersionRequest(), version, std::move(metadata));
  };
  const auto nobody = as({});
  EXPECT_EQ(nobody.code, GrpcCode::unauthenticated);
  EXPECT_EQ(nobody.message, "missing authorization in header");
  EXPECT_THAT(as({{"authorization", "cm9vdDp3cm9uZw=="}}).message,
              HasSubstr("please check username and password are correct"));
  EXPECT_THAT(as({{"authorization", "a2V5"}}).message, HasSubstr("please check api key"));
  EXPECT_EQ(as({{"authorization", "!"}}).message, "invalid token format");
  EXPECT_EQ(as({{"authorization", "cm9vdDpNaWx2dXM="}}).code, GrpcCode::ok);
}

TEST_F(SimulatedGrpcTest, APrivilegeThatIsMissingIsNamed) {
  auto world = recorded_world();
  world.user = "bob";
  world.password = "Milvus";
  world.denied = {"LoadBalance"};
  start(std::move(world));
  const GrpcMetadata login{{"authorization", "Ym9iOk1pbHZ1cw=="}};
  ::milvus::proto::common::Status status;
  const auto refused = call("LoadBalance", move_of_book(), status, login);
  EXPECT_EQ(refused.code, GrpcCode::permission_denied);
  EXPECT_EQ(refused.message,
            "PrivilegeLoadBalance: permission deny to bob in the `default` database");
  EXPECT_EQ(on_thread<std::uint64_t>([&] { return milvus_->load_balance_calls(); }), 0U);
  good<pb::ShowCollectionsResponse>("ShowCollections", pb::ShowCollectionsRequest(), login);
}

TEST_F(SimulatedGrpcTest, SpeaksTlsAndKnowsItsClientsByTheirs) {
  const auto server = evenkeel::tests::self_signed("IP:127.0.0.1");
  const auto client = evenkeel::tests::self_signed("DNS:evenkeel");
  start(recorded_world(), {.certificate = server.certificate,
                           .key = server.key,
                           .client_authority = client.certificate});
  EXPECT_THAT(grpc_->address(), testing::StartsWith("grpcs://127.0.0.1:"));
  auto asked = question("GetVersion");
  asked.tls.client_authority = server.certificate;
  pb::GetVersionResponse version;
  EXPECT_EQ(ask(asked, pb::GetVersionRequest(), version).code, GrpcCode::unavailable);
  asked.tls.certificate = client.certificate;
  asked.tls.key = client.key;
  const auto status = ask(asked, pb::GetVersionRequest(), version);
  EXPECT_EQ(status.code, GrpcCode::ok) << status.message;
}

TEST_F(SimulatedGrpcTest, ARequestOverOneMebibyteIsRefused) {
  start(recorded_world());
  pb::GetMetricsRequest large;
  large.set_request(std::string((1 << 20) + 1, 'x'));
  pb::GetMetricsResponse response;
  EXPECT_EQ(call("GetMetrics", large, response).code, GrpcCode::resource_exhausted);
}

}  // namespace
}  // namespace evenkeel::demo::simulated_grpc_test
