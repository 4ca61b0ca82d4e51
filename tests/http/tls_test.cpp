// TLS: who is believed, and what is said where nobody is.
#include <cstdio>
#include <fstream>

#include "tests/http/client_fixture.hpp"
#include "tests/http/self_signed.hpp"

namespace evenkeel::http::tls_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::Identity;
using evenkeel::tests::ScriptedServer;
using evenkeel::tests::self_signed;
using testing::HasSubstr;

class TlsTest : public ClientTest {
 protected:
  explicit TlsTest(const char* names = "DNS:localhost,IP:127.0.0.1")
      : identity_(self_signed(names)),
        server_(always(answer("safe")), identity_.certificate, identity_.key) {
    std::ofstream(ca_file_) << identity_.certificate;
  }
  ~TlsTest() override { std::remove(ca_file_.c_str()); }

  void use(TlsOptions options) {
    client_ =
        std::make_unique<Client>(io_.get_executor(), ClientOptions{.tls = std::move(options)});
  }
  Url url_by_name() const {
    auto url = server_.url();
    url.host = "localhost";
    return url;
  }

  const std::string ca_file_ =
      testing::TempDir() + "evenkeel_ca_" + std::to_string(::getpid()) + ".pem";
  const Identity identity_;
  ScriptedServer server_;
};

TEST_F(TlsTest, BelievesTheNamedCa) {
  use({.ca_file = ca_file_});
  for (const auto& url : {url_by_name(), server_.url()}) {
    const auto response = send(get(url));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "safe");
  }
}

TEST_F(TlsTest, UsesAKeptConnectionAgain) {
  use({.ca_file = ca_file_});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(get(server_.url())));
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(TlsTest, DoesNotBelieveTheUnknown) {
  const auto error = failure(get(url_by_name()));
  EXPECT_EQ(error.kind, ErrorKind::tls);
  EXPECT_THAT(error.message, HasSubstr("its certificate is not accepted: self-signed certificate"));
  EXPECT_THAT(error.message, HasSubstr("ca_file"));
}

TEST_F(TlsTest, BelievesAnybodyWhereToldTo) {
  use({.verify = false});
  EXPECT_TRUE(send(get(url_by_name())));
}

TEST_F(TlsTest, NamesACaFileThatIsNotThere) {
  use({.ca_file = "/nowhere/ca.pem"});
  const auto error = failure(get(url_by_name()));
  EXPECT_EQ(error.kind, ErrorKind::tls);
  EXPECT_THAT(error.message, HasSubstr("cannot use the CA file '/nowhere/ca.pem'"));
}

TEST_F(TlsTest, NamesAClientCertificateThatIsNone) {
  use({.ca_file = ca_file_, .cert_file = "/dev/null", .key_file = "/dev/null"});
  EXPECT_THAT(failure(get(url_by_name())).message,
              HasSubstr("cannot use the client certificate '/dev/null'"));
}

TEST_F(TlsTest, ReadsTheFilesAgainWhenTold) {
  std::ofstream(ca_file_) << self_signed("DNS:elsewhere.example").certificate;
  use({.ca_file = ca_file_});
  EXPECT_EQ(failure(get(server_.url())).kind, ErrorKind::tls);
  std::ofstream(ca_file_) << identity_.certificate;
  EXPECT_EQ(failure(get(server_.url())).kind, ErrorKind::tls) << "not before it is told to";
  ASSERT_TRUE(client_->renew_tls());
  EXPECT_TRUE(send(get(server_.url())));
  EXPECT_EQ(client_->idle_connections(), 1U);
  ASSERT_TRUE(client_->renew_tls());
  EXPECT_EQ(client_->idle_connections(), 0U) << "it was made with the old ones";
}

TEST_F(TlsTest, KeepsTheFilesThatWereGood) {
  use({.ca_file = ca_file_});
  ASSERT_TRUE(send(get(server_.url())));
  EXPECT_TRUE(check_files({.ca_file = ca_file_}));
  std::ofstream(ca_file_) << "half a certif";
  EXPECT_THAT(check_files({.ca_file = ca_file_}).error(), HasSubstr("cannot use the CA file"));
  EXPECT_THAT(client_->renew_tls().error(), HasSubstr("cannot use the CA file"));
  EXPECT_TRUE(send(get(server_.url())));
}

TEST_F(TlsTest, SaysThatAPlainServerHasNoTls) {
  ScriptedServer plain(always(answer("plain")));
  auto url = plain.url();
  url.tls = true;
  auto request = get(url);
  request.deadline = std::chrono::milliseconds(200);
  const auto error = failure(std::move(request));
  EXPECT_THAT(error.message, HasSubstr("TLS handshake"));
}

class TlsForAnotherHost : public TlsTest {
 protected:
  TlsForAnotherHost() : TlsTest("DNS:elsewhere.example") {}
};

TEST_F(TlsForAnotherHost, IsRefused) {
  use({.ca_file = ca_file_});
  const auto by_name = failure(get(url_by_name()));
  EXPECT_EQ(by_name.kind, ErrorKind::tls);
  EXPECT_THAT(by_name.message, HasSubstr("hostname mismatch"));
  EXPECT_THAT(failure(get(server_.url())).message, HasSubstr("IP address mismatch"));
}

}  // namespace
}  // namespace evenkeel::http::tls_test
