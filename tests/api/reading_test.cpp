#include <gmock/gmock.h>

#include "agent/loop/memory_lines.hpp"
#include "tests/api/asked.hpp"

namespace evenkeel::api::reading_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::json;

std::vector<std::string> ids(const Json& list) {
  std::vector<std::string> ids;
  for (const auto& each : list) ids.push_back(each.at("id"));
  return ids;
}

TEST_F(ApiTest, StatusSaysWhatTheAgentIsAndDoes) {
  auto changed = example();
  changed.dry_run = true;
  changed.next_round = loop::at_second(1'700'000'060);
  publish(std::move(changed));
  const auto status = body_of("/api/v1/status");
  EXPECT_EQ(status.at("at"), "2023-11-14T22:13:26.000Z");
  EXPECT_EQ(status.at("next_round_at"), "2023-11-14T22:14:20.000Z");
  EXPECT_EQ(status.at("auto_balance"), true);
  EXPECT_EQ(status.at("dry_run"), true);
  EXPECT_EQ(status.at("acting"), false);
  EXPECT_EQ(status.at("read_only"), false);
  read_only = true;
  EXPECT_EQ(body_of("/api/v1/status").at("read_only"), true);
  EXPECT_EQ(status.at("overload_threshold"), 0.9);
  EXPECT_EQ(status.at("stop_difference"), 0.15);
  EXPECT_EQ(status.at("newest").at("id"), "7");
  EXPECT_EQ(status.at("newest").at("outcome"), "moved");
  EXPECT_EQ(status.at("targets").at(1).at("problem"), "connection refused");
}

TEST_F(ApiTest, StatusNamesTheMilvusAndHowFarTheRoundHasCome) {
  auto moving = example();
  moving.milvus_name = "search-eu";
  moving.milvus_address = "grpc://milvus:19530";
  moving.progress = loop::Progress{loop::at_second(1'700'000'000), 27, 7, 2'000, 900};
  publish(std::move(moving));
  const auto status = body_of("/api/v1/status");
  EXPECT_EQ(status.at("milvus").at("name"), "search-eu");
  EXPECT_EQ(status.at("milvus").at("address"), "grpc://milvus:19530");
  EXPECT_EQ(status.at("round"), Json({{"since", "2023-11-14T22:13:20.000Z"},
                                      {"moves", 27},
                                      {"moves_ended", 7},
                                      {"bytes", 2'000},
                                      {"bytes_ended", 900}}));
  publish(example());
  EXPECT_FALSE(body_of("/api/v1/status").contains("round"));
}

TEST_F(ApiTest, MemoryHasTheLinesOfTheNodesThatAreAskedFor) {
  auto seen = example();
  loop::MemoryLines lines;
  for (const auto& node : seen.cluster->nodes) ASSERT_GT(node.capacity, 0) << to_string(node.id);
  lines.observe(*seen.cluster, loop::at_second(1'700'000'000));
  seen.memory_lines = std::make_shared<const loop::MemoryLines>(lines);
  const auto& node = seen.cluster->nodes.front();
  const double ratio = static_cast<double>(node.used) / static_cast<double>(node.capacity);
  const std::string id = to_string(node.id);
  publish(std::move(seen));
  const auto memory = body_of("/api/v1/memory", "nodes=" + id + ",4711");
  EXPECT_EQ(memory.at("step_seconds"), 120);
  EXPECT_EQ(memory.at("end"), "2023-11-14T22:14:00.000Z");
  ASSERT_THAT(ids(memory.at("nodes")), ElementsAre(id));
  const auto ratios = memory.at("nodes").at(0).at("ratios");
  EXPECT_EQ(ratios.size(), loop::MemoryLines::kPoints);
  EXPECT_NEAR(ratios.back().get<double>(), ratio, 0.0006);
  EXPECT_TRUE(ratios.front().is_null());
}

TEST_F(ApiTest, MemoryWantsIdsAndNotTooMany) {
  EXPECT_EQ(error_of(400, "/api/v1/memory").at("field"), "nodes");
  EXPECT_EQ(error_of(400, "/api/v1/memory", "nodes=").at("field"), "nodes");
  EXPECT_EQ(error_of(400, "/api/v1/memory", "nodes=1,,2").at("field"), "nodes");
  EXPECT_EQ(error_of(400, "/api/v1/memory", "nodes=1,x").at("field"), "nodes");
  std::string many = "nodes=1";
  for (int i = 0; i < 100; ++i) many += ",1";
  EXPECT_THAT(error_of(400, "/api/v1/memory", many).at("message").get<std::string>(),
              HasSubstr("at most 100"));
}

TEST_F(ApiTest, StatusTellsWhoHoldsMilvussOwnBalancer) {
  const auto balancer = body_of("/api/v1/status").at("builtin_balancer");
  EXPECT_EQ(balancer.at("hold"), "held");
  EXPECT_EQ(balancer.at("by"), "etcd");
  EXPECT_EQ(balancer.at("words"), "by by-dev/config/queryCoord/autoBalance in etcd");
  EXPECT_EQ(balancer.at("since"), "2023-11-14T21:56:40.000Z");
}

TEST_F(ApiTest, StatusTellsWhoActs) {
  auto watching = example();
  watching.turn = {loop::Standing::watching, "keel-1", "another agent, keel-1, acts", 0,
                   loop::at_second(1'700'000'000)};
  watching.dry_run = false;
  publish(std::move(watching));
  const auto status = body_of("/api/v1/status");
  EXPECT_EQ(status.at("acting"), false);
  EXPECT_EQ(status.at("turn"), Json({{"standing", "watching"},
                                     {"actor", "keel-1"},
                                     {"words", "another agent, keel-1, acts"},
                                     {"since", "2023-11-14T22:13:20.000Z"}}));
  publish(example());
  EXPECT_EQ(body_of("/api/v1/status").at("turn").at("term"), "17");
}

TEST_F(ApiTest, StatusTellsOfAPause) {
  EXPECT_EQ(body_of("/api/v1/status").at("paused"), false);
  auto changed = example();
  changed.pause = loop::Pause{.reason = "an upgrade",
                              .by = "ann",
                              .since = loop::at_second(1'700'000'000),
                              .until = loop::at_second(1'700'000'600)};
  publish(std::move(changed));
  const auto status = body_of("/api/v1/status");
  EXPECT_EQ(status.at("paused"), true);
  EXPECT_EQ(status.at("acting"), false);
  EXPECT_EQ(status.at("read_only"), false);
  read_only = true;
  EXPECT_EQ(body_of("/api/v1/status").at("read_only"), true);
  EXPECT_EQ(status.at("pause"), Json({{"since", "2023-11-14T22:13:20.000Z"},
                                      {"reason", "an upgrade"},
                                      {"by", "ann"},
                                      {"until", "2023-11-14T22:23:20.000Z"}}));
}

TEST_F(ApiTest, StatusTellsOfMaintenanceWindows) {
  auto changed = example();
  changed.maintenance = {.has_windows = true,
                         .relief_outside = false,
                         .opening = {false, std::nullopt, loop::at_second(1'700'000'600)}};
  publish(std::move(changed));
  const auto closed = body_of("/api/v1/status");
  EXPECT_EQ(closed.at("windows"),
            Json({{"open", false}, {"outside", "nothing"}, {"next", "2023-11-14T22:23:20.000Z"}}));
  EXPECT_EQ(closed.at("acting"), false);
  changed = example();
  changed.maintenance = {.has_windows = true,
                         .opening = {true, loop::at_second(1'700'000'600), std::nullopt}};
  publish(std::move(changed));
  const auto open = body_of("/api/v1/status");
  EXPECT_EQ(open.at("windows"),
            Json({{"open", true}, {"outside", "relief"}, {"until", "2023-11-14T22:23:20.000Z"}}));
  EXPECT_EQ(open.at("acting"), true);
  changed = example();
  changed.maintenance = {};
  publish(std::move(changed));
  EXPECT_FALSE(body_of("/api/v1/status").contains("windows"));
}

TEST_F(ApiTest, TheVersionChangesWithEachSnapshotAndEachStart) {
  const auto first = body_of("/api/v1/status").at("version");
  auto next = example();
  ++next.version;
  publish(next);
  const auto second = body_of("/api/v1/status").at("version");
  next.started += std::chrono::milliseconds(1);
  publish(std::move(next));
  const auto third = body_of("/api/v1/status").at("version");
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
}

TEST_F(ApiTest, StatusListsMovesUnderWay) {
  auto changed = example();
  rules::Ledger ledger;
  ledger.start({.segment = rules::SegmentId{1},
                .replica = rules::ReplicaId{470641382500597818},
                .from = rules::NodeId{3},
                .to = rules::NodeId{4},
                .bytes = 10,
                .started = loop::at_second(1'700'000'003)});
  changed.ledger = std::make_shared<const rules::Ledger>(ledger);
  publish(std::move(changed));
  const auto flights = body_of("/api/v1/status").at("moves_in_flight");
  ASSERT_EQ(flights.size(), 1U);
  EXPECT_EQ(flights.at(0), Json({{"segment", "1"},
                                 {"replica", "470641382500597818"},
                                 {"from", "3"},
                                 {"to", "4"},
                                 {"bytes", 10},
                                 {"started", "2023-11-14T22:13:23.000Z"}}));
}

TEST_F(ApiTest, NodesCarryTheirFiguresVerdictsAndCollections) {
  const auto nodes = body_of("/api/v1/nodes").at("nodes");
  EXPECT_THAT(ids(nodes), ElementsAre("3", "4", "12"));
  const auto& overloaded = nodes.at(0);
  EXPECT_EQ(overloaded.at("address"), "10.0.0.3:21123");
  EXPECT_EQ(overloaded.at("used"), 950 * loop::kMiB);
  EXPECT_EQ(overloaded.at("expected"), 960 * loop::kMiB);
  EXPECT_EQ(overloaded.at("ratio"), 0.96);
  EXPECT_EQ(overloaded.at("state"), "overloaded");
  EXPECT_THAT(overloaded.at("words"), HasSubstr("overloaded at 96.0 %"));
  EXPECT_EQ(overloaded.at("collections"),
            Json::parse(R"([{"id":"100","name":"book","segments":2,"rows":2000,"bytes":20971520},
                            {"id":"200","name":"film","segments":1,"rows":1000,"bytes":10485760}])"));
}

TEST_F(ApiTest, ANodeThatCannotBeReadHasNoFiguresOfMemory) {
  const auto dead = body_of("/api/v1/nodes").at("nodes").at(2);
  EXPECT_EQ(dead.at("health"), "unreachable");
  EXPECT_EQ(dead.at("problem"), "connection refused");
  for (const char* key : {"used", "expected", "ratio", "unexplained"}) {
    EXPECT_FALSE(dead.contains(key)) << key;
  }
}

TEST_F(ApiTest, ReplicasCarryTheirEnds) {
  const auto replicas = body_of("/api/v1/replicas").at("replicas");
  ASSERT_EQ(replicas.size(), 1U);
  const auto& replica = replicas.at(0);
  EXPECT_EQ(replica.at("id"), "470641382500597818");
  EXPECT_EQ(replica.at("collection_name"), "book");
  EXPECT_EQ(replica.at("nodes"), Json({"3", "4", "12"}));
  EXPECT_EQ(replica.at("state"), "difference");
  EXPECT_EQ(replica.at("spread"), 0.56);
  EXPECT_EQ(replica.at("highest"), Json({{"node", "3"}, {"ratio", 0.96}}));
  EXPECT_EQ(replica.at("lowest"), Json({{"node", "4"}, {"ratio", 0.4}}));
}

TEST_F(ApiTest, SegmentsComeInPages) {
  const auto first = body_of("/api/v1/segments", "limit=3");
  EXPECT_THAT(ids(first.at("segments")), ElementsAre("1", "2", "3"));
  const auto rest =
      body_of("/api/v1/segments", "limit=3&after=" + first.at("next").get<std::string>());
  EXPECT_THAT(ids(rest.at("segments")), ElementsAre("4"));
  EXPECT_FALSE(rest.contains("next"));
}

TEST_F(ApiTest, APageThatEndsWithTheLastSegmentHasNoNext) {
  EXPECT_FALSE(body_of("/api/v1/segments", "limit=4").contains("next"));
}

TEST_F(ApiTest, SegmentsAreChosenByCollectionAndNode) {
  EXPECT_THAT(ids(body_of("/api/v1/segments", "collection=book").at("segments")),
              ElementsAre("1", "3", "4"));
  EXPECT_THAT(ids(body_of("/api/v1/segments", "collection=book&node=3").at("segments")),
              ElementsAre("1", "3"));
  EXPECT_THAT(ids(body_of("/api/v1/segments", "node=12").at("segments")), ElementsAre());
}

TEST_F(ApiTest, ANameIsDecodedBeforeItIsLookedUp) {
  auto changed = example();
  auto cluster = loop::example_cluster();
  cluster.collections[0].name = "<script> & \"quotes\"";
  changed.cluster = std::make_shared<const rules::Cluster>(cluster);
  publish(std::move(changed));
  const auto found =
      body_of("/api/v1/segments", "collection=%3Cscript%3E+%26+%22quotes%22").at("segments");
  EXPECT_THAT(ids(found), ElementsAre("1", "3", "4"));
  EXPECT_EQ(found.at(0).at("collection_name"), "<script> & \"quotes\"");
}

TEST_F(ApiTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(error_of(404, "/api/v1/segments", "collection=bo").at("field"), "collection");
  EXPECT_EQ(error_of(404, "/api/v1/segments", "node=5").at("field"), "node");
  EXPECT_EQ(error_of(404, "/api/v1/nothing").at("code"), "not_found");
  EXPECT_EQ(error_of(404, "/api/v1/").at("code"), "not_found");
}

TEST_F(ApiTest, AQueryThatCannotBeMeantIsRefused) {
  for (const char* query :
       {"limit=0", "limit=-1", "limit=1e3", "limit=", "limit=10001", "limit=99999999999999999999",
        "limit=5&limit=6", "node=three", "node=", "after=1", "after=1.2.3.4", "after=1.2.x",
        "colection=book", "collection=%zz", "collection=%4", "=", "limit"}) {
    EXPECT_EQ(error_of(400, "/api/v1/segments", query).at("code"), "bad_request") << query;
  }
  EXPECT_EQ(error_of(400, "/api/v1/status", "verbose=1").at("field"), "verbose");
  EXPECT_EQ(error_of(400, "/api/v1/decisions", "limit=101").at("field"), "limit");
}

TEST_F(ApiTest, DecisionsAreNewestFirst) {
  auto changed = example();
  loop::Decision newer = *loop::example_decision();
  newer.id = 8;
  newer.moves.clear();
  changed.decisions.insert(changed.decisions.begin(),
                           std::make_shared<const loop::Decision>(newer));
  publish(std::move(changed));
  EXPECT_THAT(ids(body_of("/api/v1/decisions").at("decisions")), ElementsAre("8", "7"));
  EXPECT_THAT(ids(body_of("/api/v1/decisions", "limit=1").at("decisions")), ElementsAre("8"));
}

TEST_F(ApiTest, ADecisionCarriesItsMovesAndGates) {
  const auto decision = body_of("/api/v1/decisions").at("decisions").at(0);
  EXPECT_EQ(decision.at("outcome"), "moved");
  EXPECT_EQ(decision.at("trigger"), "interval");
  EXPECT_EQ(decision.at("seconds"), 3.5);
  const auto& move = decision.at("moves").at(0);
  EXPECT_EQ(move.at("segment"), "1");
  EXPECT_EQ(move.at("collection_name"), "book");
  EXPECT_EQ(move.at("result"), "succeeded");
  EXPECT_EQ(move.at("finished"), "2023-11-14T22:13:25.000Z");
  EXPECT_EQ(decision.at("gates").at(1),
            Json({{"gate", "data_fresh"}, {"open", false}, {"detail", "old"}}));
}

TEST_F(ApiTest, NothingIsAnsweredBeforeTheFirstObservation) {
  control.picture = nullptr;
  for (const auto& endpoint : endpoints()) {
    if (endpoint.path == "openapi.json") continue;
    const auto path = std::string(kPrefix) + std::string(endpoint.path);
    const auto response = ask(endpoint.method, path);
    EXPECT_EQ(response.status, 503) << endpoint.path;
  }
  publish(loop::Snapshot{});
  EXPECT_EQ(get("/api/v1/status").status, 503);
}

TEST_F(ApiTest, AnotherMethodIsToldWhichOneToUse) {
  const auto response = ask("DELETE", "/api/v1/nodes");
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, ElementsAre(testing::Pair("Allow", "GET, HEAD")));
  EXPECT_THAT(get("/api/v1/pause").headers, ElementsAre(testing::Pair("Allow", "POST")));
}

TEST_F(ApiTest, APathThatIsNotThereIsToldWhichOnesAre) {
  const auto response = get("/api/v1/node");
  EXPECT_EQ(response.status, 404);
  for (const auto& endpoint : endpoints()) {
    EXPECT_THAT(response.body, testing::HasSubstr(std::string(endpoint.path)));
  }
}

TEST_F(ApiTest, MethodsAreThoseOfThePath) {
  EXPECT_EQ(methods("/api/v1/pause"), "POST");
  EXPECT_EQ(methods("/api/v1/nodes"), "GET, HEAD");
  EXPECT_EQ(methods("/api/v1/"), "");
  EXPECT_EQ(methods("/api/v1/nodes/"), "");
  EXPECT_EQ(methods("/metrics"), "GET, HEAD");
}

}  // namespace
}  // namespace evenkeel::api::reading_test
