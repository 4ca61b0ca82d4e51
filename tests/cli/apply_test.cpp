// `evenkeel plan --save` and `apply` on a simulated Milvus: exactly the plan, or nothing.

#include "agent/util/asio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "agent/cli/plan_file.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/demo/simulated_milvus.hpp"
#include "tests/cli/said.hpp"
#include "tests/folder.hpp"

namespace evenkeel::cli::apply_test {
namespace {

using testing::HasSubstr;

// A simulated Milvus, badly skewed, on a thread of its own.
struct ApplyTest : testing::Test {
  ApplyTest() : ApplyTest(demo::demo_world()) {}
  explicit ApplyTest(demo::World world) {
    milvus = std::make_unique<demo::SimulatedMilvus>(io.get_executor(), std::move(world));
    std::string targets;
    for (const auto& target : milvus->metrics_targets())
      targets += (targets.empty() ? "\"" : ", \"") + target + "\"";
    std::ofstream(common.config_file = folder.file("evenkeel.toml"))
        << "[milvus]\naddress = \"" << milvus->address() << "\"\n[scrape]\ntargets = [" << targets
        << "]\n[balance]\nmax_segments_per_call = 1\n[log]\nlevel = \"error\"\n";
    thread = std::thread([this] { io.run(); });
  }
  ~ApplyTest() override {
    asio::post(io, [this] { milvus.reset(); });
    guard.reset();
    thread.join();
  }

  std::uint64_t calls() {
    std::promise<std::uint64_t> calls;
    asio::post(io, [&] { calls.set_value(milvus->load_balance_calls()); });
    return calls.get_future().get();
  }
  void make_plan() {
    const auto planned = said([&] { return plan({.agent = {.common = common}, .file = file}); });
    ASSERT_EQ(planned.code, kUnbalanced) << planned.errors;
    EXPECT_THAT(planned.output, HasSubstr("`evenkeel apply " + file + "` makes these moves"));
  }
  // Has the plan as another would be, and still as this program would write it.
  template <typename Change>
  void change_plan(Change change) {
    auto read = read_plan(file);
    ASSERT_TRUE(read) << read.error();
    change(*read);
    ASSERT_TRUE(write_plan(file, *read));
  }
  Said apply_said(bool yes = true, bool force = false) {
    return said(
        [&] { return apply({.common = common, .file = file, .yes = yes, .force = force}); });
  }
  void expect_refused(const std::string& why) {
    const auto refused = apply_said();
    EXPECT_EQ(refused.code, kFailed);
    EXPECT_THAT(refused.errors, HasSubstr("nothing moved: "));
    EXPECT_THAT(refused.errors, HasSubstr(why));
    EXPECT_EQ(calls(), 0U);
  }

  tests::Folder folder;
  Common common;
  std::string file = folder.file("plan.json");
  asio::io_context io{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard{
      asio::make_work_guard(io)};
  std::unique_ptr<demo::SimulatedMilvus> milvus;
  std::thread thread;
};

TEST_F(ApplyTest, MakesExactlyThePlan) {
  make_plan();
  EXPECT_EQ(calls(), 0U);
  const auto moves = read_plan(file)->moves();
  const auto applied = apply_said();
  EXPECT_EQ(applied.code, kDone) << applied.errors;
  const std::string all = std::to_string(moves.size());
  EXPECT_THAT(applied.output, HasSubstr("moved " + all + " of " + all + " segments"));
  EXPECT_THAT(applied.output, HasSubstr("1 of " + all + " moves, "));
  EXPECT_GT(calls(), 0U);
  for (const auto& move : moves) {
    const auto line = "segment " + std::to_string(static_cast<std::int64_t>(move.segment)) +
                      ": is on node " + std::to_string(static_cast<std::int64_t>(move.to));
    EXPECT_THAT(applied.output, HasSubstr(line));
  }
}

TEST_F(ApplyTest, ASecondTimeSaysWhatHasChanged) {
  make_plan();
  const auto moves = read_plan(file)->moves();
  ASSERT_EQ(apply_said().code, kDone);
  const auto before = calls();
  const auto again = apply_said();
  EXPECT_EQ(again.code, kFailed);
  EXPECT_THAT(again.errors, HasSubstr("this has changed\n  - segment "));
  EXPECT_THAT(
      again.errors,
      HasSubstr("is on node " + std::to_string(static_cast<std::int64_t>(moves[0].to)) + " now"));
  EXPECT_EQ(calls(), before);
}

TEST_F(ApplyTest, AnOldPlanNeedsForce) {
  make_plan();
  change_plan([](PlanFile& plan) { plan.made_at -= std::chrono::hours{24 * 365}; });
  expect_refused("more than an hour ago");
  EXPECT_EQ(apply_said(true, true).code, kDone);
}

TEST_F(ApplyTest, APlanFromTheFutureIsRefused) {
  make_plan();
  change_plan([](PlanFile& plan) { plan.made_at += std::chrono::hours{1}; });
  expect_refused("is a clock wrong?");
}

TEST_F(ApplyTest, APlanOfAnotherMilvusIsRefused) {
  make_plan();
  change_plan([](PlanFile& plan) { plan.milvus = "http://10.0.0.9:9091"; });
  expect_refused("the plan is for the Milvus at http://10.0.0.9:9091");
}

TEST_F(ApplyTest, AnotherClusterAtTheSameAddressIsRefused) {
  make_plan();
  change_plan([](PlanFile& plan) {
    for (auto& entry : plan.entries) entry.move.replica = rules::ReplicaId{12345};
  });
  expect_refused("it is of another cluster");
}

TEST_F(ApplyTest, AnEditedFileIsRefused) {
  make_plan();
  std::ifstream in(file);
  auto edited = nlohmann::json::parse(in);
  edited["plan"]["moves"][0]["bytes"] = 1;
  std::ofstream(file) << edited;
  const auto refused = apply_said();
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.errors, HasSubstr("changed after it was written"));
  EXPECT_EQ(calls(), 0U);
}

TEST_F(ApplyTest, OnePlannedMoveThatMayNotBeMadeStopsAll) {
  make_plan();
  change_plan([](PlanFile& plan) { plan.entries.back().move.rows += 1; });
  expect_refused(" rows instead of ");
}

TEST_F(ApplyTest, AFileThatIsNotThereIsAMistakeOfUsage) {
  const auto refused = apply_said();
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.errors, HasSubstr("plan.json: No such file"));
}

TEST_F(ApplyTest, AnInterruptStopsItAfterTheCallUnderWay) {
  make_plan();
  std::thread person([this] {
    while (calls() == 0) std::this_thread::yield();
    kill(getpid(), SIGINT);
  });
  const auto applied = apply_said();
  person.join();
  EXPECT_EQ(applied.code, kFailed);
  EXPECT_THAT(applied.errors, HasSubstr("stops after the call under way"));
  EXPECT_THAT(applied.errors, HasSubstr("stopped: interrupted"));
  EXPECT_THAT(applied.output, HasSubstr(": is on node ")) << "the call under way has ended";
}

// A Milvus whose own balancer takes each move back at once.
struct TakenBackTest : ApplyTest {
  TakenBackTest() : ApplyTest(world()) {}
  static demo::World world() {
    auto made = demo::demo_world();
    made.takes_back_after = std::chrono::milliseconds{100};
    return made;
  }
};

TEST_F(TakenBackTest, WhereSomebodyElseMovesTheSegmentsItStops) {
  make_plan();
  const auto applied = apply_said();
  EXPECT_EQ(applied.code, kFailed);
  EXPECT_THAT(applied.errors + applied.output,
              testing::AnyOf(HasSubstr("was moved by somebody else meanwhile"),
                             HasSubstr("it is still on node"), HasSubstr("by another's hand")));
}

TEST_F(ApplyTest, PlanSaysWhoseItIs) {
  common.web_listen_address = "127.0.0.1:1";  // nobody listens there
  const auto planned = said([&] { return plan({.agent = {.common = common}}); });
  EXPECT_EQ(planned.code, kUnbalanced);
  EXPECT_THAT(planned.output,
              testing::StartsWith("No agent gives a plan, so this is a look of its own"));
}

}  // namespace
}  // namespace evenkeel::cli::apply_test
