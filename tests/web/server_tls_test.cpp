// TLS, and clients that are known by their certificates.

#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "agent/web/access.hpp"
#include "agent/web/server.hpp"
#include "tests/counted.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/web/identity.hpp"
#include "tests/web/methods_of_pause.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::web::server_tls_test {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

class ServerTls : public testing::Test {
 protected:
  ServerTls() {
    std::signal(SIGPIPE, SIG_IGN);  // httplib's client writes where nobody listens any more
    settings_.cert_file = secrets_.write("cert", certificate_.certificate());
    settings_.key_file = secrets_.write("key", certificate_.key());
    authorities_ = secrets_.write("ca", authority_.certificate());
  }
  void start() {
    auto access = load_access(settings_);
    ASSERT_TRUE(access) << access.error().front().str();
    server_ = std::make_unique<Server>(
        [](const Request& request) -> Response {
          return {.body = std::string(request.user) + '.'};
        },
        http::Limits{}, traffic_, methods_of_pause);
    const auto started = server_->start({.host = "127.0.0.1", .port = 0}, *std::move(access));
    ASSERT_TRUE(started) << started.error();
  }
  std::unique_ptr<httplib::SSLClient> client(const Identity* as = nullptr) {
    auto http = as == nullptr ? std::make_unique<httplib::SSLClient>("localhost", server_->port())
                              : std::make_unique<httplib::SSLClient>("localhost", server_->port(),
                                                                     as->x509(), as->private_key());
    http->set_ca_cert_path(authorities_);
    http->enable_server_certificate_verification(true);
    return http;
  }
  static int post(httplib::SSLClient& http, std::string* body = nullptr) {
    const auto answer = http.Post("/api/v1/pause", "{}", "application/json");
    if (answer && body != nullptr) *body = answer->body;
    return answer ? answer->status : 0;
  }

  const Secrets secrets_;
  const Identity authority_{"authority"};
  const Identity certificate_{"evenkeel", &authority_};
  const Identity known_{"alertmanager", &authority_};
  const Identity stranger_{"stranger"};
  std::string authorities_;
  settings::Settings::Web settings_;
  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTls, Serves) {
  start();
  const auto http = client();
  http->set_keep_alive(true);
  for (int i = 0; i < 3; ++i) {
    const auto answer = http->Get("/");
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_EQ(post(*http), 200) << "no credential is set";
}

TEST_F(ServerTls, ServesALargeAnswerWholeAndTakesALargeBody) {
  server_ = std::make_unique<Server>(
      [](const Request& request) -> Response { return {.body = std::string(request.body)}; },
      http::Limits{}, traffic_, methods_of_pause);
  ASSERT_TRUE(server_->start({.host = "127.0.0.1", .port = 0}, *load_access(settings_)));
  const std::string body(1u << 20, 'x');
  const auto answer = client()->Post("/api/v1/pause", body, "application/json");
  ASSERT_TRUE(answer) << httplib::to_string(answer.error());
  EXPECT_EQ(answer->body, body);
}

TEST_F(ServerTls, KnowsAClientByItsCertificate) {
  settings_.client_ca_file = authorities_;
  start();
  std::string who;
  EXPECT_EQ(post(*client(&known_), &who), 200);
  EXPECT_EQ(who, "alertmanager.");
  EXPECT_EQ(post(*client()), 403) << "without a certificate";
  EXPECT_EQ(client()->Get("/")->status, 200) << "reading is open";
}

TEST_F(ServerTls, DoesNotServeAClientWithACertificateOfSomebodyElse) {
  settings_.client_ca_file = authorities_;
  start();
  EXPECT_EQ(post(*client(&stranger_)), 0);
  const Identity forged("alertmanager", &stranger_);
  EXPECT_EQ(post(*client(&forged)), 0);
  EXPECT_FALSE(client(&stranger_)->Get("/"));
  const auto refused = [this] {
    return tests::count_of(*traffic_, "evenkeel_web_refused_total", {{"reason", "handshake"}});
  };
  // A client knows before the server has counted it.
  for (int i = 0; i < 3'000 && refused() < 3; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(refused(), 3u);
  EXPECT_EQ(post(*client(&known_)), 200);
}

TEST_F(ServerTls, DoesNotTakeACertificateThatNobodyAskedFor) {
  settings_.token_file = secrets_.write("token", kToken);
  start();
  EXPECT_EQ(post(*client(&known_)), 401);
}

TEST_F(ServerTls, DoesNotAnswerPlainHttp) {
  start();
  RawClient http(server_->port());
  http.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(http.read_to_end(), testing::Not(StartsWith("HTTP")));
  EXPECT_TRUE(http.closed() || http.reset());
}

TEST_F(ServerTls, OfAnUnfinishedHandshakeDoesNotDelayTheEnd) {
  start();
  RawClient half(server_->port());
  half.send("\x16\x03\x01");
  EXPECT_EQ(client()->Get("/")->status, 200);
  const auto begin = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(ServerTls, UsesNewFilesAfterAReload) {
  settings_.client_ca_file = authorities_;
  start();
  EXPECT_EQ(post(*client(&known_)), 200);
  settings_.client_ca_file = secrets_.write("other", stranger_.certificate());
  auto access = load_access(settings_);
  ASSERT_TRUE(access);
  server_->use(*std::move(access));
  EXPECT_EQ(post(*client(&known_)), 0);
  EXPECT_EQ(post(*client(&stranger_)), 200);
}

TEST(ServerWithoutTls, TellsAClientThatSpeaksItAtOnce) {
  Server server([](const Request&) { return Response{}; });
  ASSERT_TRUE(server.start({.host = "127.0.0.1", .port = 0}));
  RawClient http(server.port());
  http.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_THAT(http.read_to_end(), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTls, OfTls12TakesForwardSecrecyAndAuthenticatedSuitesAlone) {
  start();
  const auto with = [&](const char* suite) {
    auto http = client();
    SSL_CTX_set_max_proto_version(http->ssl_context(), TLS1_2_VERSION);
    EXPECT_EQ(SSL_CTX_set_cipher_list(http->ssl_context(), suite), 1) << suite;
    return static_cast<bool>(http->Get("/"));
  };
  EXPECT_TRUE(with("ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_TRUE(with("ECDHE-ECDSA-AES256-GCM-SHA384"));
  EXPECT_TRUE(with("ECDHE-ECDSA-CHACHA20-POLY1305"));
  EXPECT_FALSE(with("ECDHE-ECDSA-AES128-SHA"));
  EXPECT_FALSE(with("ECDHE-ECDSA-AES128-SHA256"));
  EXPECT_FALSE(with("ECDHE-ECDSA-AES256-SHA384"));
  EXPECT_FALSE(with("AES128-GCM-SHA256:AES256-SHA:ECDHE-ECDSA-AES128-CCM"));
}

}  // namespace
}  // namespace evenkeel::web::server_tls_test
