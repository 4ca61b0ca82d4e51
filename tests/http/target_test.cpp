#include "agent/http/target.hpp"

#include <gtest/gtest.h>

namespace evenkeel::http::target_test {
namespace {

TEST(DecodePath, DecodesBytes) {
  EXPECT_EQ(decode_path("/a%20b%2Fc+d"), "/a b/c+d");
  EXPECT_EQ(decode_path("/%e2%82%AC"), "/€");
  for (const auto* bad : {"/%", "/%4", "/%4g", "/%g4", "/%-1", "/%0a", "/%7f"}) {
    EXPECT_FALSE(decode_path(bad)) << bad;
  }
}

TEST(ParseAuthority, TakesHostsWithAndWithoutAPort) {
  for (const auto* good : {"x", "localhost:10931", "127.0.0.1", "a-b.c_d:1", "[::1]", "[::1]:80",
                           "x:", "%41b", "x:65535"}) {
    EXPECT_TRUE(parse_authority(good)) << good;
  }
  for (const auto* bad : {"", ":80", "x:y", "x:65536", "x:-1", "a@b", "a b", "a/b", "[::1", "[x]",
                          "[]", "::1", "[::1]x", "x%4", "x%zz", "a\\b", "a,b:1:2", "x:0x50"}) {
    EXPECT_FALSE(parse_authority(bad)) << bad;
  }
}

TEST(ParseAuthority, TakesItApart) {
  EXPECT_EQ(parse_authority("Here:80")->host, "here");
  EXPECT_EQ(parse_authority("Here:80")->port, "80");
  EXPECT_EQ(parse_authority("here:")->port, "");
  EXPECT_EQ(parse_authority("[::A]")->host, "::a");
  EXPECT_EQ(parse_authority("[::a]:1")->port, "1");
}

TEST(ParseTarget, KnowsFourForms) {
  using Form = Target::Form;
  const auto origin = parse_target("GET", "/a%20b?c=%41");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->form, Form::origin);
  EXPECT_EQ(origin->path, "/a b");
  EXPECT_EQ(origin->query, "c=%41");
  const auto absolute = parse_target("GET", "HTTP://here:1?x");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->form, Form::absolute);
  EXPECT_EQ(absolute->authority, "here:1");
  EXPECT_EQ(absolute->path, "/");
  EXPECT_EQ(absolute->query, "x");
  ASSERT_TRUE(parse_target("CONNECT", "here:443"));
  EXPECT_EQ(parse_target("CONNECT", "here:443")->form, Form::authority);
  ASSERT_TRUE(parse_target("OPTIONS", "*"));
  EXPECT_EQ(parse_target("OPTIONS", "*")->form, Form::asterisk);
}

}  // namespace
}  // namespace evenkeel::http::target_test
