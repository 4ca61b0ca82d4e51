// The coordinator over gRPC on real sockets: what is asked, and what each kind of bad server comes
// to.
#include "agent/milvus/grpc_coordinator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/http_coordinator.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/http/self_signed.hpp"
#include "tests/milvus/grpc_samples.hpp"
#include "tests/milvus/grpc_server.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::milvus::grpc_coordinator_test {
namespace {

using evenkeel::tests::closed_port;
using evenkeel::tests::GrpcAsked;
using evenkeel::tests::GrpcIdentity;
using evenkeel::tests::GrpcReply;
using evenkeel::tests::GrpcServer;
using evenkeel::tests::ScriptedServer;
using evenkeel::tests::self_signed;
using rules::NodeId;
using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int kUnimplemented = 12, kPermissionDenied = 7, kUnauthenticated = 16;

const CollectionInfo kBook{rules::CollectionId{470641321825796126}, "book", 100, "shop"};
const LoadBalance kMove{.collection = "book",
                        .source = NodeId{3},
                        .destinations = {NodeId{5}},
                        .segments = {rules::SegmentId{7}},
                        .database = "shop"};

class GrpcCoordinatorTest : public testing::Test {
 protected:
  GrpcCoordinatorTest() {
    options_.timeout = milliseconds(5'000);
    options_.move_timeout = milliseconds(6'000);
    options_.now = [this] { return now_; };
  }

  // A server that gives each method its answer, and does not know the others.
  void serve(std::map<std::string, GrpcReply> answers, const GrpcIdentity& identity = {},
             std::uint16_t port = 0) {
    server_.reset();
    server_ = std::make_unique<GrpcServer>(
        [answers = std::move(answers)](const GrpcAsked& asked) {
          const auto found = answers.find(asked.method);
          return found == answers.end() ? GrpcReply{.code = kUnimplemented} : found->second;
        },
        identity, port);
  }

  GrpcCoordinator& coordinator() {
    if (!coordinator_) ask_at(server_->url());
    return *coordinator_;
  }
  void ask_at(http::Url url, Coordinator* http = nullptr) {
    coordinator_ = std::make_unique<GrpcCoordinator>(std::move(url), options_, http);
  }

  template <typename T>
  T run(Awaitable<T> awaitable) {
    return evenkeel::tests::run(io_, std::move(awaitable));
  }
  template <typename T>
  Failure failure_of(Awaitable<Result<T>> awaitable) {
    const auto result = run(std::move(awaitable));
    if (!result) return result.error();
    ADD_FAILURE() << "was answered";
    return {};
  }
  std::vector<std::string> methods() const {
    std::vector<std::string> methods;
    for (const auto& asked : server_->asked()) methods.push_back(asked.method);
    return methods;
  }
  GrpcAsked last() const { return server_->asked().back(); }
  // The last request, as the message that it should be.
  template <typename Message>
  Message request() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(last().message));
    return message;
  }

  asio::io_context io_;
  std::chrono::steady_clock::time_point now_{};
  GrpcCoordinatorOptions options_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<GrpcCoordinator> coordinator_;
  web::Secrets files_;
};

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
  EXPECT_EQ(good(run(coordinator().replicas(kBook))).size(), 1U);
  EXPECT_EQ(request<pb::GetReplicasRequest>().collectionid(), 470641321825796126);
  EXPECT_TRUE(request<pb::GetReplicasRequest>().with_shard_nodes());
  EXPECT_EQ(good(run(coordinator().segments(kBook))).size(), 8U);
  EXPECT_EQ(request<pb::GetQuerySegmentInfoRequest>().collectionname(), "book");
  EXPECT_EQ(request<pb::GetQuerySegmentInfoRequest>().dbname(), "shop");
}

TEST_F(GrpcCoordinatorTest, AsksForTheSchema) {
  serve({{"DescribeCollection", {schema_over_grpc(sample("2.1.0/collection.book.json"))}}});
  EXPECT_GT(good(run(coordinator().row_bytes(kBook))), 0);
  EXPECT_EQ(request<pb::DescribeCollectionRequest>().collection_name(), "book");
}

TEST_F(GrpcCoordinatorTest, SendsAMove) {
  serve({{"LoadBalance", {}}});
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
  const auto asked = request<pb::LoadBalanceRequest>();
  EXPECT_EQ(asked.collectionname(), "book");
  EXPECT_EQ(asked.db_name(), "shop");
  EXPECT_EQ(asked.src_nodeid(), 3);
  EXPECT_THAT(asked.dst_nodeids(), ElementsAre(5));
  EXPECT_THAT(asked.sealed_segmentids(), ElementsAre(7));
}

TEST_F(GrpcCoordinatorTest, AMoveIsAskedAboutWhenTheConnectionStands) {
  serve({{"LoadBalance", {}}});
  auto move = kMove;
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
  auto move = kMove;
  move.may_send = [] {
    ADD_FAILURE() << "there is no connection";
    return true;
  };
  EXPECT_EQ(failure_of(coordinator().load_balance(move)).kind, FailureKind::transport);
}

TEST_F(GrpcCoordinatorTest, MovesThatWouldScatterAreNotSent) {
  serve({{"LoadBalance", {}}});
  auto move = kMove;
  move.destinations = {move.source};
  EXPECT_THAT(failure_of(coordinator().load_balance(move)).message, HasSubstr("to itself"));
  move = kMove;
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
  const auto failure = failure_of(coordinator().load_balance(kMove));
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
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
  EXPECT_EQ(last().metadata.at("authorization"), "cm9vdDpNaWx2dXM=");
}

TEST_F(GrpcLogin, OfATokenGoesAsAPasswordDoes) {
  options_.login = {.username = {}, .password_file = {}, .token_file = files_.write("t", "key")};
  serve({{"LoadBalance", {}}});
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
  EXPECT_EQ(last().metadata.at("authorization"), "a2V5");
}

TEST_F(GrpcLogin, ThatIsWrongIsNotTriedAgainForThirtySeconds) {
  serve({{"GetMetrics", {.code = kUnauthenticated, .words = "auth check failure"}}});
  for (int i = 0; i < 2; ++i) {
    const auto failure = failure_of(coordinator().system_info());
    EXPECT_EQ(failure.kind, FailureKind::login);
    EXPECT_THAT(failure.message, HasSubstr("check [milvus] username and password_file"));
    EXPECT_THAT(failure.message, Not(HasSubstr("cm9vd")));
  }
  EXPECT_EQ(failure_of(coordinator().segments(kBook)).kind, FailureKind::login);
  EXPECT_THAT(methods(), ElementsAre("GetMetrics"));
  now_ += kLoginRest;
  EXPECT_FALSE(run(coordinator().system_info()));
  EXPECT_THAT(methods(), ElementsAre("GetMetrics", "GetMetrics"));
}

TEST_F(GrpcLogin, ThatMayNotMoveNamesThePrivilegeAndMayLook) {
  serve({{"LoadBalance",
          {.code = kPermissionDenied,
           .words = "PrivilegeLoadBalance: permission deny to root in the `shop` database"}},
         {"GetQuerySegmentInfo", {}}});
  const auto failure = failure_of(coordinator().load_balance(kMove));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message, HasSubstr("needs the privilege LoadBalance"));
  EXPECT_TRUE(run(coordinator().segments(kBook)));
}

class GrpcBadServer : public GrpcCoordinatorTest {};

TEST_F(GrpcBadServer, NobodyListens) {
  ask_at({.host = "127.0.0.1", .port = closed_port()});
  for (int i = 0; i < 2; ++i) {
    const auto failure = failure_of(coordinator().system_info());
    EXPECT_EQ(failure.kind, FailureKind::transport);
    EXPECT_FALSE(failure.timed_out);
    EXPECT_THAT(failure.message, HasSubstr("Connection refused"));
    EXPECT_THAT(failure.message, HasSubstr("is Milvus up"));
  }
}

TEST_F(GrpcBadServer, ThatIsBackIsAskedAgain) {
  serve({{"LoadBalance", {}}});
  ASSERT_TRUE(run(coordinator().load_balance(kMove)));
  const auto port = server_->url().port;
  server_.reset();
  EXPECT_EQ(failure_of(coordinator().load_balance(kMove)).kind, FailureKind::transport);
  serve({{"LoadBalance", {}}}, {}, port);
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
}

TEST_F(GrpcBadServer, ThatHangsTimesOut) {
  options_.timeout = milliseconds(200);
  serve({{"GetMetrics", {.never = true}}, {"LoadBalance", {}}});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_TRUE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("no answer within 200 ms"));
  EXPECT_TRUE(run(coordinator().load_balance(kMove))) << "one call holds no other up";
}

TEST_F(GrpcBadServer, ThatAcceptsAndSaysNothingTimesOut) {
  options_.timeout = milliseconds(200);
  ScriptedServer silent([](auto& peer, int) { peer.hang(); });
  ask_at(silent.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_TRUE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("no connection within 200 ms"));
}

TEST_F(GrpcBadServer, ACallIsCancelledWithItsCoroutine) {
  using namespace asio::experimental::awaitable_operators;
  serve({{"GetMetrics", {.never = true}}});
  auto& asked = coordinator();
  const auto both = [&]() -> Awaitable<int> {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto until_asked = [&]() -> Awaitable<void> {
      while (server_->asked().empty()) {
        timer.expires_after(milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
      }
    };
    co_await (asked.system_info() || until_asked());
    co_return 0;
  };
  run(both());
  EXPECT_TRUE(server_->saw_cancelled(1));
}

TEST_F(GrpcBadServer, ACoordinatorThatGoesEndsItsCalls) {
  serve({{"GetMetrics", {.never = true}}});
  bool answered = false;
  asio::co_spawn(io_, coordinator().system_info(),
                 [&](const std::exception_ptr&, auto result) { answered = !result; });
  while (server_->asked().empty()) io_.run_for(milliseconds(1));
  EXPECT_FALSE(answered);
  coordinator_.reset();
  EXPECT_TRUE(server_->saw_cancelled(1));
}

TEST_F(GrpcBadServer, AnAnswerLongerThanTheSettingsTake) {
  options_.max_answer = 64 << 10;
  serve({{"GetMetrics", {std::string(100 << 10, 'x')}}});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("[milvus] max_answer"));
}

TEST_F(GrpcBadServer, ALongAnswerIsReadOnAThreadOfItsOwn) {
  options_.read_here = 100;
  serve({{"GetQuerySegmentInfo",
          {segments_over_grpc(sample("2.3.5/query-segment-info.book.json"))}}});
  EXPECT_EQ(good(run(coordinator().segments(kBook))).size(), 8U);
}

TEST_F(GrpcBadServer, BytesThatAreNoAnswerAreMalformed) {
  serve({{"GetQuerySegmentInfo", {"\xff\xff\xff"}}});
  EXPECT_EQ(failure_of(coordinator().segments(kBook)).kind, FailureKind::malformed);
}

TEST_F(GrpcBadServer, APortOfHttpIsSaidToBeOne) {
  ScriptedServer http([](auto& peer, int) {
    peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.hang();
  });
  ask_at(http.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("this is a port of HTTP"));
}

TEST_F(GrpcBadServer, APortOfGrpcIsNoneOfHttp) {
  serve({});
  http::Client client(io_.get_executor());
  HttpCoordinator http(client, server_->url(), {.timeout = milliseconds(2'000)});
  EXPECT_EQ(failure_of(http.system_info()).kind, FailureKind::transport);
}

TEST_F(GrpcBadServer, ThatResetsEachConnection) {
  ScriptedServer resetting([](auto& peer, int) { peer.end_with_reset(); });
  ask_at(resetting.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_FALSE(failure.timed_out);
}

class GrpcTls : public GrpcCoordinatorTest {
 protected:
  GrpcTls() { options_.tls.ca_file = files_.write("ca.pem", server_identity_.certificate); }

  void serve_tls(const std::string& client_authorities = {}) {
    serve({{"LoadBalance", {}}},
          {server_identity_.certificate, server_identity_.key, client_authorities});
  }

  const evenkeel::tests::Identity server_identity_ = self_signed("DNS:localhost,IP:127.0.0.1");
  const evenkeel::tests::Identity client_identity_ = self_signed("DNS:evenkeel");
};

TEST_F(GrpcTls, BelievesTheNamedCa) {
  serve_tls();
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
}

TEST_F(GrpcTls, DoesNotBelieveAnother) {
  serve_tls();
  options_.tls.ca_file = files_.write("other.pem", client_identity_.certificate);
  const auto failure = failure_of(coordinator().load_balance(kMove));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("ca_file"));
  EXPECT_THAT(methods(), ElementsAre());
}

TEST_F(GrpcTls, DoesNotBelieveAnotherName) {
  serve_tls();
  const auto other = self_signed("DNS:elsewhere");
  serve({{"LoadBalance", {}}}, {other.certificate, other.key, {}});
  options_.tls.ca_file = files_.write("elsewhere.pem", other.certificate);
  EXPECT_EQ(failure_of(coordinator().load_balance(kMove)).kind, FailureKind::transport);
}

TEST_F(GrpcTls, BelievesAnybodyWhereToldTo) {
  serve_tls();
  options_.tls = {.verify = false};
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
}

TEST_F(GrpcTls, ShowsItsOwnCertificateWhereItIsWanted) {
  serve_tls(client_identity_.certificate);
  EXPECT_EQ(failure_of(coordinator().load_balance(kMove)).kind, FailureKind::transport);
  coordinator_.reset();
  options_.tls.cert_file = files_.write("own.pem", client_identity_.certificate);
  options_.tls.key_file = files_.write("own.key", client_identity_.key);
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
  coordinator_.reset();
  options_.tls.ca_file.clear();
  options_.tls.verify = false;
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
}

TEST_F(GrpcTls, ReadsItsFilesAgain) {
  serve_tls();
  options_.tls.ca_file = files_.write("ca.pem", client_identity_.certificate);
  EXPECT_FALSE(run(coordinator().load_balance(kMove)));
  files_.write("ca.pem", server_identity_.certificate);
  EXPECT_TRUE(coordinator().renew_tls());
  EXPECT_TRUE(run(coordinator().load_balance(kMove)));
  files_.write("ca.pem", "nothing");
  EXPECT_FALSE(coordinator().renew_tls());
  EXPECT_TRUE(run(coordinator().load_balance(kMove))) << "the old ones are used on";
}

TEST_F(GrpcTls, APortThatWantsItIsToldFromOneThatDoesNot) {
  serve_tls();
  auto url = server_->url();
  url.tls = false;
  ask_at(url);
  const auto failure = failure_of(coordinator().load_balance(kMove));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("asked as grpcs://"));
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_coordinator_test
