#include "agent/web/gate.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "tests/web/methods_of_pause.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::web::gate_test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Pair;

constexpr Gate::Clock::time_point kNow{1h};

http::RequestHead change() {
  http::RequestHead head;
  head.method = "POST";
  head.path = "/api/v1/pause";
  head.host = "localhost:10931";
  head.content_type = "application/json";
  return head;
}

Access with_everything() {
  Access access;
  access.token = *Token::parse(kToken);
  access.users = {{"anna", kHorseHash}, {"bob", kSwordfishHash}};
  access.certificates = true;
  return access;
}

class GateTest : public testing::Test {
 protected:
  void use(Access access) { gate_.use(std::make_shared<const Access>(std::move(access))); }
  std::string refused(const http::RequestHead& head, Gate::Clock::time_point now = kNow) {
    const auto refusal = gate_.refuse(head, peer_, now);
    return refusal ? std::to_string(refusal->status) + ' ' + refusal->code : "";
  }
  // "anna", or "401 wrong_credential", or "anna?" where a password is to be checked.
  std::string claimed(const std::string& authorization, Gate::Clock::time_point now = kNow) {
    auto head = change();
    head.authorization = authorization;
    const auto claim = gate_.claim(head, peer_, now);
    if (const auto* known = std::get_if<Gate::Known>(&claim)) return known->user;
    if (const auto* refusal = std::get_if<Refusal>(&claim)) {
      return std::to_string(refusal->status) + ' ' + refusal->code;
    }
    password_ = std::get<Gate::Password>(claim);
    return password_.user + '?';
  }

  Gate gate_{std::make_shared<const Access>(), "127.0.0.1", methods_of_pause};
  http::Peer peer_{.address = "192.0.2.1", .certificate = "", .verified = false};
  Gate::Password password_;
};

TEST_F(GateTest, LetsGoodRequestsPass) {
  EXPECT_EQ(refused(change()), "");
  EXPECT_EQ(claimed(""), "");
}

TEST_F(GateTest, RefusesOtherMethodsAndSaysWhichItKnows) {
  for (const auto* method : {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "post"}) {
    auto head = change();
    head.method = method;
    const auto refusal = gate_.refuse(head, peer_, kNow);
    ASSERT_TRUE(refusal) << method;
    EXPECT_EQ(refusal->status, 405) << method;
    EXPECT_THAT(refusal->headers, Contains(Pair("Allow", "POST")));
  }
  for (const auto* path : {"/", "/metrics", "/api/v1", "/x/api/v1/pause", "/api/v1/status"}) {
    auto head = change();
    head.path = path;
    const auto refusal = gate_.refuse(head, peer_, kNow);
    ASSERT_TRUE(refusal) << path;
    EXPECT_EQ(refusal->status, 405) << path;
    EXPECT_THAT(refusal->headers, Contains(Pair("Allow", "GET, HEAD")));
  }
}

TEST_F(GateTest, SaysThatAPathIsNotThereWhoeverAsks) {
  use(with_everything());
  auto head = change();
  head.path = "/api/v1/nothing";
  head.content_type = "text/plain";
  EXPECT_EQ(refused(head), "404 not_found");
}

TEST_F(GateTest, RefusesEverythingWhereItIsReadOnly) {
  Access access = with_everything();
  access.read_only = true;
  use(std::move(access));
  EXPECT_EQ(refused(change()), "403 read_only");
}

TEST_F(GateTest, WantsJson) {
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/jsonx"}) {
    auto head = change();
    head.content_type = type;
    EXPECT_EQ(refused(head), "415 bad_content_type") << type;
  }
}

TEST_F(GateTest, RefusesOtherSitesWhateverTheyKnow) {
  use(with_everything());
  auto head = change();
  head.authorization = "Bearer " + kToken;
  head.origin = "https://evil.example";
  EXPECT_EQ(refused(head), "403 cross_site");
}

TEST_F(GateTest, LooksAtSoManyRequestsASecondFromOneAddress) {
  Access access;
  access.changes_per_second = 2;
  use(std::move(access));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(refused(change()), "") << i;
  const auto refusal = gate_.refuse(change(), peer_, kNow);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 429);
  EXPECT_THAT(refusal->headers, Contains(Pair("Retry-After", "1")));
  EXPECT_EQ(refused(change(), kNow + 1s), "");
  peer_.address = "192.0.2.2";
  EXPECT_EQ(refused(change()), "");
}

TEST_F(GateTest, KeepsAlertmanagersRequestsApartFromPeoples) {
  Access access;
  access.changes_per_second = 2;
  Gate gate(std::make_shared<const Access>(std::move(access)), "127.0.0.1",
            [](std::string_view) { return std::string_view("POST"); });
  auto webhook = change();
  webhook.path = kWebhookPath;
  for (int i = 0; i < 60; ++i) ASSERT_FALSE(gate.refuse(webhook, peer_, kNow)) << i;
  const auto refusal = gate.refuse(webhook, peer_, kNow);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "too_many_changes");
  EXPECT_FALSE(gate.refuse(change(), peer_, kNow)) << "a person may still ask for a pause";
}

TEST(Refusal, IsSaidAtTheWebhookSoThatItComesAgain) {
  for (const int status : {413, 429}) {
    const Refusal refusal{.status = status, .code = "c", .message = "m"};
    const auto said = said_at(kWebhookPath, refusal);
    EXPECT_EQ(said.status, 503);
    EXPECT_EQ(said.code, "c");
    EXPECT_THAT(said.headers, Contains(Pair("Retry-After", "5")));
    EXPECT_EQ(said_at("/api/v1/pause", refusal).status, status);
  }
  const Refusal says_when{
      .status = 429, .code = "c", .message = "m", .headers = {{"Retry-After", "1"}}};
  EXPECT_EQ(said_at(kWebhookPath, says_when).headers.size(), 1U);
  for (const int status : {400, 401, 403, 415, 503}) {
    EXPECT_EQ(said_at(kWebhookPath, {.status = status, .code = "c", .message = "m"}).status,
              status);
  }
}

TEST_F(GateTest, KnowsTheToken) {
  use(with_everything());
  EXPECT_EQ(claimed("Bearer " + kToken), "token");
  EXPECT_EQ(claimed("bEARER " + kToken), "token");
  EXPECT_EQ(claimed(""), "401 no_credential");
  for (const auto& wrong : {std::string("Bearer"), std::string("Bearer "), "Bearer " + kToken + "0",
                            "Bearer  " + kToken, "Token " + kToken, kToken, "Basic " + kToken}) {
    EXPECT_EQ(claimed(wrong), "401 wrong_credential") << wrong;
  }
}

TEST_F(GateTest, SaysWhatItWouldTake) {
  use(with_everything());
  const auto claim = gate_.claim(change(), peer_, kNow);
  const auto& headers = std::get<Refusal>(claim).headers;
  EXPECT_THAT(headers, Contains(Pair("WWW-Authenticate", R"(Bearer realm="evenkeel")")));
  EXPECT_THAT(headers,
              Contains(Pair("WWW-Authenticate", R"(Basic realm="evenkeel", charset="UTF-8")")));
  Access certificates_alone;
  certificates_alone.certificates = true;
  use(std::move(certificates_alone));
  EXPECT_EQ(claimed(""), "403 no_credential");
}

TEST_F(GateTest, KnowsAUserAfterThePasswordWasChecked) {
  use(with_everything());
  const std::string anna = "Basic YW5uYTpjb3JyZWN0IGhvcnNl";  // anna:correct horse
  EXPECT_EQ(claimed(anna), "anna?");
  EXPECT_EQ(password_.password, "correct horse");
  EXPECT_EQ(password_.hash, kHorseHash);
  EXPECT_FALSE(gate_.settle(password_, true, peer_));
  EXPECT_EQ(claimed(anna), "anna") << "at once from now on";
  EXPECT_EQ(claimed("Basic YW5uYTpjb3JyZWN0IGhvcnN="), "anna?") << "not with another password";

  Access access = with_everything();
  access.users["anna"] = kSwordfishHash;
  use(std::move(access));
  EXPECT_EQ(claimed(anna), "anna?") << "the file has another hash now";
}

TEST_F(GateTest, TakesAsLongForAUserWhoIsNotThere) {
  use(with_everything());
  EXPECT_EQ(claimed("Basic emVkOnN3b3JkZmlzaA=="), "zed?");  // zed:swordfish
  EXPECT_FALSE(password_.hash.empty());
  const auto refusal = gate_.settle(password_, true, peer_);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "wrong_credential");
  EXPECT_EQ(claimed("Basic emVkOnN3b3JkZmlzaA=="), "zed?");
}

TEST_F(GateTest, RefusesMalformedUsers) {
  use(with_everything());
  for (const auto* wrong : {"Basic", "Basic ", "Basic x", "Basic YW5uYQ==", "Basic !!!!"}) {
    EXPECT_EQ(claimed(wrong), "401 wrong_credential") << wrong;
  }
}

TEST_F(GateTest, KnowsClientsByTheirCertificates) {
  use(with_everything());
  peer_.certificate = "grafana";
  EXPECT_EQ(claimed(""), "401 no_credential") << "it was not verified";
  peer_.verified = true;
  EXPECT_EQ(claimed(""), "grafana");
  EXPECT_EQ(claimed("Bearer wrong"), "401 wrong_credential") << "what is offered must be right";
  Access token_alone;
  token_alone.token = *Token::parse(kToken);
  use(std::move(token_alone));
  EXPECT_EQ(claimed(""), "401 no_credential");
}

TEST_F(GateTest, AllowsTenWrongCredentialsAndThenOneInSixSeconds) {
  use(with_everything());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(claimed("Bearer wrong"), "401 wrong_credential") << i;
  EXPECT_EQ(claimed("Bearer wrong"), "429 too_many_failures");
  EXPECT_EQ(claimed("Bearer " + kToken), "token") << "it cannot be guessed";
  EXPECT_EQ(claimed("Bearer wrong", kNow + 6s), "401 wrong_credential");
  EXPECT_EQ(claimed("Bearer wrong", kNow + 6s), "429 too_many_failures");
  peer_.address = "192.0.2.2";
  EXPECT_EQ(claimed("Bearer " + kToken), "token") << "everybody else goes on";
}

// Many may be behind one address.
TEST_F(GateTest, KeepsNobodyOutWhoIsRightForWhatOthersSendFromTheSameAddress) {
  use(with_everything());
  const std::string anna = "Basic YW5uYTpjb3JyZWN0IGhvcnNl";  // anna:correct horse
  EXPECT_EQ(claimed(anna), "anna?");
  EXPECT_FALSE(gate_.settle(password_, true, peer_));
  auto wrong = change();
  wrong.authorization = "Bearer wrong";
  for (int i = 0; i < 1000; ++i) {
    if (!gate_.refuse(wrong, peer_, kNow)) (void)gate_.claim(wrong, peer_, kNow);
  }
  EXPECT_EQ(refused(wrong), "429 too_many_changes");
  EXPECT_EQ(claimed("Bearer wrong"), "429 too_many_failures");
  EXPECT_EQ(claimed("Basic YW5uYTpjb3JyZWN0IGhvcnN="), "429 too_many_failures");
  for (const auto& right : {"Bearer " + kToken, anna}) {
    auto head = change();
    head.authorization = right;
    EXPECT_EQ(refused(head), "") << right;
  }
  EXPECT_EQ(claimed("Bearer " + kToken), "token");
  EXPECT_EQ(claimed(anna), "anna");
}

TEST_F(GateTest, TakesTheSameTimeForTheSameNameThoughItIsNotThere) {
  Access access;
  for (int i = 0; i < 8; ++i) access.users["user" + std::to_string(i)] = std::to_string(i);
  use(std::move(access));
  std::set<std::string> hashes;
  for (int name = 0; name < 200; ++name) {
    // "00:x" to "99:x", and more
    const auto encoded = [&] {
      const std::string text = std::to_string(1000 + name) + ":x";
      constexpr std::string_view kDigits =
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      std::string base64;
      for (std::size_t i = 0; i < text.size(); i += 3) {
        const auto bits = static_cast<unsigned>(text[i]) << 16U |
                          static_cast<unsigned>(text[i + 1]) << 8U |
                          static_cast<unsigned>(text[i + 2]);
        for (int shift = 18; shift >= 0; shift -= 6) {
          base64 += kDigits[bits >> static_cast<unsigned>(shift) & 63U];
        }
      }
      return "Basic " + base64;
    }();
    peer_.address = std::to_string(name);
    ASSERT_EQ(claimed(encoded), std::to_string(1000 + name) + '?');
    const auto hash = password_.hash;
    EXPECT_FALSE(password_.user_exists);
    (void)claimed(encoded);
    EXPECT_EQ(password_.hash, hash);
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 8U) << "as many as there are users, or theirs would stand out";
}

TEST_F(GateTest, IsReadUnderItsOwnNameAlone) {
  const auto reading = [](Gate& gate, const char* host) {
    auto head = change();
    head.method = "GET";
    head.host = host;
    const auto refusal = gate.refuse_reading(head);
    return refusal ? refusal->code : "";
  };
  for (const auto* own :
       {"localhost", "localhost:10931", "127.0.0.1:10931", "127.1.2.3", "[::1]"}) {
    EXPECT_EQ(reading(gate_, own), "") << own;
  }
  EXPECT_EQ(reading(gate_, ""), "") << "HTTP/1.0, which no browser speaks";
  for (const auto* foreign : {"evil.example", "evil.example:10931", "127.0.0.1.evil.example",
                              "localhost.evil.example", "192.0.2.1:10931"}) {
    EXPECT_EQ(reading(gate_, foreign), "bad_host") << foreign;
  }
  Gate everywhere(std::make_shared<const Access>(), "", methods_of_pause);
  EXPECT_EQ(reading(everywhere, "agent.monitoring:10931"), "") << "whoever reaches it may read";
  use(with_everything());
  EXPECT_EQ(reading(gate_, "evil.example"), "bad_host") << "a credential is not asked for to read";
  EXPECT_EQ(reading(everywhere, "agent.monitoring:10931"), "");
  for (auto access : {Access{}, with_everything()}) {
    access.hosts = {"evenkeel.example"};
    use(std::move(access));
    EXPECT_EQ(reading(gate_, "evenkeel.example"), "") << "there is a proxy in front of it";
    EXPECT_EQ(reading(gate_, "evil.example"), "bad_host");
    EXPECT_EQ(reading(gate_, "localhost"), "");
  }
}

TEST_F(GateTest, CountsPasswordsThatAreStillBeingChecked) {
  use(with_everything());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(claimed("Basic emVkOnN3b3JkZmlzaA=="), "zed?") << i;
  EXPECT_EQ(claimed("Basic emVkOnN3b3JkZmlzaA=="), "429 too_many_failures");
  gate_.withdraw(peer_);
  EXPECT_EQ(claimed("Basic emVkOnN3b3JkZmlzaA=="), "zed?");
}

TEST_F(GateTest, NeverCountsWhoIsRight) {
  use(with_everything());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(claimed("Bearer " + kToken), "token") << i;
}

}  // namespace
}  // namespace evenkeel::web::gate_test
