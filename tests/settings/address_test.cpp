#include "agent/settings/address.hpp"

#include <gmock/gmock.h>

namespace evenkeel::settings::address_test {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, IsAHostAndAPort) {
  const auto expect = [](std::string_view text, const std::string& host, std::uint16_t port) {
    const auto listen = parse_listen(text);
    ASSERT_TRUE(listen) << text << ": " << listen.error();
    EXPECT_EQ(listen->host, host);
    EXPECT_EQ(listen->port, port);
  };
  expect("127.0.0.1:10931", "127.0.0.1", 10931);
  expect("localhost:1", "localhost", 1);
  expect("[::1]:10931", "::1", 10931);
  expect("[::]:65535", "::", 65535);
  expect(":10931", "", 10931);
  expect("127.0.0.1:0", "127.0.0.1", 0);
}

TEST(ListenAddress, OtherwiseIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "expected an address to listen on"},
      {"10931", "expected an address to listen on"},
      {"localhost", "expected an address to listen on"},
      {"[::1]", "expected an address to listen on"},
      {"::1:10931", "an IPv6 address must stand in brackets"},
      {"h:", "the port must be a number from 0 to 65535"},
      {"h:65536", "the port must be a number from 0 to 65535"},
      {"h:-1", "the port must be a number from 0 to 65535"},
      {"http://h:1", "more than one colon; an IPv6 address must stand in brackets"},
      {"h /:1", "neither a name nor an IP address"},
  };
  for (const auto& [text, words] : wrong) {
    const auto listen = parse_listen(text);
    ASSERT_FALSE(listen) << text;
    EXPECT_THAT(listen.error(), HasSubstr(words)) << text;
  }
}

using Kind = NodeKey::Kind;
using rules::NodeId;

const std::set<std::string> kGroups{"big", "__default_resource_group"};

bool means(const std::string& text, std::int64_t id, const std::string& address,
           const std::set<std::string>& groups = kGroups) {
  const auto key = parse_node_key(text);
  EXPECT_TRUE(key) << text;
  return key && names(*key, NodeId{id}, address, groups);
}

TEST(NodeKey, IsAnIdAnAddressAHostAPatternOrAGroup) {
  const std::pair<const char*, Kind> good[] = {
      {"3", Kind::id},
      {"9223372036854775807", Kind::id},
      {"127.0.0.1:21131", Kind::address},
      {"node-1.svc:1", Kind::address},
      {"[::1]:1", Kind::address},
      {"group:21123", Kind::address},  // a host of that name: no group's begins with a digit
      {"node", Kind::host},
      {"127.0.0.1", Kind::host},
      {"[::1]", Kind::host},
      {"querynode-big-*", Kind::pattern},
      {"10.0.?.*", Kind::pattern},
      {"*:21123", Kind::pattern},
      {"group:big", Kind::group},
      {"group:__default_resource_group", Kind::group},
      {"group:2big", Kind::group}};
  for (const auto& [text, kind] : good) {
    const auto key = parse_node_key(text);
    ASSERT_TRUE(key) << text;
    EXPECT_EQ(key->kind, kind) << text;
  }
}

TEST(NodeKey, IsNothingElse) {
  for (const char* bad : {"", "0", "03", "-3", "9223372036854775808", "3.5", ":21131", "h:0", "h:x",
                          "h:1:2", "[::1", "a b", "a b*", "a/*", "group:", "group: ", "*\n"}) {
    EXPECT_FALSE(parse_node_key(bad)) << bad;
  }
  EXPECT_THAT(parse_node_key("h:x").error(), HasSubstr("\"querynode-*\""));
  EXPECT_THAT(parse_node_key("group:").error(), HasSubstr("resource group"));
}

TEST(NodeKey, NamesNodes) {
  EXPECT_TRUE(means("3", 3, "h:1"));
  EXPECT_FALSE(means("3", 33, "3:3"));
  EXPECT_TRUE(means("H:1", 3, "h:1"));
  EXPECT_FALSE(means("h:1", 3, "h:11"));
  EXPECT_TRUE(means("h", 3, "H:11"));
  EXPECT_FALSE(means("h", 3, "h2:11"));
  EXPECT_TRUE(means("[::1]", 3, "[::1]:11"));
  EXPECT_FALSE(means("[::1]", 3, "[::11]:11"));
  EXPECT_TRUE(means("group:big", 3, "h:1"));
  EXPECT_FALSE(means("group:bi", 3, "h:1"));
  EXPECT_FALSE(means("group:big", 3, "h:1", {}));
  EXPECT_FALSE(means("h", 3, ""));
  EXPECT_FALSE(means("h", 3, "["));
}

TEST(NodeKey, PatternsAreOfTheHostOrWithAColonOfTheAddress) {
  EXPECT_TRUE(means("querynode-big-*", 3, "querynode-big-17.svc:21123"));
  EXPECT_FALSE(means("querynode-big-*", 3, "querynode-small-17.svc:21123"));
  EXPECT_FALSE(means("*-big", 3, "querynode-big-17:21123"));
  EXPECT_TRUE(means("*", 3, ""));
  EXPECT_TRUE(means("10.0.?.*", 3, "10.0.1.23:21123"));
  EXPECT_FALSE(means("10.0.?.*", 3, "10.0.11.23:21123"));
  EXPECT_FALSE(means("10.0.0.1?", 3, "10.0.0.1:21123")) << "one character, no fewer";
  EXPECT_TRUE(means("*:21123", 3, "10.0.1.23:21123"));
  EXPECT_FALSE(means("*:21123", 3, "10.0.1.23:21124"));
  EXPECT_TRUE(means("a*b*c", 3, "axbxbxc:1")) << "the star takes as much as it must";
  EXPECT_FALSE(means("a*b*c", 3, "axcxb:1"));
}

}  // namespace
}  // namespace evenkeel::settings::address_test
