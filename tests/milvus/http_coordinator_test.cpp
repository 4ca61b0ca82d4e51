// The coordinator over real sockets: what is asked, and what each kind of bad server comes to.
#include "agent/milvus/http_coordinator.hpp"

#include <filesystem>
#include <iterator>

#include "tests/milvus/coordinator_fixture.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::http_coordinator_test {
namespace {

using evenkeel::tests::answer;
using evenkeel::tests::Peer;
using nlohmann::json;
using rules::CollectionId;
using rules::NodeId;
using rules::SegmentId;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CoordinatorTest, AsksForNodes) {
  serve(sample("2.3.5/system-info.json"));
  const auto nodes = run(coordinator_->system_info());
  ASSERT_TRUE(nodes) << nodes.error().message;
  EXPECT_EQ(nodes->nodes.size(), 4U);
  EXPECT_EQ(request_line(), "GET /api/v1/metrics HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"request", R"({"metric_type":"system_info"})"}}));
}

TEST_F(CoordinatorTest, AsksForTheCollectionsInMemory) {
  serve(sample("2.3.5/collections.json"));
  const auto collections = run(coordinator_->collections("default"));
  ASSERT_TRUE(collections) << collections.error().message;
  EXPECT_EQ(collections->size(), 2U);
  EXPECT_EQ(request_line(), "GET /api/v1/collections HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"type", 1}, {"db_name", "default"}}));
}

TEST_F(CoordinatorTest, AsksForReplicasByIdAs22Wants) {
  serve(sample("2.2.16/replicas.470641382500597818.json"));
  const auto replicas = run(coordinator_->replicas(kBook));
  ASSERT_TRUE(replicas) << replicas.error().message;
  EXPECT_EQ(replicas->size(), 1U);
  EXPECT_EQ(request_line(), "GET /api/v1/replicas HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"collectionID", 470641321825796126},
                                  {"db_name", "default"},
                                  {"with_shard_nodes", true}}));
}

TEST_F(CoordinatorTest, AsksForSegmentsByName) {
  serve(sample("2.3.5/query-segment-info.book.json"));
  const auto segments = run(coordinator_->segments(kBook));
  ASSERT_TRUE(segments) << segments.error().message;
  EXPECT_EQ(segments->size(), 8U);
  EXPECT_EQ(request_line(), "GET /api/v1/query-segment-info HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"collectionName", "book"}, {"dbName", "default"}}));
}

TEST_F(CoordinatorTest, AsksForTheSchema) {
  serve(R"({"status":{},"schema":{"fields":[{"data_type":5}]}})");
  const auto bytes = run(coordinator_->row_bytes(kBook));
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes, 24);
  EXPECT_EQ(request_line(), "GET /api/v1/collection HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"collection_name", "book"}, {"db_name", "default"}}));
}

TEST_F(CoordinatorTest, SendsAMove) {
  serve(sample("2.2.16/load-balance.reply.json"));
  const LoadBalance move{.collection = "book",
                         .source = NodeId{3},
                         .destinations = {NodeId{4}},
                         .segments = {SegmentId{470641044885740721}, SegmentId{5}}};
  EXPECT_TRUE(run(coordinator_->load_balance(move)));
  EXPECT_EQ(request_line(), "POST /api/v1/load-balance HTTP/1.1");
  EXPECT_EQ(request_body(), (json{{"collectionName", "book"},
                                  {"db_name", "default"},
                                  {"src_nodeID", 3},
                                  {"dst_nodeIDs", {4}},
                                  {"sealed_segmentIDs", {470641044885740721, 5}}}));
}

TEST_F(CoordinatorTest, LeavesTheDestinationOutWhereMilvusIsToChooseIt) {
  serve("{}");
  EXPECT_TRUE(run(coordinator_->load_balance(kMove)));
  EXPECT_EQ(request_body(), (json{{"collectionName", "book"},
                                  {"db_name", "default"},
                                  {"src_nodeID", 3},
                                  {"sealed_segmentIDs", {5}}}));
}

TEST_F(CoordinatorTest, AMoveThatComesTooLateIsNotSent) {
  serve("{}");
  LoadBalance late = kMove;
  late.may_send = [] { return false; };
  const auto answer = run(coordinator_->load_balance(late));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("not sent, since it came too late"));
}

TEST_F(CoordinatorTest, AMoveWithoutSegmentsIsNotSent) {
  serve("{}");
  const auto failure =
      failure_of_move({.collection = "book", .source = NodeId{3}, .destinations = {NodeId{4}}});
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("not sent: an empty list means every segment, L0 too"));
  EXPECT_EQ(server_->connections(), 0);
}

using Trap18Databases = CoordinatorTest;

TEST_F(Trap18Databases, EachRequestNamesItsOwnAndByTheKeyOfItsRoute) {
  serve(sample("2.3.5/collections.json"));
  const auto collections = run(coordinator_->collections("db2"));
  ASSERT_TRUE(collections) << collections.error().message;
  EXPECT_EQ(request_body()["db_name"], "db2");
  ASSERT_EQ(collections->size(), 2U);
  for (const auto& collection : *collections) EXPECT_EQ(collection.database, "db2");

  serve("{}");
  const CollectionInfo wide{CollectionId{7}, "wide", 100, "db2"};
  EXPECT_TRUE(run(coordinator_->replicas(wide)));
  EXPECT_EQ(request_body()["db_name"], "db2");
  EXPECT_TRUE(run(coordinator_->segments(wide)));
  EXPECT_EQ(request_body(), (json{{"collectionName", "wide"}, {"dbName", "db2"}}));
  EXPECT_FALSE(run(coordinator_->row_bytes(wide))) << "no schema";
  EXPECT_EQ(request_body(), (json{{"collection_name", "wide"}, {"db_name", "db2"}}));
  auto move = kMove;
  move.database = "db2";
  EXPECT_TRUE(run(coordinator_->load_balance(move)));
  EXPECT_EQ(request_body()["db_name"], "db2");
}

TEST_F(CoordinatorTest, KeepsThePathOfTheAddress) {
  serve("{}");
  auto url = server_->url("/milvus/");
  ask_at(url);
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(request_line(), "GET /milvus/api/v1/query-segment-info HTTP/1.1");
}

TEST_F(CoordinatorTest, NameThatIsNoTextDoesNoHarm) {
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments({CollectionId{1}, "\xFF\"}"})));
  EXPECT_EQ(request_body()["collectionName"], "\xEF\xBF\xBD\"}");
}

TEST_F(CoordinatorTest, MessageSaysWhatWasAskedOfWhom) {
  serve(sample("2.3.5/error.unknown-collection.json"));
  const auto result = run(coordinator_->segments(kBook));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::not_found);
  EXPECT_THAT(result.error().message,
              StartsWith("GET " + server_->url("/api/v1/query-segment-info").str() +
                         ": Milvus answered error 4 (code 100): collection not "
                         "found[database=default][collection=nope]; the collection was dropped"));
}

using Trap01AnErrorDoesNotMeanNothingHappened = CoordinatorTest;

TEST_F(Trap01AnErrorDoesNotMeanNothingHappened, ItIsARefusalAndNothingIsSentAgain) {
  serve(R"({"error_code":1,"reason":"failed to balance: context canceled"})");
  const auto failure = failure_of_move(kMove);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("context canceled"));
  EXPECT_FALSE(failure.timed_out);
  EXPECT_EQ(server_->connections(), 1);
}

using Trap06NeverFromANodeToItself = CoordinatorTest;

TEST_F(Trap06NeverFromANodeToItself, IsNotSent) {
  serve("{}");
  auto move = kMove;
  move.destinations = {NodeId{4}, NodeId{3}};
  const auto failure = failure_of_move(move);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("not sent"));
  EXPECT_EQ(server_->connections(), 0);
}

using Trap16AfterANodeIsKilled = CoordinatorTest;

TEST_F(Trap16AfterANodeIsKilled, SystemInfoThatHangsTimesOut) {
  serve_script([](Peer& peer, int) { peer.hang(); });
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
  EXPECT_TRUE(nodes.error().timed_out);
  EXPECT_THAT(nodes.error().message, HasSubstr("no answer within 300 ms"));
}

TEST_F(Trap16AfterANodeIsKilled, ReplicasWithoutAShardLeaderAreRefused) {
  serve(R"({"status":{"error_code":1,"reason":"failed to get shard leader"}})");
  const auto replicas = run(coordinator_->replicas(kBook));
  ASSERT_FALSE(replicas);
  EXPECT_EQ(replicas.error().kind, FailureKind::refused) << "the collection is still there";
}

using Trap17EveryCallItsOwnDeadline = CoordinatorTest;

TEST_F(Trap17EveryCallItsOwnDeadline, AHangingCallHoldsNoOtherUp) {
  serve_script([](Peer& peer, int) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      if (request.find("/metrics") != std::string::npos) peer.hang();
      peer.write(answer("{}"));
    }
  });
  std::optional<Result<SystemInfo>> nodes;
  asio::co_spawn(io_, coordinator_->system_info(),
                 [&nodes](const std::exception_ptr&, auto result) { nodes = std::move(result); });
  EXPECT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_TRUE(run(coordinator_->replicas(kBook)));
  EXPECT_FALSE(nodes) << "still waiting";
  io_.run();
  ASSERT_TRUE(nodes);
  EXPECT_TRUE(nodes->error().timed_out);
}

TEST_F(Trap17EveryCallItsOwnDeadline, AMoveMayTakeLonger) {
  serve_script([](Peer& peer, int) {
    peer.read_request();
    std::this_thread::sleep_for(milliseconds(320));
    peer.write(answer("{}"));
  });
  EXPECT_TRUE(run(coordinator_->load_balance(kMove)));
}

TEST_F(CoordinatorTest, NobodyListens) {
  ask_at({.host = "127.0.0.1", .port = evenkeel::tests::closed_port()});
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
  EXPECT_FALSE(nodes.error().timed_out);
  EXPECT_THAT(nodes.error().message,
              HasSubstr("connection refused (is Milvus up, and is this a proxy's HTTP port"));
}

TEST_F(CoordinatorTest, ConnectionThatIsReset) {
  serve_script([](Peer& peer, int) {
    peer.read_request();
    peer.end_with_reset();
  });
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
}

TEST_F(CoordinatorTest, AnotherServersPort) {
  serve("404 page not found", 404);
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::malformed);
  EXPECT_THAT(nodes.error().message,
              HasSubstr("HTTP 404: this is no proxy's HTTP port (9091 by default), or a Milvus "
                        "whose /api/v1 is switched off (proxy.http.enabled) or retired"));
}

TEST_F(CoordinatorTest, RequestThatMilvusCannotRead) {
  serve(R"({"error_code":5,"reason":"bad request: parse body failed: unexpected EOF"})", 400);
  const auto failure = failure_of_move(kMove);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("HTTP 400: Milvus answered error 5: bad request"));
}

TEST_F(CoordinatorTest, ProxyInFrontThatIsOutOfOrder) {
  serve("<html>503 Service Temporarily Unavailable</html>", 503);
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::refused);
  EXPECT_THAT(nodes.error().message, HasSubstr("HTTP 503: <html>503 Service"));
}

class BadAnswer : public CoordinatorTest, public testing::WithParamInterface<std::string> {};

TEST_P(BadAnswer, IsMalformedToEveryCall) {
  serve(GetParam());
  const auto expect_malformed = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, FailureKind::malformed) << result.error().message;
  };
  expect_malformed(run(coordinator_->system_info()));
  expect_malformed(run(coordinator_->collections("default")));
  expect_malformed(run(coordinator_->replicas(kBook)));
  expect_malformed(run(coordinator_->segments(kBook)));
  expect_malformed(run(coordinator_->row_bytes(kBook)));
  expect_malformed(run(coordinator_->load_balance(kMove)));
}

INSTANTIATE_TEST_SUITE_P(Texts, BadAnswer,
                         testing::Values("", "{", R"({"x":1e999})",
                                         R"({"status":{}, "infos":[{"segm)",
                                         std::string(10'000, '['), "<html></html>", "[]", "7",
                                         R"({"error_code":"no"})"));

TEST_F(CoordinatorTest, AnswerLongerThanTheSettingsTake) {
  options_.timeout = std::chrono::seconds(20);
  options_.max_answer = 3u << 20;
  serve_script([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "100000\r\n" + std::string(0x100000, ' ') + "\r\n";
    for (int i = 0; i < 64 && peer.write(piece); ++i) {
    }
  });
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
  EXPECT_THAT(nodes.error().message, HasSubstr("over the 3 MiB taken ([milvus] max_answer)"));
}

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

std::string long_list(int segments) {
  std::string text = R"({"status":{},"infos":[)";
  for (int id = 1; id <= segments; ++id) {
    text += R"({"segmentID":)" + std::to_string(id) + R"(,"nodeIds":[3]},)";
  }
  text.back() = ']';
  return text + "}";
}

// What takes long to read is read aside: health and metrics are served meanwhile.
TEST_F(CoordinatorTest, BigAnswersAreReadOnAThreadOfTheirOwn) {
  options_.timeout = std::chrono::seconds(20);
  serve_each({{"/api/v1/query-segment-info", long_list(50'000)}});
  (void)run(coordinator_->balancer_active());  // the connection has a thread of the server's
  const auto before = threads();
  auto segments = run(coordinator_->segments(kBook));
  ASSERT_TRUE(segments) << segments.error().message;
  ASSERT_EQ(segments->size(), 50'000U);
  EXPECT_EQ(segments->back().id, rules::SegmentId{50'000});
  EXPECT_EQ(threads(), before + 1);
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(threads(), before + 1);
}

TEST_F(CoordinatorTest, SmallAnswersAreReadAtOnce) {
  serve_each({{"/api/v1/query-segment-info", long_list(1'000)}});
  (void)run(coordinator_->balancer_active());
  const auto before = threads();
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(threads(), before);
}

TEST_F(CoordinatorTest, BigAnswersThatMakeNoSenseAreMalformed) {
  options_.read_here = 0;
  serve(R"({"status":{},"infos":[{"segmentID":1},{"segmentID":true}]})");
  auto failure = failure_of(coordinator_->segments(kBook));
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_THAT(failure.message, HasSubstr("GET " + server_->url("/api/v1/query-segment-info").str() +
                                         ": infos[1].segmentID: expected an integer"));
  serve(R"({"status":{"code":101,"reason":"gone"},"infos":[{"segmentID":true}]})");
  failure = failure_of(coordinator_->segments(kBook));
  EXPECT_EQ(failure.kind, FailureKind::not_loaded) << failure.message;
}

TEST(FailureKindName, IsALabelValue) {
  EXPECT_EQ(name(FailureKind::transport), "transport");
  EXPECT_EQ(name(FailureKind::malformed), "malformed");
  EXPECT_EQ(name(FailureKind::not_found), "not_found");
  EXPECT_EQ(name(FailureKind::not_loaded), "not_loaded");
  EXPECT_EQ(name(FailureKind::login), "login");
  EXPECT_EQ(name(FailureKind::unsupported), "unsupported");
  EXPECT_EQ(name(FailureKind::refused), "refused");
}

}  // namespace
}  // namespace evenkeel::milvus::http_coordinator_test
