#include "agent/web/cross_site.hpp"

#include <gtest/gtest.h>

namespace evenkeel::web::cross_site_test {
namespace {

struct Case {
  const char* host;
  const char* origin = "";
  const char* fetch_site = "";
};

std::string verdict(const Case& asked, const Place& place) {
  http::RequestHead head;
  head.host = asked.host;
  head.origin = asked.origin;
  head.fetch_site = asked.fetch_site;
  const auto refusal = refuse_cross_site(head, place);
  return refusal ? refusal->code : "fine";
}

TEST(CrossSite, ProgramsThatTellNoOriginMayAsk) {
  EXPECT_EQ(verdict({"127.0.0.1:10931"}, {}), "fine");
  EXPECT_EQ(verdict({"LOCALHOST"}, {}), "fine");
  EXPECT_EQ(verdict({"[::1]:10931"}, {}), "fine");
}

TEST(CrossSite, TheAgentsOwnPageMayAsk) {
  EXPECT_EQ(verdict({"localhost:10931", "http://localhost:10931", "same-origin"}, {}), "fine");
  EXPECT_EQ(verdict({"localhost:10931", "HTTP://localhost:10931"}, {}), "cross_site")
      << "browsers write schemes in lower case";
  EXPECT_EQ(verdict({"[::1]:10931", "http://[::1]:10931"}, {}), "fine");
  EXPECT_EQ(verdict({"localhost", "http://localhost:80", "none"}, {}), "fine");
  EXPECT_EQ(
      verdict({"a.example", "https://a.example:443"}, {.tls = true, .open = false, .host = ""}),
      "fine");
}

TEST(CrossSite, PagesOfOtherSitesMayNot) {
  for (const auto* origin :
       {"http://evil.example", "http://localhost", "http://localhost:3000",
        "http://127.0.0.1:10931", "null", "file://", "http://localhost:10931.evil.example",
        "http://localhost:10931@evil.example", "https://localhost:10931x", "http://", "https://",
        "http://[::1", "http://localhost:999999", "x"}) {
    EXPECT_EQ(verdict({"localhost:10931", origin}, {}), "cross_site") << origin;
  }
  for (const auto* site : {"cross-site", "same-site", "other"}) {
    EXPECT_EQ(verdict({"localhost:10931", "", site}, {}), "cross_site") << site;
  }
}

TEST(CrossSite, APageWithoutTlsMayNotAskOneWithIt) {
  EXPECT_EQ(verdict({"a.example", "http://a.example"}, {.tls = true, .open = false, .host = ""}),
            "cross_site");
  EXPECT_EQ(verdict({"a.example", "https://a.example"}, {.tls = false, .open = false, .host = ""}),
            "fine")
      << "a proxy in front has the certificate";
}

TEST(CrossSite, ANameThatIsMadeToLeadHereIsNotOurs) {
  EXPECT_EQ(verdict({"evil.example:10931", "http://evil.example:10931", "same-origin"}, {}),
            "bad_host");
  EXPECT_EQ(verdict({"127.0.0.1.evil.example"}, {}), "bad_host");
  EXPECT_EQ(verdict({"localhost.evil.example"}, {}), "bad_host");
  EXPECT_EQ(verdict({"evil.example"}, {.open = false, .host = ""}), "fine")
      << "it would need the credential";
  EXPECT_EQ(verdict({"agent.lan:1"}, {.host = "agent.lan"}), "fine");
  const std::vector<std::string> hosts{"evenkeel.internal", "192.0.2.7"};
  const Place proxied{.host = "127.0.0.1", .hosts = hosts};
  for (const auto* own :
       {"evenkeel.internal", "Evenkeel.Internal:8443", "192.0.2.7", "localhost"}) {
    EXPECT_EQ(verdict({own}, proxied), "fine") << own;
  }
  EXPECT_EQ(verdict({"evenkeel.internal", "https://evenkeel.internal"}, proxied), "fine");
  EXPECT_EQ(verdict({"evenkeel.internal", "https://evil.example"}, proxied), "cross_site");
  EXPECT_EQ(verdict({"x.evenkeel.internal"}, proxied), "bad_host");
  EXPECT_EQ(verdict({"[fe80::1]:1"}, {.host = "fe80::1"}), "fine");
}

TEST(CrossSite, TheHostMustBeOne) {
  for (const auto* host : {"", ":80", "a b", "a/b", "a:b", "a:1:2", "[::1", "::1", "a@b", "[]",
                           "[::1]x", "<script>", "a:123456"}) {
    EXPECT_EQ(verdict({host}, {.open = false, .host = ""}), "bad_host") << host;
  }
}

}  // namespace
}  // namespace evenkeel::web::cross_site_test
