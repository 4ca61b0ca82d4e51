// Requests that would change something, over sockets: who gets through to the handler, and what
// becomes of bodies that do not come as they should.

#include <gmock/gmock.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/web/server.hpp"
#include "tests/counted.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/web/methods_of_pause.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::web::server_changes_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto* kPath = "/api/v1/pause";

std::string post(const std::string& body, const std::string& more = "") {
  return "POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
         more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class ServerChanges : public testing::Test {
 protected:
  void start(Access access = {}, http::Limits limits = {}) {
    server_ = std::make_unique<Server>(
        [this](const Request& request) -> Response {
          ++handled_;
          return {.status = request.method == "POST" ? 202 : 200,
                  .body = std::string(request.method) + ' ' + std::string(request.path) + ' ' +
                          std::string(request.user) + ' ' + std::string(request.body)};
        },
        limits, traffic_, methods_of_pause);
    const auto started = server_->start({.host = "127.0.0.1", .port = 0}, std::move(access));
    ASSERT_TRUE(started) << started.error();
  }
  static Access with_token_and_users() {
    Access access;
    access.token = *Token::parse(kToken);
    access.users = {{"anna", kHorseHash}};
    return access;
  }
  RawClient client() { return RawClient(server_->port()); }
  // The status that this whole request gets, on a connection of its own.
  std::string status_of(const std::string& request) {
    auto http = client();
    http.send(request);
    const auto got = http.read_some();
    return got.size() < 12 ? got : got.substr(9, 3);
  }
  std::uint64_t refused(const std::string& why) const {
    return tests::count_of(*traffic_, "evenkeel_web_refused_total", {{"reason", why}});
  }

  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  std::atomic<int> handled_ = 0;
  std::unique_ptr<Server> server_;
};

// 60 groups of alerts at once, one too large and one too slow: Alertmanager sends again what was
// answered with 503, and what was not answered at all.
TEST_F(ServerChanges, OfAlertmanagerAreNeverDropped) {
  start({}, {.body = 1000, .request = std::chrono::milliseconds(100)});
  const auto alerts = [](const std::string& length, const std::string& body) {
    return "POST /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           length + "\r\n\r\n" + body;
  };
  for (int i = 0; i < 60; ++i) EXPECT_EQ(status_of(alerts("2", "{}")), "202") << i;
  auto large = client();
  large.send(alerts("1001", ""));
  const auto got = large.read_to_end();
  EXPECT_THAT(got, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(got, HasSubstr("\r\nRetry-After: "));
  auto slow = client();
  slow.send(alerts("2", "{"));
  EXPECT_EQ(slow.read_to_end(), "");
}

// It learns that it may try again, and does not see the connection break.
TEST_F(ServerChanges, AGroupOfFiveMebibytesIsAnsweredThoughNotTaken) {
  start();
  httplib::Client http("127.0.0.1", server_->port());
  const auto answer = http.Post("/api/v1/alerts", std::string(5u << 20, 'x'), "application/json");
  ASSERT_TRUE(answer) << httplib::to_string(answer.error());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(refused("body_too_large"), 1u);
}

TEST_F(ServerChanges, ReachTheHandlerWithTheirBody) {
  start();
  httplib::Client http("127.0.0.1", server_->port());
  const auto answer = http.Post(kPath, R"({"reason":"x"})", "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(answer->body, R"(POST /api/v1/pause  {"reason":"x"})");
  EXPECT_EQ(http.Post(kPath, "", "application/json; charset=utf-8")->status, 202);
}

TEST_F(ServerChanges, MayCarryAMegabyteAndNoMore) {
  start();
  httplib::Client http("127.0.0.1", server_->port());
  const auto most = http.Post(kPath, std::string(1u << 20, 'x'), "application/json");
  ASSERT_TRUE(most);
  EXPECT_EQ(most->status, 202);
  EXPECT_GT(most->body.size(), 1u << 20);
  const auto more = http.Post(kPath, std::string((1u << 20) + 1, 'x'), "application/json");
  ASSERT_TRUE(more);
  EXPECT_EQ(more->status, 413);
  EXPECT_THAT(more->body, HasSubstr(R"("code":"body_too_large")"));
  EXPECT_EQ(refused("body_too_large"), 1u);
}

TEST_F(ServerChanges, ThatClaimAHugeBodyAreRefusedBeforeItComes) {
  start();
  EXPECT_EQ(status_of("POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\n"
                      "Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n"),
            "413");
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerChanges, ThatAreCutReachNobody) {
  start();
  {
    auto http = client();
    http.send(post("{}").substr(0, post("{}").size() - 1));
  }
  auto next = client();
  next.send(post("{}", "Connection: close\r\n"));
  next.read_to_end();
  EXPECT_EQ(handled_, 1);
}

TEST_F(ServerChanges, ThatTrickleAreLetGoInTimeAndKeepNobodyWaiting) {
  start({}, {.request = 300ms});
  auto slow = client();
  slow.send(post(std::string(1000, 'x')).substr(0, 200));
  EXPECT_EQ(status_of(post("{}")), "202");
  for (int i = 0; i < 1000 && !slow.closed() && !slow.reset(); ++i) {
    slow.send("x");
    EXPECT_EQ(slow.read_some(10ms), "");
  }
  EXPECT_TRUE(slow.closed() || slow.reset());
  server_->stop();  // a client knows before it is counted
  EXPECT_EQ(refused("too_slow"), 1u);
  EXPECT_EQ(handled_, 1);
}

TEST_F(ServerChanges, MayFollowEachOtherOnAConnection) {
  start();
  auto http = client();
  http.send(post("one") + post("two") +
            "GET /three HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto got = http.read_to_end();
  EXPECT_TRUE(http.closed());
  const auto one = got.find("POST /api/v1/pause  one"), two = got.find("POST /api/v1/pause  two");
  const auto three = got.find("GET /three  ");
  ASSERT_NE(three, std::string::npos) << got;
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
}

TEST_F(ServerChanges, InChunksReachTheHandlerWhole) {
  start();
  auto http = client();
  http.send(
      "POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n");
  http.send("5\r\na\":1}\r\n0\r\n\r\n");
  EXPECT_TRUE(http.read_to_end().ends_with(R"({"a":1})"));
}

TEST_F(ServerChanges, ThatWaitToBeToldToGoOnAreTold) {
  start();
  auto http = client();
  const auto whole = post("{}", "Expect: 100-continue\r\nConnection: close\r\n");
  http.send(whole.substr(0, whole.size() - 2));
  EXPECT_EQ(http.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  http.send("{}");
  EXPECT_THAT(http.read_to_end(), StartsWith("HTTP/1.1 202"));
}

TEST_F(ServerChanges, ThatWouldBeRefusedAreNotToldToGoOn) {
  start(with_token_and_users());
  auto http = client();
  http.send(post("{}", "Expect: 100-continue\r\n"));
  EXPECT_THAT(http.read_to_end(), StartsWith("HTTP/1.1 401"));
}

TEST_F(ServerChanges, NeedACredentialWhereThereAreSome) {
  start(with_token_and_users());
  httplib::Client http("127.0.0.1", server_->port());
  const auto post_as = [&](const httplib::Headers& headers) {
    return http.Post(kPath, headers, "{}", "application/json");
  };
  const auto without = post_as({});
  ASSERT_TRUE(without);
  EXPECT_EQ(without->status, 401);
  EXPECT_EQ(without->get_header_value_count("WWW-Authenticate"), 2u);
  EXPECT_EQ(without->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(post_as({{"Authorization", "Bearer " + kToken + "x"}})->status, 401);
  EXPECT_EQ(post_as({httplib::make_basic_authentication_header("anna", "wrong")})->status, 401);
  EXPECT_EQ(post_as({httplib::make_basic_authentication_header("zed", "correct horse")})->status,
            401);
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(refused("wrong_credential"), 3u);
  EXPECT_EQ(refused("no_credential"), 1u);

  EXPECT_EQ(post_as({{"Authorization", "Bearer " + kToken}})->body, "POST /api/v1/pause token {}");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(post_as({httplib::make_basic_authentication_header("anna", "correct horse")})->body,
              "POST /api/v1/pause anna {}");
  }
  EXPECT_EQ(http.Get("/api/v1/status")->status, 200) << "reading is open";
}

TEST_F(ServerChanges, WithWrongCredentialsAreSoonNotLookedAt) {
  start(with_token_and_users());
  const auto wrong = post("{}", "Authorization: Bearer wrong\r\n");
  std::vector<std::string> statuses;
  for (int i = 0; i < 12; ++i) statuses.push_back(status_of(wrong));
  EXPECT_GE(std::count(statuses.begin(), statuses.end(), "401"), 10);
  EXPECT_GE(std::count(statuses.begin(), statuses.end(), "429"), 1);
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerChanges, SentAgainAndAgainAreSoonNotLookedAt) {
  Access access;
  access.changes_per_second = 1;
  start(std::move(access));
  std::vector<std::string> statuses;
  for (int i = 0; i < 10; ++i) statuses.push_back(status_of(post("{}")));
  EXPECT_GE(std::count(statuses.begin(), statuses.end(), "202"), 3);
  EXPECT_GE(std::count(statuses.begin(), statuses.end(), "429"), 1);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), "202"), handled_);
}

TEST_F(ServerChanges, ThatAnotherSitesPageSendsReachNobody) {
  start();
  EXPECT_EQ(status_of(post("{}", "Origin: https://evil.example\r\n")), "403");
  EXPECT_EQ(status_of(post("{}", "Origin: null\r\n")), "403");
  EXPECT_EQ(status_of(post("{}", "Sec-Fetch-Site: cross-site\r\n")), "403");
  EXPECT_EQ(status_of("POST /api/v1/pause HTTP/1.1\r\nHost: evil.example\r\n"
                      "Content-Type: application/json\r\nContent-Length: 0\r\n\r\n"),
            "403");
  // What a form or a script may send anywhere without being asked.
  for (const auto* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"}) {
    EXPECT_EQ(status_of("POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
                        std::string(type) + "\r\nContent-Length: 2\r\n\r\n{}"),
              "415");
  }
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(refused("cross_site"), 3u);
}

TEST_F(ServerChanges, AreNotAllowedToAnotherSiteBeforehand) {
  start();
  auto http = client();
  http.send(
      "OPTIONS /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
      "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
  const auto got = http.read_to_end();
  EXPECT_THAT(got, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(got, Not(HasSubstr("Access-Control")));
}

TEST_F(ServerChanges, AreNotTakenWhereTheAgentIsReadOnly) {
  Access access;
  access.read_only = true;
  start(std::move(access));
  EXPECT_EQ(status_of(post("{}")), "403");
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerChanges, AreJudgedByTheNewFilesAfterAReload) {
  start(with_token_and_users());
  httplib::Client http("127.0.0.1", server_->port());
  http.set_keep_alive(true);
  const httplib::Headers old{{"Authorization", "Bearer " + kToken}};
  EXPECT_EQ(http.Post(kPath, old, "{}", "application/json")->status, 202);
  Access access;
  access.token = *Token::parse(kToken + "new");
  server_->use(std::move(access));
  EXPECT_EQ(http.Post(kPath, old, "{}", "application/json")->status, 401);
  const httplib::Headers fresh{{"Authorization", "Bearer " + kToken + "new"}};
  EXPECT_EQ(http.Post(kPath, fresh, "{}", "application/json")->status, 202);
}

TEST_F(ServerChanges, ThatAreRefusedAgainAndAgainDoNotFillTheLog) {
  Access access;
  access.read_only = true;
  start(std::move(access));
  testing::internal::CaptureStderr();
  for (int i = 0; i < 30; ++i) EXPECT_EQ(status_of(post("{}")), "403");
  server_->stop();
  const auto log = testing::internal::GetCapturedStderr();
  const std::string said = "request refused";
  int lines = 0;
  for (auto at = log.find(said); at != log.npos; at = log.find(said, at + 1)) ++lines;
  EXPECT_GE(lines, 10) << log;
  EXPECT_LE(lines, 15) << log;
  EXPECT_EQ(refused("read_only"), 30u) << "each is counted";
}

// Passwords are slow to check by design, and that must not be felt by whoever reads.
TEST_F(ServerChanges, WhosePasswordsAreCheckedKeepNobodyWaitingWhoReads) {
  Access access;
  access.users = {{"anna", "$6$rounds=2000000" + kHorseHash.substr(14)}};  // a second each
  start(std::move(access));
  const auto wrong = post("{}", "Authorization: Basic YW5uYTp4\r\n");
  std::vector<RawClient> guessers;
  for (int i = 0; i < 8; ++i) {
    guessers.push_back(client());
    guessers.back().send(wrong);
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), "200");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(handled_, 1);
}

}  // namespace
}  // namespace evenkeel::web::server_changes_test
