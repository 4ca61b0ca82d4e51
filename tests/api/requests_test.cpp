#include "agent/api/endpoints.hpp"

#include <gmock/gmock.h>

#include "tests/api/asked.hpp"

namespace evenkeel::api::requests_test {
namespace {

using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

TEST_F(ApiTest, RebalanceAsksForARound) {
  const auto response = post("/api/v1/rebalance", "{}");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(Json::parse(response.body), Json({{"request", "1"}}));
  ASSERT_THAT(control.rounds, SizeIs(1));
  EXPECT_TRUE(control.rounds[0].focus.everything());
  EXPECT_EQ(control.rounds[0].by, "ann");
  EXPECT_THAT(control.rounds[0].alerts, IsEmpty());
}

TEST_F(ApiTest, RebalanceWithoutABodyIsAboutEverything) {
  EXPECT_EQ(post("/api/v1/rebalance", "").status, 202);
  EXPECT_TRUE(control.rounds.at(0).focus.everything());
}

TEST_F(ApiTest, RebalanceMayBeAboutAPart) {
  const auto response = post("/api/v1/rebalance",
                             R"({"collection":"book","node":"3","replica":"470641382500597818"})");
  EXPECT_EQ(response.status, 202) << response.body;
  EXPECT_THAT(
      control.rounds.at(0).focus.scopes(),
      ElementsAre(rules::Scope{CollectionId{100}, NodeId{3}, ReplicaId{470641382500597818}}));
}

TEST_F(ApiTest, ACollectionMayBeNamedByItsIdAndNullIsNothing) {
  EXPECT_EQ(post("/api/v1/rebalance", R"({"collection":"200","node":null})").status, 202);
  EXPECT_THAT(control.rounds.at(0).focus.scopes(),
              ElementsAre(rules::Scope{.collection = CollectionId{200}}));
}

TEST_F(ApiTest, RebalanceOfWhatIsNotThereIsRefused) {
  for (const auto& [body, field] : {std::pair{R"({"collection":"boo"})", "collection"},
                                    {R"({"node":"99"})", "node"},
                                    {R"({"replica":"1"})", "replica"}}) {
    EXPECT_EQ(problem_of(422, "/api/v1/rebalance", body).at("field"), field);
  }
  EXPECT_THAT(control.rounds, IsEmpty());
}

TEST_F(ApiTest, WhatCanNeverBeRightIsABadRequest) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  for (const auto& body :
       {std::string("{"), std::string("nonsense"), std::string("[]"), std::string("null"),
        std::string("\"a\""), deep, "{\"collection\":" + deep + "}",
        std::string("{\"colection\":\"book\"}"), std::string("{\"node\":3}"),
        std::string("{\"node\":\"x\"}"), std::string("{\"node\":\"\"}"),
        std::string("{\"collection\":[]}"), std::string("{\"collection\":\"\xff\"}"),
        std::string("{\"node\":\"99999999999999999999\"}")}) {
    EXPECT_EQ(problem_of(400, "/api/v1/rebalance", body).at("code"), "bad_request");
  }
  EXPECT_THAT(control.rounds, IsEmpty());
}

TEST_F(ApiTest, LoadBalanceIsCheckedAsTheVerbsIsAndSent) {
  make_movable();
  const auto response =
      post("/api/v1/load-balance",
           R"({"source_node":"3","destination_nodes":["4"],"segments":["1"],"collection":"book"})");
  EXPECT_EQ(response.status, 202) << response.body;
  ASSERT_THAT(control.transfers, SizeIs(1));
  const auto& transfer = control.transfers[0].transfer;
  EXPECT_EQ(transfer.source, NodeId{3});
  EXPECT_THAT(transfer.destinations, ElementsAre(NodeId{4}));
  EXPECT_THAT(transfer.segments, ElementsAre(SegmentId{1}));
  EXPECT_EQ(transfer.collection, "book");
  EXPECT_FALSE(transfer.force);
  EXPECT_EQ(control.transfers[0].by, "ann");
  post("/api/v1/load-balance", R"({"source_node":"3","segments":["1"],"force":true})");
  ASSERT_THAT(control.transfers, SizeIs(2));
  EXPECT_TRUE(control.transfers[1].transfer.force);
}

TEST_F(ApiTest, ALoadBalanceThatMustNotBeIsRefusedWithItsReason) {
  const auto why = [&](std::string_view body) {
    return problem_of(422, "/api/v1/load-balance", body).at("message").get<std::string>();
  };
  EXPECT_THAT(why(R"({"source_node":"99"})"), HasSubstr("source node 99 does not exist"));
  EXPECT_THAT(why(R"({"source_node":"3","segments":["77"]})"), HasSubstr("77 is not on node 3"));
  EXPECT_THAT(why(R"({"source_node":"4","destination_nodes":["12"]})"),
              HasSubstr("node 12 is unreachable"));
  EXPECT_THAT(control.transfers, IsEmpty());
}

TEST_F(ApiTest, ALoadBalanceOfWrongShapeIsABadRequest) {
  for (const char* body :
       {"{}", R"({"source_node":null})", R"({"source_node":3})",
        R"({"source_node":"3","segments":"1"})", R"({"source_node":"3","segments":[1]})",
        R"({"source_node":"3","destination_nodes":{}})", R"({"source_node":"3","to":"4"})",
        R"({"source_node":"3","force":"yes"})"}) {
    EXPECT_EQ(problem_of(400, "/api/v1/load-balance", body).at("code"), "bad_request") << body;
  }
}

TEST_F(ApiTest, ALoadBalanceIsAConflictWhereNothingMayMoveNow) {
  make_movable();
  const auto why = [&](auto change) {
    auto changed = *control.picture;
    change(changed);
    publish(std::move(changed));
    return problem_of(409, "/api/v1/load-balance", R"({"source_node":"3","segments":["1"]})")
        .at("message")
        .template get<std::string>();
  };
  EXPECT_THAT(why([](auto& snapshot) {
                rules::Ledger ledger;
                ledger.start({.segment = SegmentId{9},
                              .replica = ReplicaId{1},
                              .from = NodeId{12},
                              .to = NodeId{4},
                              .bytes = 1,
                              .started = {}});
                snapshot.ledger = std::make_shared<const rules::Ledger>(ledger);
              }),
              HasSubstr("node 4 is under way"));
  EXPECT_THAT(why([](auto& snapshot) { snapshot.pause.emplace(); }), HasSubstr("paused"));
  EXPECT_THAT(why([](auto& snapshot) { snapshot.dry_run = true; }), HasSubstr("--dry-run"));
  EXPECT_THAT(control.transfers, IsEmpty());
}

TEST_F(ApiTest, AWatcherTakesNoRequestAndSaysWhoActs) {
  make_movable();
  auto watching = *control.picture;
  watching.turn = {loop::Standing::watching, "keel-1", "another agent, keel-1, acts", 0, {}};
  publish(watching);
  const auto refusal = [&](const char* path, const char* body) {
    return problem_of(409, path, body).at("message").get<std::string>();
  };
  const char* const why =
      "this agent only watches: another agent, keel-1, acts; ask the one on keel-1";
  EXPECT_EQ(refusal("/api/v1/rebalance", "{}"), why);
  EXPECT_EQ(refusal("/api/v1/load-balance", R"({"source_node":"3","segments":["1"]})"), why);
  EXPECT_EQ(refusal("/api/v1/pause", "{}"), why);
  EXPECT_EQ(refusal("/api/v1/resume", "{}"), why);
  EXPECT_THAT(control.transfers, IsEmpty());
  watching.turn = {loop::Standing::watching, "", "etcd does not answer", 0, {}};
  publish(std::move(watching));
  EXPECT_EQ(refusal("/api/v1/pause", "{}"),
            "this agent only watches: etcd does not answer; ask again in a few seconds");
}

TEST_F(ApiTest, PauseAnswersWithTheStatusInWhichItHolds) {
  const auto response = post("/api/v1/pause", R"({"reason":"a \"quoted\" <b>","seconds":60})");
  EXPECT_EQ(response.status, 200);
  const auto status = Json::parse(response.body);
  EXPECT_EQ(status.at("paused"), true);
  EXPECT_EQ(status.at("acting"), false);
  EXPECT_EQ(status.at("pause").at("reason"), "a \"quoted\" <b>");
  EXPECT_EQ(status.at("pause").at("by"), "ann");
  EXPECT_EQ(status.at("pause").at("until"), "2023-11-14T22:14:26.000Z");
  EXPECT_EQ(control.pauses.at(0).length, std::chrono::seconds(60));
}

TEST_F(ApiTest, APauseNeedsNoReasonAndNoEnd) {
  const auto status = Json::parse(post("/api/v1/pause", "").body);
  EXPECT_EQ(status.at("paused"), true);
  EXPECT_FALSE(status.at("pause").contains("until"));
  EXPECT_EQ(control.pauses.at(0).length, std::nullopt);
}

TEST_F(ApiTest, APauseOfWrongShapeIsABadRequest) {
  const std::string long_reason = R"({"reason":")" + std::string(201, 'x') + "\"}";
  for (const auto& body :
       {std::string(R"({"seconds":0})"), std::string(R"({"seconds":-1})"),
        std::string(R"({"seconds":1.5})"), std::string(R"({"seconds":"60"})"),
        std::string(R"({"seconds":31622401})"), std::string(R"({"seconds":18446744073709551615})"),
        std::string(R"({"seconds":true})"), std::string(R"({"reason":1})"), long_reason}) {
    EXPECT_EQ(problem_of(400, "/api/v1/pause", body).at("code"), "bad_request") << body;
  }
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xc3\xa4";
  EXPECT_EQ(post("/api/v1/pause", R"({"reason":")" + umlauts + "\"}").status, 200)
      << "200 characters of two bytes each";
}

TEST_F(ApiTest, ResumeEndsIt) {
  const auto response = post("/api/v1/resume", "{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Json::parse(response.body).at("paused"), false);
  EXPECT_EQ(control.resumes, 1);
  EXPECT_EQ(problem_of(400, "/api/v1/resume", R"({"now":true})").at("field"), "now");
}

TEST_F(ApiTest, ALoopTooBusyToPauseWithinASecondWillDoItLater) {
  control.takes_up = false;
  const auto response = post("/api/v1/pause", "");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(Json::parse(response.body), Json({{"request", "1"}}));
}

TEST_F(ApiTest, WhatTheLoopDoesNotTakeIsUnavailable) {
  make_movable();
  for (const auto denial : {loop::Denial::not_ready, loop::Denial::stopping, loop::Denial::full}) {
    control.denial = denial;
    for (const auto& [path, body] :
         {std::pair{"/api/v1/rebalance", ""},
          {"/api/v1/load-balance", R"({"source_node":"3","segments":["1"]})"},
          {"/api/v1/pause", ""},
          {"/api/v1/resume", ""}}) {
      const auto response = post(path, body);
      EXPECT_EQ(response.status, 503) << path;
      EXPECT_THAT(response.headers, ElementsAre(testing::Pair("Retry-After", "5")));
    }
  }
}

TEST_F(ApiTest, AnAgentThatEndsBeforeThePauseHoldsSaysSo) {
  control.ends = true;
  EXPECT_EQ(problem_of(503, "/api/v1/pause", "").at("code"), "stopping");
}

TEST_F(ApiTest, ADecisionTellsWhoAskedForIt) {
  auto changed = example();
  loop::Decision asked = *loop::example_decision();
  asked.trigger = loop::Trigger::alert;
  asked.alerts = {{"<script>", "f\"1\""}};
  asked.requests = {7};
  asked.requested_by = "ann";
  asked.focus = "node 3";
  changed.decisions = {std::make_shared<const loop::Decision>(asked)};
  publish(std::move(changed));
  const auto decision = body_of("/api/v1/decisions").at("decisions").at(0);
  EXPECT_EQ(decision.at("trigger"), "alert");
  EXPECT_EQ(decision.at("alerts"), Json::parse(R"([{"name":"<script>","fingerprint":"f\"1\""}])"));
  EXPECT_EQ(decision.at("requests"), Json({"7"}));
  EXPECT_EQ(decision.at("requested_by"), "ann");
  EXPECT_EQ(decision.at("focus"), "node 3");
}

}  // namespace
}  // namespace evenkeel::api::requests_test
