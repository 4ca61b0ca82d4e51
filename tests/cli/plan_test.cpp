// `evenkeel plan` where an agent answers: it is the agent's plan, and says so.

#include <nlohmann/json.hpp>

#include "agent/cli/running_agent.hpp"
#include "tests/cli/served_agent.hpp"

namespace evenkeel::cli::plan_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class AgentsPlan : public ServedAgent {
 protected:
  AgentsPlan() {
    auto snapshot = api::example();
    auto judgement = *snapshot.judgement;
    judgement.set_aside.push_back({{}, rules::NodeId{3}, rules::Misfit::stranded, 2});
    snapshot.judgement = std::make_shared<const rules::Judgement>(std::move(judgement));
    snapshot.pause = loop::Pause{.reason = "", .by = "", .since = snapshot.at, .until = {}};
    publish(std::move(snapshot));
  }
  Said plan_said(OutputFormat format = OutputFormat::text) {
    return said([&] { return plan({.agent = agent(), .format = format}); });
  }
  std::string address() { return "http://127.0.0.1:" + std::to_string(server_->port()); }
};

TEST_F(AgentsPlan, IsToldInWords) {
  serve();
  const auto planned = plan_said();
  EXPECT_EQ(planned.code, kUnbalanced) << planned.errors;
  EXPECT_THAT(planned.output, StartsWith("The plan of the agent at " + address() +
                                         ", by its evidence, rests and pauses, as of 2023-11-14"));
  for (const char* words : {"node 3 is overloaded at 96.0 %", "Set aside: 2 segments",
                            "Held by the gate paused: balancing is paused", "Verdict: "}) {
    EXPECT_THAT(planned.output, HasSubstr(words));
  }
}

TEST_F(AgentsPlan, IsToldAsData) {
  serve();
  const auto planned = nlohmann::json::parse(plan_said(OutputFormat::json).output);
  EXPECT_EQ(planned.at("plan_of"), address());
  EXPECT_TRUE(planned.at("plan").at("moves").is_array());
  EXPECT_FALSE(planned.at("judgement").at("nodes").empty());
  EXPECT_EQ(planned.at("outcome"), planned.at("plan").at("outcome"));
}

TEST(WhosePlan, AFlagThatNamesAnotherMilvusMeansALookOfItsOwn) {
  AgentOptions options;
  EXPECT_TRUE(may_be_the_agents(options));
  options.common.milvus_address = "http://10.0.0.9:9091";
  EXPECT_FALSE(may_be_the_agents(options));
  options.url = "http://10.0.0.8:10931";
  EXPECT_TRUE(may_be_the_agents(options)) << "the agent is named";
  AgentOptions targets;
  targets.common.scrape_targets = "http://10.0.0.9:9101/metrics";
  EXPECT_FALSE(may_be_the_agents(targets));
}

}  // namespace
}  // namespace evenkeel::cli::plan_test
