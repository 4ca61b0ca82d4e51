// The verbs that ask a running agent for a change, and how they find and tell it.

#include "tests/cli/served_agent.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::cli::agent_verbs_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::always;
using tests::answer;
using tests::Peer;
using tests::ScriptedServer;

class AgentVerbs : public ServedAgent {
 protected:
  Said resume_said(const std::string& token_file) {
    auto options = agent();
    options.token_file = token_file;
    return said([&] { return resume(options); });
  }
};

TEST_F(AgentVerbs, SayThatNobodyListens) {
  const auto nowhere = agent_at(tests::closed_port());
  for (const auto& asked :
       {said([&] { return pause({.agent = nowhere}); }), said([&] { return resume(nowhere); }),
        said([&] { return rebalance({.agent = nowhere}); }),
        said([&] { return reload(nowhere); })}) {
    EXPECT_EQ(asked.code, kFailed);
    EXPECT_EQ(asked.output, "");
    EXPECT_THAT(asked.errors, HasSubstr("no connection; is the agent running?"));
  }
}

TEST_F(AgentVerbs, PauseTakesALengthAndAReason) {
  publish(level());
  serve();
  const auto paused =
      said([&] { return pause({.agent = agent(), .length = "1.5s", .reason = "an \"upgrade\""}); });
  EXPECT_EQ(paused.code, kDone) << paused.errors;
  EXPECT_THAT(paused.output, HasSubstr("Paused until 2023-11-14 22:13:28 UTC"));
  ASSERT_EQ(control_.pauses.size(), 1u);
  EXPECT_EQ(control_.pauses[0].length, 2s) << "a part of a second is a whole one";
  EXPECT_EQ(control_.pauses[0].reason, "an \"upgrade\"");
  const auto endless = said([&] { return pause({.agent = agent()}); });
  EXPECT_THAT(endless.output, HasSubstr("Paused until `evenkeel resume`"));
}

TEST_F(AgentVerbs, PauseRefusesAWrongLength) {
  publish(level());
  serve();
  for (const char* length : {"soon", "0s", "-1h"}) {
    const auto refused = said([&] { return pause({.agent = agent(), .length = length}); });
    EXPECT_EQ(refused.code, kUsage);
    EXPECT_THAT(refused.errors, HasSubstr("--for: "));
  }
  const auto too_long = said([&] { return pause({.agent = agent(), .length = "400d"}); });
  EXPECT_EQ(too_long.code, kFailed);
  EXPECT_THAT(too_long.errors, HasSubstr("status 400: seconds: "));
  EXPECT_THAT(control_.pauses, IsEmpty());
}

TEST_F(AgentVerbs, PauseThatIsNotYetInForceSaysSo) {
  control_.takes_up = false;
  publish(level());
  serve();
  const auto paused = said([&] { return pause({.agent = agent()}); });
  EXPECT_EQ(paused.code, kDone);
  EXPECT_THAT(paused.output, HasSubstr("will be paused in a moment"));
}

TEST_F(AgentVerbs, ResumeSaysWhetherSegmentsMoveAgain) {
  publish(level());
  serve();
  EXPECT_EQ(resume_said("").output, "Resumed: segments may be moved again.\n");
  EXPECT_EQ(control_.resumes, 1);
  auto dry = level();
  dry.dry_run = true;
  publish(std::move(dry));
  EXPECT_THAT(resume_said("").output, HasSubstr("moves nothing all the same"));
}

TEST_F(AgentVerbs, RebalanceMayBeAboutAPart) {
  publish(level());
  serve();
  const auto asked =
      said([&] { return rebalance({.agent = agent(), .collection = "book", .node = 3}); });
  EXPECT_EQ(asked.code, kDone) << asked.errors;
  EXPECT_THAT(asked.output, HasSubstr("as request 1."));
  ASSERT_EQ(control_.rounds.size(), 1u);
  EXPECT_FALSE(control_.rounds[0].focus.everything());
  const auto refused = said([&] { return rebalance({.agent = agent(), .node = 99}); });
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("status 422: node: there is no such query node"));
}

TEST_F(AgentVerbs, SendTheToken) {
  serve_with_token();
  const auto file = folder_.write("token", web::kToken + "\n");
  const auto resumed = resume_said(file);
  EXPECT_EQ(resumed.code, kDone) << resumed.errors;
  EXPECT_THAT(resumed.output + resumed.errors, Not(HasSubstr(web::kToken)));
  EXPECT_EQ(control_.resumes, 1);
}

TEST_F(AgentVerbs, SayWhereATokenIsMissingOrWrong) {
  serve_with_token();
  const auto none = resume_said("");
  EXPECT_EQ(none.code, kFailed);
  EXPECT_THAT(none.errors, HasSubstr("status 401: "));
  EXPECT_THAT(none.errors, HasSubstr("say where its token is by --token-file"));
  const std::string secret = "another-token-0123456789";
  const auto file = folder_.write("token", secret);
  const auto wrong = resume_said(file);
  EXPECT_EQ(wrong.code, kFailed);
  EXPECT_THAT(wrong.errors,
              HasSubstr("the token of " + file + " (--token-file) is not the agent's"));
  EXPECT_THAT(wrong.errors, Not(HasSubstr(secret)));
  EXPECT_EQ(control_.resumes, 0);
}

TEST_F(AgentVerbs, DoNotSendATokenThatIsNone) {
  serve_with_token();
  const auto open = resume_said(folder_.write("token", web::kToken, 0644));
  EXPECT_EQ(open.code, kFailed);
  EXPECT_THAT(open.errors, HasSubstr("--token-file: everybody on this machine may read"));
  EXPECT_THAT(resume_said(folder_.path("nothing")).errors, HasSubstr("No such file"));
  EXPECT_THAT(resume_said(folder_.write("short", "short")).errors, HasSubstr("shorter than 16"));
}

TEST_F(AgentVerbs, SayThatTheAgentIsReadOnly) {
  web::Access access;
  access.read_only = true;
  publish(level());
  serve(std::move(access));
  const auto refused = resume_said("");
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("status 403: This agent takes no request"));
}

TEST_F(AgentVerbs, SayThatTheAgentIsNotReady) {
  serve();
  const auto refused = resume_said("");
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("status 503: the cluster has not been observed in full"));
}

TEST_F(AgentVerbs, GiveNoCredentialToSomebodyElse) {
  std::string asked;
  ScriptedServer server([&](Peer& peer, int) {
    asked += peer.read_request();
    peer.write(answer("Welcome to nginx!"));
  });
  auto options = agent_at(server.port());
  options.token_file = folder_.write("token", web::kToken);
  for (const auto& refused :
       {said([&] { return resume(options); }), said([&] { return reload(options); })}) {
    EXPECT_EQ(refused.code, kFailed);
    EXPECT_THAT(refused.errors, HasSubstr("does not say that it is Evenkeel"));
    EXPECT_THAT(refused.errors, HasSubstr("Welcome to nginx!"));
  }
  EXPECT_THAT(asked, HasSubstr("GET /-/healthy"));
  EXPECT_THAT(asked, Not(HasSubstr("POST")));
  EXPECT_THAT(asked, Not(HasSubstr("Authorization")));
}

TEST_F(AgentVerbs, FollowNoRedirect) {
  ScriptedServer elsewhere(always(answer("{}")));
  ScriptedServer server([&](Peer& peer, int) {
    const bool health = peer.read_request().starts_with("GET /-/healthy");
    peer.write(health ? answer("Evenkeel is healthy.\n")
                      : answer("", 307, "Location: " + elsewhere.url().str() + "\r\n"));
  });
  auto options = agent_at(server.port());
  options.token_file = folder_.write("token", web::kToken);
  const auto refused = said([&] { return resume(options); });
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("status 307; a redirect is not followed"));
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(AgentVerbs, TakeAnotherAgentByItsUrl) {
  publish(level());
  serve();
  AgentOptions options;
  options.url = "http://localhost:" + std::to_string(server_->port());
  EXPECT_EQ(said([&] { return resume(options); }).code, kDone);
  for (const char* url : {"http://localhost:1/agent", "localhost:1", "ftp://localhost"}) {
    options.url = url;
    const auto refused = said([&] { return resume(options); });
    EXPECT_EQ(refused.code, kUsage) << url;
    EXPECT_THAT(refused.errors, HasSubstr("--agent: ")) << url;
  }
  EXPECT_EQ(control_.resumes, 1);
}

TEST_F(AgentVerbs, ReloadPrintsWhatTheAgentSays) {
  serve();
  const auto done = said([&] { return reload(agent()); });
  EXPECT_EQ(done.code, kDone);
  EXPECT_EQ(done.output, "Evenkeel has read its configuration again.\n");
  reloaded_ = {.status = 422, .body = "not reloaded:\nevenkeel.toml:2:1: unknown key\n1 mistake\n"};
  const auto refused = said([&] { return reload(agent()); });
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.errors, HasSubstr("evenkeel.toml:2:1: unknown key\n"));
  reloaded_ = {.status = 503, .body = "Evenkeel is busy.\n"};
  const auto busy = said([&] { return reload(agent()); });
  EXPECT_EQ(busy.code, kFailed);
  EXPECT_THAT(busy.errors, HasSubstr("status 503: Evenkeel is busy\n"));
}

TEST_F(AgentVerbs, ReloadSaysThatTheAgentIsOlder) {
  serve({}, api::methods);
  const auto refused = said([&] { return reload(agent()); });
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("status 405: "));
  EXPECT_THAT(refused.errors, HasSubstr("is the agent older than this program"));
}

}  // namespace
}  // namespace evenkeel::cli::agent_verbs_test
