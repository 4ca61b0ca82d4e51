// POST drain and undrain, and what the status says of drained nodes.

#include <gmock/gmock.h>

#include "tests/api/asked.hpp"

namespace evenkeel::api::drains_test {
namespace {

using rules::NodeId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* kDrain = "/api/v1/drain";
constexpr const char* kUndrain = "/api/v1/undrain";

struct DrainsTest : ApiTest {
  DrainsTest() { make_movable(); }

  // Node 3 is drained, and the newest round came to this.
  void publish_drained(loop::Decision decision) {
    loop::Snapshot next = *control.picture;
    rules::Ledger ledger = *next.ledger;
    ledger.drains().begin(NodeId{3}, {next.at, "ann", "a rollout", next.at});
    next.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
    rules::Judgement judgement;
    judgement.coordinator_complete = true;
    decision.judge_by(std::move(judgement));
    decision.at = next.at;
    next.decisions = {std::make_shared<const loop::Decision>(std::move(decision))};
    publish(std::move(next));
  }
  Json drain_of_the_status() { return body_of("/api/v1/status").at("drains").at(0); }
};

rules::Move drain_move() {
  rules::Move move;
  move.segment = rules::SegmentId{1};
  move.from = NodeId{3};
  move.to = NodeId{4};
  move.urgency = rules::Urgency::drain;
  return move;
}

TEST_F(DrainsTest, ADrainIsTakenUpAndBringsARoundAtOnce) {
  const auto response = post(kDrain, R"({"node":"3","reason":"a rollout"})");
  ASSERT_EQ(response.status, 200) << response.body;
  ASSERT_THAT(control.drains, SizeIs(1));
  EXPECT_EQ(control.drains[0].node, NodeId{3});
  EXPECT_TRUE(control.drains[0].drained);
  EXPECT_EQ(control.drains[0].reason, "a rollout");
  EXPECT_EQ(control.drains[0].by, "ann");
  ASSERT_THAT(control.rounds, SizeIs(1));
  EXPECT_TRUE(control.rounds[0].focus.everything());
  EXPECT_EQ(control.rounds[0].by, "ann");
  const Json drain = Json::parse(response.body).at("drains").at(0);
  EXPECT_EQ(drain.at("node"), "3");
  EXPECT_EQ(drain.at("by"), "ann");
  EXPECT_EQ(drain.at("reason"), "a rollout");
  EXPECT_EQ(drain.at("listed"), true);
  EXPECT_EQ(drain.at("segments"), 6);
  EXPECT_EQ(drain.at("bytes"), 600 * loop::kMiB);
  EXPECT_THAT(drain.at("waits_for"), ElementsAre("no round has been made since"));
}

TEST_F(DrainsTest, ALoopThatIsTooBusyIsToldSo) {
  control.takes_up = false;
  EXPECT_EQ(post(kDrain, R"({"node":"3"})").status, 202);
}

TEST_F(DrainsTest, WhatCannotBeDrainedIsRefused) {
  EXPECT_EQ(problem_of(422, kDrain, R"({"node":"99"})").at("message"),
            "there is no query node 99; the query nodes are 3, 4");
  EXPECT_EQ(post(kDrain, R"({"node":"4"})").status, 200);
  EXPECT_EQ(problem_of(400, kDrain, "{}").at("field"), "node");
  EXPECT_EQ(problem_of(400, kDrain, R"({"node":3})").at("field"), "node");
  EXPECT_EQ(problem_of(400, kDrain, R"({"node":"3","why":"x"})").at("code"), "bad_request");
  EXPECT_EQ(problem_of(400, kDrain, R"({"node":"3","reason":")" + std::string(201, 'x') + "\"}")
                .at("field"),
            "reason");
  EXPECT_THAT(control.drains, SizeIs(1));
}

TEST_F(DrainsTest, WhatTheLoopRefusesIsNoSuccess) {
  control.refuses_drains = true;
  EXPECT_EQ(problem_of(422, kDrain, R"({"node":"3"})").at("code"), "cannot_drain");
  EXPECT_THAT(control.rounds, IsEmpty());
}

TEST_F(DrainsTest, UndrainEndsIt) {
  publish_drained({});
  const auto response = post(kUndrain, R"({"node":"3"})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_FALSE(Json::parse(response.body).contains("drains"));
  ASSERT_THAT(control.drains, SizeIs(1));
  EXPECT_FALSE(control.drains[0].drained);
}

TEST_F(DrainsTest, UndrainOfANodeThatIsNotDrainedIsRefused) {
  EXPECT_EQ(problem_of(422, kUndrain, R"({"node":"3"})").at("code"), "not_drained");
  EXPECT_EQ(problem_of(400, kUndrain, "{}").at("field"), "node");
  EXPECT_THAT(control.drains, IsEmpty());
}

TEST_F(DrainsTest, WithoutDrainsTheStatusHasNone) {
  EXPECT_FALSE(body_of("/api/v1/status").contains("drains"));
}

TEST_F(DrainsTest, TheStatusSaysWhatARejectionWasFor) {
  loop::Decision decision;
  decision.outcome = loop::Outcome::balanced;
  decision.plan.rejected.push_back({.segment = rules::SegmentId{1},
                                    .replica = {},
                                    .from = NodeId{3},
                                    .to = std::nullopt,
                                    .why = rules::Rejection::cooling_down});
  decision.plan.rejected.push_back({.segment = rules::SegmentId{2},
                                    .replica = {},
                                    .from = NodeId{4},
                                    .to = std::nullopt,
                                    .why = rules::Rejection::cooling_down});
  publish_drained(std::move(decision));
  EXPECT_THAT(drain_of_the_status().at("waits_for"), ElementsAre(HasSubstr("moved too recently")));
}

TEST_F(DrainsTest, TheStatusSaysWhatHoldsThePlan) {
  loop::Decision decision;
  decision.outcome = loop::Outcome::held;
  decision.words = "1 move held: paused: closed";
  decision.plan.moves = {drain_move()};
  publish_drained(std::move(decision));
  EXPECT_THAT(drain_of_the_status().at("waits_for"), ElementsAre("1 move held: paused: closed"));
}

TEST_F(DrainsTest, AMoveThatSucceededHoldsNothing) {
  loop::Decision decision;
  decision.outcome = loop::Outcome::moved;
  decision.plan.moves = {drain_move()};
  publish_drained(std::move(decision));
  EXPECT_THAT(drain_of_the_status().at("waits_for"), IsEmpty());
}

TEST_F(DrainsTest, OverloadComesFirst) {
  loop::Decision decision;
  decision.outcome = loop::Outcome::moved;
  decision.plan.moves = {drain_move()};
  decision.plan.moves[0].urgency = rules::Urgency::overload;
  publish_drained(std::move(decision));
  EXPECT_THAT(drain_of_the_status().at("waits_for"),
              ElementsAre("an overloaded node is relieved first"));
}

}  // namespace
}  // namespace evenkeel::api::drains_test
