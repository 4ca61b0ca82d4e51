#include "rules/nearest.hpp"

#include <gmock/gmock.h>

namespace evenkeel::rules::nearest_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kNames = {"interval",  "timeout",   "port",    "max_body",
                                         "max_moves", "max_bytes", "max_age", "max_calls"};

TEST(Nearest, PrefersTheSameNameInAnotherSpelling) {
  EXPECT_THAT(nearest("maxBody", kNames), ElementsAre("max_body"));
  EXPECT_THAT(nearest("MAX-BODY", kNames), ElementsAre("max_body"));
  EXPECT_THAT(nearest("max.body", kNames), ElementsAre("max_body"));
}

TEST(Nearest, CountsEdits) {
  EXPECT_THAT(nearest("intervall", kNames), ElementsAre("interval"));
  EXPECT_THAT(nearest("intreval", kNames), ElementsAre("interval"));
  EXPECT_THAT(nearest("tmeot", kNames), ElementsAre("timeout"));
  EXPECT_THAT(nearest("prt", kNames), ElementsAre("port"));
  EXPECT_THAT(nearest("prot", kNames), ElementsAre("port")) << "an exchange is one edit";
}

TEST(Nearest, GivesAllThatAreEquallyNear) {
  EXPECT_THAT(nearest("abcd", {"abcx", "xbcd", "wxyz"}), ElementsAre("abcx", "xbcd"));
}

TEST(Nearest, TakesTheBeginningOfAName) {
  EXPECT_THAT(nearest("time", kNames), ElementsAre("timeout"));
  EXPECT_THAT(nearest("timeout_seconds", kNames), ElementsAre("timeout"));
}

TEST(Nearest, FindsNothingWhereNothingIsLikely) {
  EXPECT_THAT(nearest("", kNames), IsEmpty());
  EXPECT_THAT(nearest("x", kNames), IsEmpty());
  EXPECT_THAT(nearest("foo", kNames), IsEmpty());
  EXPECT_THAT(nearest("max_", kNames), IsEmpty()) << "begins five names: none is likely";
  EXPECT_THAT(nearest(std::string(100'000, 'i'), kNames), IsEmpty());
}

TEST(InsteadOf, SuggestsWhatIsNear) {
  EXPECT_EQ(instead_of("intreval", kNames, "there are"), "; did you mean 'interval'?");
  EXPECT_EQ(instead_of("abcd", {"abcx", "xbcd"}, "there are"), "; did you mean 'abcx' or 'xbcd'?");
}

TEST(InsteadOf, ElseListsTheFirstTen) {
  EXPECT_EQ(instead_of("foo", {"port", "timeout"}, "there are"), "; there are port, timeout");
  EXPECT_EQ(instead_of("foo", {}, "loaded are"), "; loaded are none");
  std::vector<std::string> many(1'000, "port");
  EXPECT_THAT(instead_of("foo", many, "there are"), testing::EndsWith("port, port and 990 more"));
}

TEST(InsteadOf, KnowsTheNodesAndCollectionsOfACluster) {
  Cluster cluster;
  cluster.nodes.resize(2);
  cluster.nodes[0].id = NodeId{471};
  cluster.nodes[1].id = NodeId{12};
  cluster.collections.resize(1);
  cluster.collections[0].name = "documents";
  EXPECT_EQ(instead_of_node(cluster, NodeId{472}), "; did you mean '471'?");
  EXPECT_EQ(instead_of_node(cluster, NodeId{9}), "; the query nodes are 471, 12");
  EXPECT_EQ(instead_of_collection(cluster, "document"), "; did you mean 'documents'?");
  EXPECT_EQ(instead_of_collection(cluster, "x"), "; loaded are documents");
}

TEST(SnakeCase, IsHowKeysAreWritten) {
  EXPECT_EQ(snake_case("autoBalance"), "auto_balance");
  EXPECT_EQ(snake_case("memoryUsageMaxDifferencePercentage"),
            "memory_usage_max_difference_percentage");
  EXPECT_EQ(snake_case("AUTO_BALANCE"), "auto_balance");
  EXPECT_EQ(snake_case("auto-balance"), "auto_balance");
  EXPECT_EQ(snake_case("AutoBalance"), "auto_balance");
}

}  // namespace
}  // namespace evenkeel::rules::nearest_test
