// `evenkeel rebalance`: what it asks for, what it waits for, and what it says.

#include "tests/cli/served_agent.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::cli::rebalance_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Rebalance : public ServedAgent {
 protected:
  // An agent whose newest rounds are this one, and one from before its start that answered its own
  // first request.
  void serve_round(loop::Outcome outcome, std::vector<std::uint64_t> requests) {
    auto snapshot = level();
    auto decision = *loop::example_decision();
    decision.at = snapshot.started;
    decision.outcome = outcome;
    decision.requests = std::move(requests);
    auto older = decision;
    older.id -= 1;
    older.at = snapshot.started - std::chrono::hours(1);
    older.requests = {1};
    older.words = "of an earlier life";
    snapshot.decisions = {std::make_shared<const loop::Decision>(decision),
                          std::make_shared<const loop::Decision>(older)};
    publish(std::move(snapshot));
    serve();
  }
  Said wait_said(const std::string& timeout = "30m") {
    return said([&] { return rebalance({.agent = agent(), .wait = true, .timeout = timeout}); });
  }
};

TEST_F(Rebalance, SaysWhatWasMoved) {
  serve_round(loop::Outcome::moved, {1});
  const auto waited = wait_said();
  EXPECT_EQ(waited.code, kDone) << waited.errors;
  EXPECT_THAT(waited.output, HasSubstr("as request 1. "));
  EXPECT_THAT(waited.output, HasSubstr("Decision 7, "));
  EXPECT_THAT(waited.output, HasSubstr("Moves:\n  - succeeded: "));
  EXPECT_THAT(waited.output, Not(HasSubstr("of an earlier life")));
}

TEST_F(Rebalance, ItsExitCodeIsTheOutcomes) {
  const std::map<loop::Outcome, int> codes = {
      {loop::Outcome::balanced, kDone},       {loop::Outcome::gathering, kUnbalanced},
      {loop::Outcome::moved, kDone},          {loop::Outcome::failed, kFailed},
      {loop::Outcome::held, kUnbalanced},     {loop::Outcome::cannot_fix, kUnbalanced},
      {loop::Outcome::cannot_judge, kFailed},
  };
  ASSERT_EQ(codes.size(), loop::kOutcomes.size());
  std::uint64_t request = 0;
  for (const auto& [outcome, code] : codes) {
    serve_round(outcome, {++request});
    const auto waited = wait_said();
    EXPECT_EQ(waited.code, code) << waited.output << waited.errors;
    EXPECT_THAT(waited.output, HasSubstr(std::string(": ") + std::string(name(outcome))));
  }
}

TEST_F(Rebalance, SaysWhichGatesHeldIt) {
  serve_round(loop::Outcome::held, {1});
  EXPECT_THAT(wait_said().output, HasSubstr("Gates that were closed:\n  - data_fresh: old\n"));
}

TEST_F(Rebalance, ATimeoutSaysThatTheRoundComesAllTheSame) {
  serve_round(loop::Outcome::moved, {17});
  const auto waited = wait_said("0s");
  EXPECT_EQ(waited.code, kFailed);
  EXPECT_THAT(waited.errors, HasSubstr("has not ended within 0 s; the agent makes the round all "
                                       "the same, and `evenkeel history` says"));
}

TEST_F(Rebalance, AnInterruptSaysTheSame) {
  serve_round(loop::Outcome::moved, {17});
  const PendingInterrupt interrupt;
  const auto waited = wait_said();
  EXPECT_EQ(waited.code, kFailed);
  EXPECT_THAT(waited.errors, HasSubstr("interrupted; the agent makes the round all the same"));
}

TEST_F(Rebalance, AnAgentThatWasStartedAnewHasForgottenIt) {
  int statuses = 0;
  tests::ScriptedServer server([&](tests::Peer& peer, int) {
    const auto request = peer.read_request();
    const auto asks = [&](const char* what) { return request.find(what) != std::string::npos; };
    peer.write(tests::answer(asks("/-/healthy")   ? "Evenkeel is healthy.\n"
                             : asks("/rebalance") ? R"({"request":"1"})"
                             : !asks("/status")   ? R"({"decisions":[]})"
                             : statuses++ == 0    ? R"({"started":"2026-01-31T09:05:00.250Z"})"
                                                  : R"({"started":"2026-01-31T09:06:00.250Z"})"));
  });
  const auto waited =
      said([&] { return rebalance({.agent = agent_at(server.port()), .wait = true}); });
  EXPECT_EQ(waited.code, kFailed);
  EXPECT_THAT(waited.errors, HasSubstr("has forgotten the request; ask again"));
}

TEST_F(Rebalance, AWrongTimeoutIsRefused) {
  serve_round(loop::Outcome::moved, {1});
  const auto waited = wait_said("soon");
  EXPECT_EQ(waited.code, kUsage);
  EXPECT_THAT(waited.errors, HasSubstr("--timeout: "));
  EXPECT_TRUE(control_.rounds.empty());
}

}  // namespace
}  // namespace evenkeel::cli::rebalance_test
