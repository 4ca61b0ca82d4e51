#include "agent/api/plan.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "tests/api/asked.hpp"

namespace evenkeel::api {
namespace {

using testing::HasSubstr;

// Two nodes of one replica, of which the first holds all: a plan that moves some of it.
struct PlanOfTest : ApiTest {
  PlanOfTest() {
    auto skewed = example();
    rules::Cluster cluster = loop::example_cluster();
    cluster.nodes.erase(cluster.nodes.begin() + 1);
    cluster.nodes[0].used = 700 * loop::kMiB;
    cluster.nodes[1].used = 100 * loop::kMiB;
    cluster.replicas[0].nodes = {rules::NodeId{3}, rules::NodeId{4}};
    cluster.segments.resize(1);
    for (int id = 2; id <= 6; ++id) {
      cluster.segments.push_back(cluster.segments.front());
      cluster.segments.back().id = rules::SegmentId{id};
    }
    for (auto& segment : cluster.segments) segment.bytes = 100 * loop::kMiB;
    skewed.policy.evidence_samples = 1;
    rules::Ledger ledger;
    ledger.observe(cluster, skewed.policy);
    skewed.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
    skewed.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
    publish(std::move(skewed));
  }
};

TEST_F(PlanOfTest, IsWhatARoundWouldDo) {
  const auto plan = body_of("/api/v1/plan");
  ASSERT_FALSE(plan.at("moves").empty()) << plan.dump(2);
  const auto& move = plan.at("moves").at(0);
  EXPECT_EQ(move.at("from"), "3");
  EXPECT_EQ(move.at("to"), "4");
  EXPECT_EQ(move.at("urgency"), "difference");
  EXPECT_EQ(plan.at("why_nothing"), "planned");
  EXPECT_THAT(plan.at("words"), HasSubstr("would move"));
  std::size_t called = 0;
  for (const auto& call : plan.at("calls")) called += call.at("segments").size();
  EXPECT_EQ(called, plan.at("moves").size());
}

TEST_F(PlanOfTest, SaysWhichGateHoldsIt) {
  auto held = *snapshot;
  held.auto_balance = false;
  publish(std::move(held));
  const auto plan = body_of("/api/v1/plan");
  EXPECT_FALSE(plan.at("moves").empty());
  EXPECT_TRUE(plan.at("calls").empty());
  EXPECT_THAT(plan.at("words"), HasSubstr("auto_balance is off"));
  EXPECT_EQ(plan.at("gates").at(0).at("open"), false);
}

TEST_F(PlanOfTest, IsMadeOnceForASnapshot) {
  Plans plans;
  const auto first = plans.of(snapshot);
  EXPECT_EQ(plans.of(snapshot), first);
  auto next = *snapshot;
  ++next.version;
  publish(std::move(next));
  EXPECT_NE(plans.of(snapshot), first);
}

TEST_F(PlanOfTest, ManyReadersAtOnceAreAllAnswered) {
  Plans plans;
  std::vector<std::shared_ptr<const web::Answer>> answers(8);
  {
    std::vector<std::jthread> readers;
    for (auto& answer : answers) {
      readers.emplace_back([&] { answer = plans.of(snapshot); });
    }
  }
  for (const auto& answer : answers) {
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer, answers.front());
  }
}

}  // namespace
}  // namespace evenkeel::api
