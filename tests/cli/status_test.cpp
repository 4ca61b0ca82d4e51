// What `evenkeel status` says of the agent and of the cluster.

#include <nlohmann/json.hpp>

#include "tests/cli/served_agent.hpp"

namespace evenkeel::cli::status_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Status : public ServedAgent {
 protected:
  Said status_said(OutputFormat format = OutputFormat::text) {
    return said([&] { return status({.agent = agent(), .format = format}); });
  }
};

TEST_F(Status, SaysWhatIsWrong) {
  publish(api::example());
  serve();
  const auto shown = status_said();
  EXPECT_EQ(shown.code, kUnbalanced);
  EXPECT_EQ(shown.errors, "");
  for (const char* words :
       {"Evenkeel is healthy.", "Evenkeel is ready.", "2023-11-14 22:13:26 UTC",
        "moved, 2023-11-14 22:13:22 UTC, decision 7", "moved 1 segment (10.0 MiB) from node 3",
        "which use 40.0 % to 96.0 % of their capacity", "node 3 is overloaded at 96.0 %",
        "node 12 cannot be judged", "replica 470641382500597818 of collection 100 differs",
        "on, a round each 60 s"}) {
    EXPECT_THAT(shown.output, HasSubstr(words));
  }
  EXPECT_THAT(shown.output, HasSubstr("http://127.0.0.1:" + std::to_string(server_->port())));
}

TEST_F(Status, SaysWhenANodeWillBeOverloaded) {
  auto snapshot = api::example();
  auto judgement = *snapshot.judgement;
  judgement.nodes[0].forecast = rules::Forecast{.likely = loop::at_second(1'700'002'000),
                                                .earliest = loop::at_second(1'700'001'000),
                                                .latest = std::nullopt};
  snapshot.judgement = std::make_shared<const rules::Judgement>(std::move(judgement));
  publish(std::move(snapshot));
  serve();
  EXPECT_THAT(status_said().output,
              HasSubstr("\nForecast     node 3 will be overloaded about 2023-11-14 22:46:40 UTC if "
                        "its memory goes on as in the last hour (at the earliest 2023-11-14 "
                        "22:30:00 UTC, perhaps not)\n"
                        "             node 4 will be overloaded about 2023-11-14 22:57:00 UTC if "
                        "its memory goes on as in the last hour (from 2023-11-14 22:48:20 UTC to "
                        "2023-11-14 23:40:40 UTC)\n"));
  const auto nodes = json::parse(status_said(OutputFormat::json).output).at("nodes");
  EXPECT_EQ(nodes.at(1).at("forecast").at("overloaded_at"), "2023-11-14T22:57:00.000Z");
}

TEST_F(Status, HasNoLineForForecastsWhereThereAreNone) {
  auto snapshot = api::example();
  auto judgement = *snapshot.judgement;
  for (auto& node : judgement.nodes) node.forecast.reset();
  snapshot.judgement = std::make_shared<const rules::Judgement>(std::move(judgement));
  publish(std::move(snapshot));
  serve();
  EXPECT_THAT(status_said().output, Not(HasSubstr("Forecast")));
}

TEST_F(Status, IsDoneWhereNothingIsWrong) {
  publish(level());
  serve();
  const auto shown = status_said();
  EXPECT_EQ(shown.code, kDone) << shown.output;
  EXPECT_THAT(shown.output, HasSubstr("Problems     none\n"));
  EXPECT_THAT(shown.output, HasSubstr("Under way    none\n"));
}

TEST_F(Status, SaysWhoseTurnItIs) {
  auto snapshot = level();
  const auto shown = [&](loop::Turn turn) {
    snapshot.turn = std::move(turn);
    publish(snapshot);
    serve();
    return status_said().output;
  };
  using loop::Standing;
  const auto since = loop::at_second(1'700'000'000);
  EXPECT_THAT(shown({Standing::acting, "keel-0", "", 17, since}),
              HasSubstr("it is its turn since 2023-11-14 22:13:20 UTC\n"));
  EXPECT_THAT(shown({Standing::watching, "keel-1", "another agent, keel-1, acts", 0, since}),
              HasSubstr("nothing is moved by this agent: another agent, keel-1, acts\n"));
  EXPECT_THAT(shown({}), testing::Not(HasSubstr("turn")));
}

TEST_F(Status, SaysWhoHoldsMilvussOwnBalancer) {
  auto snapshot = level();
  const auto shown = [&](loop::Hold hold, const std::string& words) {
    snapshot.builtin_balancer = {hold, words, loop::at_second(1'700'000'000)};
    publish(snapshot);
    serve();
    return status_said().output;
  };
  EXPECT_THAT(shown(loop::Hold::held, "by a key"), HasSubstr("balancer is held off: by a key\n"));
  EXPECT_THAT(shown(loop::Hold::by_operator, "x = false"), HasSubstr("not by this agent: x"));
  EXPECT_THAT(shown(loop::Hold::released, ""), HasSubstr("is held off for moves alone\n"));
  EXPECT_THAT(shown(loop::Hold::failed, "etcd is full"), HasSubstr("NOT HELD OFF: etcd is full\n"));
  EXPECT_THAT(shown(loop::Hold::ignored, ""), testing::Not(HasSubstr("own balancer")));
}

TEST_F(Status, SaysWhyNothingIsMoved) {
  auto snapshot = level();
  snapshot.pause = loop::Pause{.reason = "an upgrade",
                               .by = "anna",
                               .since = loop::at_second(1'700'000'000),
                               .until = loop::at_second(1'700'003'600)};
  snapshot.auto_balance = false;
  snapshot.dry_run = true;
  publish(std::move(snapshot));
  serve();
  const auto shown = status_said().output;
  EXPECT_THAT(shown, HasSubstr("PAUSED since 2023-11-14 22:13:20 UTC by anna, until 2023-11-14 "
                               "23:13:20 UTC: an upgrade\n"));
  EXPECT_THAT(shown, HasSubstr("it runs with --dry-run"));
  EXPECT_THAT(shown, HasSubstr("[balance] auto_balance is false"));
}

TEST_F(Status, TellsOfMaintenanceWindows) {
  auto snapshot = level();
  snapshot.maintenance = {.has_windows = true,
                          .opening = {true, loop::at_second(1'700'003'600), std::nullopt}};
  publish(snapshot);
  serve();
  EXPECT_THAT(status_said().output,
              HasSubstr("in a maintenance window until 2023-11-14 23:13:20 UTC\n"));
  snapshot.maintenance.opening = {false, std::nullopt, loop::at_second(1'700'003'600)};
  publish(snapshot);
  EXPECT_THAT(status_said().output,
              HasSubstr("only overload is relieved: outside of maintenance windows, the next opens "
                        "at 2023-11-14 23:13:20 UTC\n"));
  snapshot.maintenance = {
      .has_windows = true, .relief_outside = false, .opening = {false, std::nullopt, std::nullopt}};
  publish(snapshot);
  EXPECT_THAT(status_said().output,
              HasSubstr("nothing is moved: outside of maintenance windows, and none opens within "
                        "two weeks\n"));
}

TEST_F(Status, IsJsonWithTheNamesOfTheApi) {
  publish(api::example());
  serve();
  const auto shown = json::parse(status_said(OutputFormat::json).output);
  EXPECT_EQ(shown.at("healthy"), true);
  EXPECT_EQ(shown.at("ready"), true);
  EXPECT_EQ(shown.at("status").at("paused"), false);
  EXPECT_EQ(shown.at("nodes").size(), 3u);
  EXPECT_EQ(shown.at("decision").at("id"), "7");
}

TEST_F(Status, BeforeTheFirstPictureIsNotJudged) {
  serve();
  const auto shown = status_said();
  EXPECT_EQ(shown.code, kUnbalanced);
  EXPECT_THAT(shown.output, HasSubstr("Evenkeel is not ready: the cluster has not been observed"));
  EXPECT_EQ(json::parse(status_said(OutputFormat::json).output).at("ready"), false);
}

TEST_F(Status, OfHalfAPictureIsNotReady) {
  auto snapshot = level();
  auto cluster = *snapshot.cluster;
  cluster.coordinator_complete = false;
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.decisions.clear();
  publish(std::move(snapshot));
  serve();
  const auto asked = status_said(OutputFormat::json);
  EXPECT_EQ(asked.code, kUnbalanced);
  const auto shown = json::parse(asked.output);
  EXPECT_EQ(shown.at("ready"), false);
  EXPECT_TRUE(shown.contains("status"));
}

TEST_F(Status, FailsWhereTheAgentIsUnwell) {
  unwell_ = "no round was begun for 10 minutes";
  publish(level());
  serve();
  const auto shown = status_said();
  EXPECT_EQ(shown.code, kFailed);
  EXPECT_THAT(shown.output, HasSubstr("Evenkeel is not healthy: no round was begun"));
}

}  // namespace
}  // namespace evenkeel::cli::status_test
