// What the verbs that speak to a running agent make of whatever listens where it should.
#include "agent/cli/agent_client.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <latch>
#include <thread>

#include "agent/cli/verbs.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/web/identity.hpp"
#include "tests/web/secrets.hpp"

namespace {

std::latch let_go{1};  // what the look-up of "hangs.test" waits for
std::latch gone{1};    // opens when the thread of that look-up has ended

struct OpensAtTheEndOfItsThread {
  OpensAtTheEndOfItsThread() = default;
  OpensAtTheEndOfItsThread(const OpensAtTheEndOfItsThread&) = delete;
  OpensAtTheEndOfItsThread& operator=(const OpensAtTheEndOfItsThread&) = delete;
  ~OpensAtTheEndOfItsThread() { gone.count_down(); }
};

}  // namespace

// A name server that hangs: the program's look-ups come here first.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using LookUp = int(const char*, const char*, const addrinfo*, addrinfo**);
  static auto* const system = reinterpret_cast<LookUp*>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node == nullptr || std::string_view(node) != "hangs.test")
    return system(node, service, hints, result);
  let_go.wait();
  thread_local const OpensAtTheEndOfItsThread end;
  return EAI_NONAME;
}

namespace evenkeel::cli::agent_client_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using tests::always;
using tests::answer;
using tests::Peer;
using tests::ScriptedServer;

constexpr auto kSoon = 200ms;

AgentRequest get(const http::Url& url) {
  return {.url = url, .deadline = 20s};
}

AgentRequest impatient(const http::Url& url) {
  return {.url = url, .deadline = kSoon};
}

// The error, which comes when the deadline has passed, and not much later.
std::string timeout_of(const AgentRequest& request) {
  const auto begun = steady_clock::now();
  const auto answered = ask_agent(request);
  const auto took = steady_clock::now() - begun;
  EXPECT_GE(took, kSoon - 1ms);
  EXPECT_LT(took, kSoon + 5s);  // on a busy machine
  return answered ? "answered with " + std::to_string(answered->status) : answered.error();
}

settings::Settings::Web listening_on(const std::string& address) {
  settings::Settings::Web web;
  web.listen_address = address;
  return web;
}

TEST(AgentUrl, IsWhereThisMachineReachesTheAgent) {
  const auto url = [](const std::string& address) {
    return agent_url(listening_on(address), "/x").str();
  };
  EXPECT_EQ(url(":10931"), "http://127.0.0.1:10931/x");
  EXPECT_EQ(url("0.0.0.0:10931"), "http://127.0.0.1:10931/x");
  EXPECT_EQ(url("[::]:10931"), "http://[::1]:10931/x");
  EXPECT_EQ(url("10.0.0.7:80"), "http://10.0.0.7:80/x");
  EXPECT_EQ(url("[fd00::7]:80"), "http://[fd00::7]:80/x");
  EXPECT_EQ(url("keel.example:80"), "http://keel.example:80/x");
  auto tls = listening_on("localhost:443");
  tls.cert_file = "/c";
  EXPECT_EQ(agent_url(tls, "/x").str(), "https://localhost:443/x");
}

TEST(AskAgent, GivesStatusAndBody) {
  std::string asked;
  ScriptedServer server([&](Peer& peer, int) {
    asked = peer.read_request();
    peer.write(answer("hello", 418));
  });
  const auto answered = ask_agent(get(server.url("/a?b=%2F")));
  ASSERT_TRUE(answered) << answered.error();
  EXPECT_EQ(answered->status, 418);
  EXPECT_EQ(answered->body, "hello");
  EXPECT_THAT(asked, HasSubstr("GET /a?b=%2F HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(asked, HasSubstr("Accept-Encoding: identity\r\n"));
  EXPECT_THAT(asked, HasSubstr("User-Agent: evenkeel\r\n"));
  EXPECT_THAT(asked, Not(HasSubstr("Authorization")));
}

TEST(AskAgent, SendsBodyAndCredential) {
  std::string asked;
  ScriptedServer server([&](Peer& peer, int) {
    asked = peer.read_request();
    peer.write(answer("{}"));
  });
  auto request = get(server.url("/api/v1/pause"));
  request.method = "POST";
  request.body = R"({"minutes":5})";
  request.content_type = "application/json";
  request.authorization = "Bearer 0123456789abcdef";
  ASSERT_TRUE(ask_agent(request));
  EXPECT_THAT(asked, HasSubstr("POST /api/v1/pause HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(asked, HasSubstr("Authorization: Bearer 0123456789abcdef\r\n"));
  EXPECT_THAT(asked, testing::EndsWith("\r\n\r\n" + request.body));
}

TEST(AskAgent, SpeaksIpv6) {
  ScriptedServer server(always(answer("six")), "::1");
  const auto answered = ask_agent(get(server.url()));
  ASSERT_TRUE(answered) << answered.error();
  EXPECT_EQ(answered->body, "six");
}

TEST(AskAgent, SaysThatNobodyListens) {
  const http::Url url{.host = "127.0.0.1", .port = tests::closed_port(), .target = "/-/healthy"};
  const auto answered = ask_agent(get(url));
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error(), "GET " + url.str() + ": no connection; is the agent running?");
}

TEST(AskAgent, SaysThatTheNameIsUnknown) {
  const auto answered = ask_agent(get({.host = "nobody.invalid", .port = 80}));
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error(), "GET http://nobody.invalid:80/: cannot resolve nobody.invalid");
}

TEST(AskAgent, DoesNotWaitForANameThatHangs) {
  EXPECT_EQ(timeout_of(impatient({.host = "hangs.test", .port = 80})),
            "GET http://hangs.test:80/: no answer within 0.2 s");
  let_go.count_down();
  gone.wait();
}

TEST(AskAgent, DoesNotWaitForAServerThatHangs) {
  ScriptedServer server([](Peer& peer, int) { peer.hang(); });
  EXPECT_EQ(timeout_of(impatient(server.url())),
            "GET " + server.url().str() + ": no answer within 0.2 s");
}

// httplib's own timeouts begin anew with each byte that comes.
void drip(Peer& peer, std::string_view begin, std::string_view drop) {
  peer.write(begin);
  while (peer.write(drop)) std::this_thread::sleep_for(10ms);
}

TEST(AskAgent, DoesNotWaitForAnAnswerThatDrips) {
  for (const auto& [begin, drop] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 200 ", "x"},
           {"HTTP/1.1 200 OK\r\n", "a: b\r\n"},
           {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x"},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
           {"HTTP/1.1 200 OK\r\n\r\n", "x"}}) {
    ScriptedServer server([&](Peer& peer, int) { drip(peer, begin, drop); });
    EXPECT_THAT(timeout_of(impatient(server.url())), HasSubstr("no answer within 0.2 s")) << begin;
  }
}

TEST(AskAgent, DoesNotWaitForAHandshakeThatDrips) {
  ScriptedServer server([](Peer& peer, int) {
    drip(peer, std::string_view("\x16\x03\x03\x40\x00", 5), std::string_view("\0", 1));
  });
  auto url = server.url();
  url.tls = true;
  EXPECT_THAT(timeout_of(impatient(url)), HasSubstr("no answer within 0.2 s"));
}

TEST(AskAgent, TakesNoMoreThanTheBound) {
  const std::string big(5'000, 'x');
  for (const std::string& reply :
       {answer(big), "HTTP/1.1 200 OK\r\n\r\n" + big,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + big + "\r\n0\r\n\r\n"}) {
    ScriptedServer server([&](Peer& peer, int) {
      peer.read_request();
      peer.write(reply);
    });
    auto request = get(server.url());
    request.max_body = 4'096;
    const auto refused = ask_agent(request);
    ASSERT_FALSE(refused) << refused->body.size();
    EXPECT_EQ(refused.error(),
              "GET " + server.url().str() + ": the answer is over the 4 KiB taken");
    request.max_body = big.size();
    const auto taken = ask_agent(request);
    ASSERT_TRUE(taken) << taken.error();
    EXPECT_EQ(taken->body, big);
  }
}

TEST(AskAgent, FollowsNoRedirectAndUnpacksNothing) {
  ScriptedServer server([](Peer& peer, int) {
    if (peer.read_request().find("GET /packed") == 0) {
      peer.write(answer("not gzip", 200, "Content-Encoding: gzip\r\n"));
    } else {
      peer.write(answer("", 302, "Location: /elsewhere\r\n"));
    }
  });
  const auto redirected = ask_agent(get(server.url()));
  ASSERT_TRUE(redirected) << redirected.error();
  EXPECT_EQ(redirected->status, 302);
  EXPECT_EQ(server.connections(), 1);
  const auto packed = ask_agent(get(server.url("/packed")));
  ASSERT_TRUE(packed) << packed.error();
  EXPECT_EQ(packed->body, "not gzip");
}

TEST(AskAgent, SaysWhatIsWrongWithTheAnswer) {
  for (const std::string reply :
       {"", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
    ScriptedServer server([&](Peer& peer, int) {
      peer.read_request();
      peer.write(reply);
    });
    const auto answered = ask_agent(get(server.url()));
    ASSERT_FALSE(answered) << reply;
    EXPECT_EQ(answered.error(),
              "GET " + server.url().str() + ": the answer ended too early or is not HTTP/1.1");
  }
}

TEST(AskAgent, OutlivesAConnectionThatIsResetUnderABody) {
  ScriptedServer server([](Peer& peer, int) { peer.end_with_reset(); });
  auto request = get(server.url());
  request.method = "POST";
  request.body.assign(32u << 20, 'x');  // more than the sockets hold, so that SIGPIPE would come
  EXPECT_FALSE(ask_agent(request));
}

TEST(AskAgent, TakesAnyCertificate) {
  const web::Identity somebody("somebody.example");
  ScriptedServer server(always(answer("safe")), somebody.certificate(), somebody.key());
  const auto answered = ask_agent(get(server.url()));
  ASSERT_TRUE(answered) << answered.error();
  EXPECT_EQ(answered->body, "safe");
}

TEST(AskAgent, TakesOnlyACertificateThatItTrustsWhereItIsToldTo) {
  const web::Secrets folder;
  const web::Identity authority("authority.example");
  const web::Identity agent("agent.example", &authority);
  ScriptedServer server(always(answer("safe")), agent.certificate(), agent.key());
  auto request = get(server.url());
  request.trust = {.verify = true, .ca_file = folder.write("ca", authority.certificate())};
  const auto answered = ask_agent(request);
  ASSERT_TRUE(answered) << answered.error();
  EXPECT_EQ(answered->body, "safe");
  const web::Identity another("another.example");
  for (const auto& ca : {folder.write("another", another.certificate()), std::string()}) {
    request.trust.ca_file = ca;
    const auto refused = ask_agent(request);
    ASSERT_FALSE(refused) << ca;
    EXPECT_THAT(refused.error(), HasSubstr("its certificate is not for this name, or of no"));
  }
  request.trust.ca_file = folder.path("nothing");
  EXPECT_THAT(ask_agent(request).error(), HasSubstr("no authorities can be read from "));
}

TEST(AskAgent, SaysThatThereIsNoTls) {
  ScriptedServer server(always(answer("plain")));
  auto url = server.url();
  url.tls = true;
  const auto answered = ask_agent(impatient(url));
  ASSERT_FALSE(answered);
  EXPECT_THAT(answered.error(),
              testing::AnyOf(HasSubstr("TLS handshake failed"), HasSubstr("no answer")));
}

struct Said {
  int code = -1;
  std::string output, errors;
};

Said health_at(std::uint16_t port) {
  Common common;
  common.web_listen_address = "127.0.0.1:" + std::to_string(port);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = health(common);
  said.output = testing::internal::GetCapturedStdout();
  said.errors = testing::internal::GetCapturedStderr();
  return said;
}

TEST(Health, IsWhatTheAgentSays) {
  ScriptedServer server(always(answer("Evenkeel is healthy.\n")));
  const auto said = health_at(server.port());
  EXPECT_EQ(said.code, kDone);
  EXPECT_EQ(said.output, "Evenkeel is healthy.\n");
  EXPECT_EQ(said.errors, "");
}

TEST(Health, FailsWithAnyOtherStatus) {
  ScriptedServer server(always(answer("Evenkeel is not healthy: …\n", 503)));
  const auto said = health_at(server.port());
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.output, "");
  EXPECT_EQ(said.errors, "evenkeel: GET " + server.url("/-/healthy").str() + ": status 503\n");
}

TEST(Health, FailsWhereNobodyListens) {
  const auto said = health_at(tests::closed_port());
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.output, "");
  EXPECT_THAT(said.errors, HasSubstr("no connection; is the agent running?"));
}

}  // namespace
}  // namespace evenkeel::cli::agent_client_test
