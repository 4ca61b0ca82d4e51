// The port to Milvus on each road: what is asked, what real answers mean, and how calls fail.
#include "agent/milvus/coordinator.hpp"

#include "tests/milvus/roads_fixture.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::coordinator_test {
namespace {

using nlohmann::json;
using rules::CollectionId;
using rules::NodeId;
using rules::SegmentId;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Coordinators : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Coordinators);

TEST_P(Coordinators, AskForNodes) {
  serve(sample("2.3.5/system-info.json"));
  const auto nodes = run(coordinator_->system_info());
  ASSERT_TRUE(nodes) << nodes.error().message;
  EXPECT_THAT(nodes->nodes, SizeIs(4));
  EXPECT_EQ(nodes->version, "v2.3.5-lite");
  EXPECT_EQ(asked().method, "GetMetrics");
  EXPECT_EQ(asked().request, (json{{"request", R"({"metric_type":"system_info"})"}}));
}

TEST_P(Coordinators, AskForTheCollectionsInMemory) {
  serve(sample("2.3.5/collections.json"));
  const auto collections = run(coordinator_->collections("default"));
  ASSERT_TRUE(collections) << collections.error().message;
  EXPECT_THAT(*collections, SizeIs(2));
  EXPECT_EQ(asked().method, "ShowCollections");
  EXPECT_EQ(asked().request, (json{{"type", 1}, {"db_name", "default"}}));
}

TEST_P(Coordinators, AskForReplicasByIdAs22Wants) {
  serve(sample("2.2.16/replicas.470641382500597818.json"));
  const auto replicas = run(coordinator_->replicas(book_));
  ASSERT_TRUE(replicas) << replicas.error().message;
  EXPECT_THAT(*replicas, SizeIs(1));
  EXPECT_EQ(asked().method, "GetReplicas");
  EXPECT_EQ(asked().request, (json{{"collectionID", 470641321825796126},
                                   {"db_name", "default"},
                                   {"with_shard_nodes", true}}));
}

TEST_P(Coordinators, AskForSegmentsByName) {
  serve(sample("2.3.5/query-segment-info.book.json"));
  const auto segments = run(coordinator_->segments(book_));
  ASSERT_TRUE(segments) << segments.error().message;
  EXPECT_THAT(*segments, SizeIs(8));
  EXPECT_EQ(asked().method, "GetQuerySegmentInfo");
  EXPECT_EQ(asked().request, (json{{"collectionName", "book"}, {"dbName", "default"}}));
}

TEST_P(Coordinators, AskForTheSchema) {
  serve(R"({"status":{},"schema":{"fields":[{"data_type":5}]}})");
  const auto bytes = run(coordinator_->row_bytes(book_));
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes, 24);
  EXPECT_EQ(asked().method, "DescribeCollection");
  EXPECT_EQ(asked().request, (json{{"collection_name", "book"}, {"db_name", "default"}}));
}

TEST_P(Coordinators, AskForDatabases) {
  serve(exchange("auth-root/webui-_db_list.txt").answer);
  const auto databases = run(coordinator_->databases());
  ASSERT_TRUE(databases) << databases.error().message;
  EXPECT_THAT(databases->names, ElementsAre("db2", "default"));
  EXPECT_TRUE(databases->all);
  EXPECT_EQ(asked().method, "ListDatabases");
}

TEST_P(Coordinators, TakeTheDatabasesOfTheSettings) {
  options_.databases = {"shop", "default"};
  serve("{}");
  EXPECT_THAT(run(coordinator_->databases())->names, ElementsAre("default", "shop"));
  EXPECT_EQ(times(), 0U);
}

TEST_P(Coordinators, TakeDefaultAloneOfAVersionThatListsNoDatabases) {
  serve(Told{.manner = Manner::lacks});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(run(coordinator_->databases())->names, ElementsAre("default"));
  }
  EXPECT_EQ(times(), 1U) << "asked once";
  now_ += std::chrono::minutes(5);
  EXPECT_TRUE(run(coordinator_->databases()));
  EXPECT_EQ(times(), 2U) << "Milvus may have been upgraded";
}

TEST_P(Coordinators, SendAMove) {
  serve(sample("2.2.16/load-balance.reply.json"));
  const LoadBalance move{.collection = "book",
                         .source = NodeId{3},
                         .destinations = {NodeId{4}},
                         .segments = {SegmentId{470641044885740721}, SegmentId{5}}};
  EXPECT_TRUE(run(coordinator_->load_balance(move)));
  EXPECT_EQ(asked().method, "LoadBalance");
  EXPECT_EQ(asked().request, (json{{"collectionName", "book"},
                                   {"db_name", "default"},
                                   {"src_nodeID", 3},
                                   {"dst_nodeIDs", {4}},
                                   {"sealed_segmentIDs", {470641044885740721, 5}}}));
}

TEST_P(Coordinators, LeaveTheDestinationOutWhereMilvusIsToChooseIt) {
  serve("{}");
  EXPECT_TRUE(run(coordinator_->load_balance(move_)));
  EXPECT_FALSE(asked().request.contains("dst_nodeIDs"));
}

TEST_P(Coordinators, SendNoMoveThatComesTooLate) {
  serve("{}");
  LoadBalance late = move_;
  late.may_send = [] { return false; };
  EXPECT_THAT(failure_of_move(late).message, HasSubstr("not sent, since it came too late"));
  EXPECT_EQ(times(), 0U);
}

TEST_P(Coordinators, SendNoMoveWithoutSegments) {
  serve("{}");
  const auto failure =
      failure_of_move({.collection = "book", .source = NodeId{3}, .destinations = {NodeId{4}}});
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("not sent: an empty list means every segment, L0 too"));
  EXPECT_EQ(times(), 0U);
}

TEST_P(Coordinators, SendNameThatIsNoTextWithoutHarm) {
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments({CollectionId{1}, "\xFF\"}"})));
  EXPECT_EQ(asked().request["collectionName"], "\xEF\xBF\xBD\"}");
}

TEST_P(Coordinators, SayWhatMilvusAnsweredAndWhatItMeans) {
  serve(sample("2.3.5/error.unknown-collection.json"));
  const auto failure = failure_of(coordinator_->segments(book_));
  EXPECT_EQ(failure.kind, FailureKind::not_found);
  EXPECT_EQ(failure.code, kCodeCollectionNotFound);
  EXPECT_THAT(failure.message,
              HasSubstr(": Milvus answered error 4 (code 100): collection not "
                        "found[database=default][collection=nope]; the collection was dropped"));
}

TEST_P(Coordinators, KnowErrorsThatHaveNoCode) {
  serve(R"({"status":{"error_code":4,"reason":"can't find collection: nope"}})");
  EXPECT_EQ(failure_of(coordinator_->segments(book_)).kind, FailureKind::not_found) << "as of 2.2";
}

class Trap18Databases : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Trap18Databases);

TEST_P(Trap18Databases, EachRequestNamesItsOwn) {
  serve(sample("2.3.5/collections.json"));
  const auto collections = run(coordinator_->collections("db2"));
  ASSERT_TRUE(collections) << collections.error().message;
  EXPECT_EQ(asked().request["db_name"], "db2");
  ASSERT_THAT(*collections, SizeIs(2));
  for (const auto& collection : *collections) EXPECT_EQ(collection.database, "db2");

  serve("{}");
  const CollectionInfo wide{CollectionId{7}, "wide", 100, "db2"};
  EXPECT_TRUE(run(coordinator_->replicas(wide)));
  EXPECT_EQ(asked().request["db_name"], "db2");
  EXPECT_TRUE(run(coordinator_->segments(wide)));
  EXPECT_EQ(asked().request, (json{{"collectionName", "wide"}, {"dbName", "db2"}}));
  (void)run(coordinator_->row_bytes(wide));
  EXPECT_EQ(asked().request, (json{{"collection_name", "wide"}, {"db_name", "db2"}}));
  auto move = move_;
  move.database = "db2";
  EXPECT_TRUE(run(coordinator_->load_balance(move)));
  EXPECT_EQ(asked().request["db_name"], "db2");
}

class Trap01AnErrorDoesNotMeanNothingHappened : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Trap01AnErrorDoesNotMeanNothingHappened);

TEST_P(Trap01AnErrorDoesNotMeanNothingHappened, ItIsARefusalAndNothingIsSentAgain) {
  serve(R"({"error_code":1,"reason":"failed to balance: context canceled"})");
  const auto failure = failure_of_move(move_);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("context canceled"));
  EXPECT_FALSE(failure.timed_out);
  EXPECT_EQ(times(), 1U);
}

class Trap06NeverFromANodeToItself : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Trap06NeverFromANodeToItself);

TEST_P(Trap06NeverFromANodeToItself, IsNotSent) {
  serve("{}");
  auto move = move_;
  move.destinations = {NodeId{4}, NodeId{3}};
  const auto failure = failure_of_move(move);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("not sent"));
  EXPECT_EQ(times(), 0U);
}

class Trap16AfterANodeIsKilled : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Trap16AfterANodeIsKilled);

TEST_P(Trap16AfterANodeIsKilled, SystemInfoThatHangsTimesOut) {
  options_.timeout = milliseconds(300);
  serve(Told{.manner = Manner::hangs});
  const auto failure = failure_of(coordinator_->system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_TRUE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("no answer within 300 ms"));
}

TEST_P(Trap16AfterANodeIsKilled, ReplicasWithoutAShardLeaderAreRefused) {
  serve(R"({"status":{"error_code":1,"reason":"failed to get shard leader"}})");
  EXPECT_EQ(failure_of(coordinator_->replicas(book_)).kind, FailureKind::refused)
      << "the collection is still there";
}

class Trap17EveryCallItsOwnDeadline : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(Trap17EveryCallItsOwnDeadline);

TEST_P(Trap17EveryCallItsOwnDeadline, AHangingCallHoldsNoOtherUp) {
  options_.timeout = milliseconds(1000);
  serve_script([](const Asked& asked) {
    return Told{.manner = asked.method == "GetMetrics" ? Manner::hangs : Manner::answers};
  });
  std::optional<Result<SystemInfo>> nodes;
  asio::co_spawn(io_, coordinator_->system_info(),
                 [&nodes](const std::exception_ptr&, auto result) { nodes = std::move(result); });
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_TRUE(run(coordinator_->replicas(book_)));
  EXPECT_FALSE(nodes) << "still waiting";
  io_.run();
  ASSERT_TRUE(nodes);
  EXPECT_TRUE(nodes->error().timed_out);
}

TEST_P(Trap17EveryCallItsOwnDeadline, AMoveMayTakeLonger) {
  options_.timeout = milliseconds(300);
  serve(Told{.after = milliseconds(320)});
  EXPECT_TRUE(run(coordinator_->load_balance(move_)));
}

class ServersThatFail : public RoadTest {};
EVENKEEL_ON_EACH_ROAD(ServersThatFail);

TEST_P(ServersThatFail, NobodyListens) {
  ask_at(evenkeel::tests::closed_port());
  const auto failure = failure_of(coordinator_->system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_FALSE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("(is Milvus up, and is this a proxy's "));
}

TEST_P(ServersThatFail, TheConnectionIsReset) {
  const evenkeel::tests::ScriptedServer server([](evenkeel::tests::Peer& peer, int) {
    peer.read_request();
    peer.end_with_reset();
  });
  ask_at(server.port());
  EXPECT_EQ(failure_of(coordinator_->system_info()).kind, FailureKind::transport);
  coordinator_.reset();
}

}  // namespace
}  // namespace evenkeel::milvus::coordinator_test
