#include "agent/util/url.hpp"

#include <gmock/gmock.h>

namespace evenkeel::url_test {
namespace {

using testing::HasSubstr;

TEST(UrlShape, IsTakenApartWithItsDefaults) {
  EXPECT_EQ(*split_url("http://127.0.0.1:9091"), (HttpUrl{"http", "127.0.0.1", 9091, ""}));
  EXPECT_EQ(*split_url("https://milvus"), (HttpUrl{"https", "milvus", 443, ""}));
  EXPECT_EQ(*split_url("HTTP://Node_1.Example./metrics?a=b"),
            (HttpUrl{"http", "node_1.example.", 80, "/metrics?a=b"}));
  EXPECT_EQ(*split_url("http://[::1]:9091/metrics"), (HttpUrl{"http", "::1", 9091, "/metrics"}));
  EXPECT_EQ(*split_url("http://[fe80::1]"), (HttpUrl{"http", "fe80::1", 80, ""}));
  EXPECT_EQ(*split_url("http://h?x"), (HttpUrl{"http", "h", 80, "?x"}));
}

TEST(UrlShape, OtherwiseIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "got nothing"},
      {"h:9091", "must begin with http:// or https://"},
      {"http:/h", "must begin with http:// or https://"},
      {"ftp://h", "'ftp' is neither http nor https"},
      {"://h", "'' is neither http nor https"},
      {"http://", "names no host"},
      {"http://:80", "names no host"},
      {"http:///metrics", "names no host"},
      {"http://h:", "the port must be a number from 1 to 65535"},
      {"http://h:0", "the port must be a number"},
      {"http://h:65536", "the port must be a number"},
      {"http://h:99999999999999", "the port must be a number"},
      {"http://h:+1", "the port must be a number"},
      {"http://h:9x", "the port must be a number"},
      {"http://h h/", "no spaces"},
      {"http://h/\n", "control characters"},
      {"http://h\xc3\xa9/", "beyond ASCII"},
      {"http://u@h/", "must not hold a user name or password"},
      {"http://u:p@h/", "must not hold a user name or password"},
      {"http://h/#x", "must not have a fragment"},
      {"http://300.0.0.1/", "neither a name nor an IP address"},
      {"http://1.2.3/", "neither a name nor an IP address"},
      {"http://a..b/", "neither a name nor an IP address"},
      {"http://-a/", "neither a name nor an IP address"},
      {"http://a%20b/", "neither a name nor an IP address"},
      {"http://" + std::string(64, 'a') + "/", "neither a name nor an IP address"},
      {"http://::1:80/", "an IPv6 address must stand in brackets"},
      {"http://[::1/", "not closed"},
      {"http://[::g]/", "no IPv6 address"},
      {"http://[::1]80/", "expected a colon and a port after the bracket"},
  };
  for (const auto& [text, words] : wrong) {
    const auto url = split_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), HasSubstr(words)) << text;
  }
}

TEST(GrpcUrl, HasItsOwnSchemeAndPort) {
  EXPECT_TRUE(is_grpc_url("grpc://h"));
  EXPECT_TRUE(is_grpc_url("GRPCS://h:1"));
  for (const char* other : {"http://h", "grpc", "grpcx://h", ""}) EXPECT_FALSE(is_grpc_url(other));
  const HttpUrl plain{"grpc", "h", 19530, ""};
  EXPECT_EQ(split_grpc_url("grpc://H", 19530), plain);
  EXPECT_EQ(split_grpc_url("grpc://h:19530", 1), plain);
  EXPECT_EQ(split_grpc_url("grpcs://[::1]:80/", 1), (HttpUrl{"grpcs", "::1", 80, "/"}));
  EXPECT_EQ(split_grpc_url("grpcs://[::1]", 7), (HttpUrl{"grpcs", "::1", 7, ""}));
  for (const char* wrong : {"http://h", "grpc://", "grpc://a..b", "grpc://h:0"}) {
    EXPECT_FALSE(split_grpc_url(wrong, 1)) << wrong;
  }
}

TEST(PercentEncoded, LeavesNothingThatAQueryWouldTakeForItsOwn) {
  EXPECT_EQ(percent_encoded("shop.book-1_a~"), "shop.book-1_a~");
  EXPECT_EQ(percent_encoded("a b&c=d%+/?#"), "a%20b%26c%3Dd%25%2B%2F%3F%23");
  EXPECT_EQ(percent_encoded("\xc3\xa9\n"), "%C3%A9%0A");
  EXPECT_EQ(percent_encoded(""), "");
}

}  // namespace
}  // namespace evenkeel::url_test
