#include "agent/api/plan.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "tests/api/asked.hpp"

namespace evenkeel::api::plan_test {
namespace {

using testing::HasSubstr;

struct PlanOfTest : ApiTest {
  PlanOfTest() { make_movable(); }
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
  auto held = *control.picture;
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
  const auto first = plans.of(control.picture);
  EXPECT_EQ(plans.of(control.picture), first);
  auto next = *control.picture;
  ++next.version;
  publish(std::move(next));
  EXPECT_NE(plans.of(control.picture), first);
}

TEST_F(PlanOfTest, ManyReadersAtOnceAreAllAnswered) {
  Plans plans;
  std::vector<std::shared_ptr<const web::Response>> responses(8);
  {
    std::vector<std::jthread> readers;
    for (auto& response : responses) {
      readers.emplace_back([&] { response = plans.of(control.picture); });
    }
  }
  for (const auto& response : responses) {
    ASSERT_NE(response, nullptr);
    EXPECT_EQ(response, responses.front());
  }
}

}  // namespace
}  // namespace evenkeel::api::plan_test
