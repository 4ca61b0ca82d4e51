#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/client.hpp"

namespace evenkeel::http::url_test {
namespace {

using testing::HasSubstr;

struct Good {
  const char* text;
  const char* whole;  // as Url::str() gives it back
};

class GoodUrl : public testing::TestWithParam<Good> {};

TEST_P(GoodUrl, IsTaken) {
  const auto url = parse_url(GetParam().text);
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->str(), GetParam().whole);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, GoodUrl,
    testing::Values(Good{"http://127.0.0.1:9091", "http://127.0.0.1:9091/"},
                    Good{"http://milvus-proxy.db.svc/", "http://milvus-proxy.db.svc:80/"},
                    Good{"https://milvus", "https://milvus:443/"},
                    Good{"HTTPS://Milvus_1:1/a/b?c=d&e", "https://milvus_1:1/a/b?c=d&e"},
                    Good{"http://h?q=1", "http://h:80/?q=1"},
                    Good{"http://[::1]:9091/metrics", "http://[::1]:9091/metrics"},
                    Good{"http://[2001:db8::7]", "http://[2001:db8::7]:80/"},
                    Good{"http://h:65535", "http://h:65535/"}));

TEST(Url, TellsHostPortAndTargetApart) {
  const auto url = parse_url("https://[::1]:19/metrics?x=[1]");
  ASSERT_TRUE(url) << url.error();
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 19);
  EXPECT_EQ(url->target, "/metrics?x=[1]");
  EXPECT_EQ(url->authority(), "[::1]:19");
}

struct Bad {
  const char* text;
  const char* said;
};

TEST(HostOf, IsTheHostOfAnAddress) {
  const std::pair<const char*, const char*> addresses[] = {
      {"10.0.0.3:21123", "10.0.0.3"},
      {"10.0.0.3", "10.0.0.3"},
      {"milvus-querynode-0.milvus_net:21123", "milvus-querynode-0.milvus_net"},
      {"[fd00::1]:21123", "fd00::1"},
      {"[fd00::1]", "fd00::1"},
      {"fd00::1:21123", "fd00::1"},
      {"fd00:0:0:0:0:0:0:1:21123", "fd00:0:0:0:0:0:0:1"},
      {"fd00:0:0:0:0:0:0:1", "fd00:0:0:0:0:0:0:1"},
      {"fd00::abcd", "fd00::abcd"},
      {"::1", "::1"},
      {"::ffff:10.0.0.3:21123", "::ffff:10.0.0.3"},
  };
  for (const auto& [address, host] : addresses) {
    const auto found = host_of(address);
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(*found, host) << address;
  }
}

TEST(HostOf, RefusesWhatLeadsElsewhere) {
  for (const char* address : {"",
                              ":21123",
                              "evil/path@x",
                              "evil/path@x:21123",
                              "me:secret@evil:80",
                              "evil:80/x?:21123",
                              "evil?x:1",
                              "evil#:1",
                              "a b:1",
                              "evil\r\nHost: x:1",
                              "10.0.0.3:0",
                              "10.0.0.3:65536",
                              "10.0.0.3:",
                              "10.0.0.3:21123:1",
                              "[::1",
                              "[::1]x",
                              "[evil]:1",
                              "[::1]:x",
                              "fe80::1%eth0",
                              "[fe80::1%eth0]:1",
                              "h\xC3\xB6st:1",
                              "http://evil:80"}) {
    const auto found = host_of(address);
    ASSERT_FALSE(found) << address << " → " << *found;
    EXPECT_THAT(found.error(), HasSubstr("names no host: ")) << address;
    EXPECT_EQ(found.error().find_first_of("\r\n\xC3"), std::string::npos);
  }
  const std::string label(63, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
  EXPECT_TRUE(host_of(longest + ":1"));
  EXPECT_FALSE(host_of(longest + "a:1"));
}

class BadUrl : public testing::TestWithParam<Bad> {};

TEST_P(BadUrl, IsRefusedAndSaysWhy) {
  const auto url = parse_url(GetParam().text);
  ASSERT_FALSE(url) << url->str();
  EXPECT_THAT(url.error(), HasSubstr(GetParam().said));
  EXPECT_THAT(url.error(), HasSubstr("'" + std::string(GetParam().text) + "'"));
}

INSTANTIATE_TEST_SUITE_P(
    Urls, BadUrl,
    testing::Values(
        Bad{"", "got nothing"}, Bad{"127.0.0.1:9091", "must begin with http:// or https://"},
        Bad{"ftp://h", "neither http nor https"}, Bad{"http://", "names no host"},
        Bad{"http://:9091", "names no host"}, Bad{"http:///metrics", "names no host"},
        Bad{"http://h:", "the port must be a number from 1 to 65535"},
        Bad{"http://h:0", "the port must be a number"},
        Bad{"http://h:65536", "the port must be a number"},
        Bad{"http://h:-1", "the port must be a number"},
        Bad{"http://h:80x", "the port must be a number"},
        Bad{"http://::1:9091", "must stand in brackets"}, Bad{"http://[::1", "is not closed"},
        Bad{"http://[1.2.3.4]", "no IPv6 address"}, Bad{"http://[::1]9091", "after the bracket"},
        Bad{"http://me:secret@h", "user name or password"}, Bad{"http://a b/", "no spaces"},
        Bad{"http://h/a b", "spaces"}, Bad{"http://h/#top", "fragment"},
        Bad{"http://h/\r\nX: y", "control characters"}, Bad{"http://h/\xC3\xA9", "ASCII"}));

}  // namespace
}  // namespace evenkeel::http::url_test
