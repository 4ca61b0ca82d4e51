// Who is who in the cluster: query nodes, streaming nodes, and those that Milvus is emptying; and
// what no list names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/loop/assemble.hpp"
#include "rules/explain.hpp"

namespace evenkeel::loop::roles_test {
namespace {

using rules::CollectionId;
using rules::NodeId;
using rules::NodeRole;
using rules::ReplicaId;
using rules::SegmentId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr rules::TimePoint kNow{std::chrono::hours{500'000}};
constexpr CollectionId kBook{7};
constexpr ReplicaId kReplica{70};

// Node 2 is a streaming node, as on the real 2.6.19; 3, 4 and 5 are query nodes.
struct RolesTest : testing::Test {
  RolesTest() {
    answers.version = "2.6.19";
    answers.nodes_at = kNow;
    std::vector<milvus::QueryNode> nodes;
    for (const std::int64_t id : {2, 3, 4, 5}) {
      milvus::QueryNode node;
      node.id = NodeId{id};
      node.address = "127.0.0.1:" + std::to_string(21120 + id);
      node.memory = 1000;
      node.memory_used = 50;
      nodes.push_back(node);
      scrape::TargetResult result;
      result.target = "http://127.0.0.1:" + std::to_string(9100 + id) + "/metrics";
      result.at = kNow;
      result.figures.id = NodeId{id};
      result.figures.resident = 100;
      answers.scraped.push_back(result);
    }
    answers.nodes = nodes;
    answers.collections = std::vector<milvus::CollectionInfo>{{kBook, "book"}};
    answers.databases = {"default"};
    CollectionAnswers book{{kBook, "book"}, {}, {}};
    milvus::ReplicaInfo replica{kReplica, kBook, "rg", {}};
    replica.nodes = {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}};
    book.replicas = std::vector{replica};
    milvus::SegmentInfo segment;
    segment.id = SegmentId{11};
    segment.collection = kBook;
    segment.rows = 10;
    segment.state = rules::SegmentState::sealed;
    segment.nodes = {NodeId{3}};
    book.segments = std::vector{segment};
    answers.distribution = {book};
  }

  rules::Cluster assembled() { return assemble(answers, {}, sizes, weights, capacity, kNow); }
  NodeRole role(std::int64_t id) {
    for (const auto& node : assembled().nodes) {
      if (node.id == NodeId{id}) return node.role;
    }
    return NodeRole::unknown;
  }
  rules::Replica replica() { return assembled().replicas.at(0); }
  milvus::ReplicaInfo& listed() { return answers.distribution[0].replicas->at(0); }
  scrape::NodeFigures& metrics(std::size_t index) { return answers.scraped[index].figures; }

  Answers answers;
  RowSizes sizes;
  rules::Weights weights;
  settings::Settings::Capacity capacity;
};

TEST_F(RolesTest, SystemInfoNamesStreamingNodesFrom2614On) {
  answers.nodes->at(0).streaming = true;
  EXPECT_EQ(role(2), NodeRole::streaming);
  EXPECT_EQ(role(3), NodeRole::query);
  EXPECT_THAT(replica().nodes, ElementsAre(NodeId{3}, NodeId{4}, NodeId{5}));
  EXPECT_THAT(replica().streaming, ElementsAre(NodeId{2}));
}

TEST_F(RolesTest, ResourceGroupsTellThemBefore) {
  answers.version = "2.6.5";
  answers.groups = std::vector<milvus::ResourceGroup>{{"rg", {NodeId{3}, NodeId{4}, NodeId{5}}}};
  EXPECT_EQ(role(2), NodeRole::streaming);
  EXPECT_EQ(role(5), NodeRole::query);
}

TEST_F(RolesTest, NotThoseOf260WhichNameStreamingNodesToo) {
  answers.version = "2.6.0";
  answers.groups =
      std::vector<milvus::ResourceGroup>{{"rg", {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}}}};
  metrics(0).wal = true;
  EXPECT_EQ(role(2), NodeRole::streaming);
  EXPECT_EQ(role(3), NodeRole::query);
}

TEST_F(RolesTest, TheirOwnMetricsOrTheirShardsTellThem) {
  answers.version = "2.6.5";
  metrics(0).wal = true;
  EXPECT_EQ(role(2), NodeRole::streaming);
  EXPECT_EQ(role(3), NodeRole::query);
  metrics(0).wal = false;
  listed().leaders = {NodeId{2}};
  EXPECT_EQ(role(2), NodeRole::streaming);
}

TEST_F(RolesTest, WhereNothingTellsTheyAreNotGuessed) {
  answers.version = "2.6.5";
  answers.scraped.clear();
  EXPECT_EQ(role(2), NodeRole::unknown);
  EXPECT_EQ(role(3), NodeRole::unknown);
  // The group lists may answer with nothing at all.
  answers.groups = std::vector<milvus::ResourceGroup>{};
  EXPECT_EQ(role(3), NodeRole::unknown);
}

TEST_F(RolesTest, BeforeThemEveryNodeIsAQueryNode) {
  answers.version = "2.3.5";
  listed().leaders = {NodeId{3}};
  answers.scraped.clear();
  EXPECT_EQ(role(3), NodeRole::query);
}

TEST_F(RolesTest, AStreamingNodeThatIsAlsoListedAsAQueryNodeIsAStreamingNode) {
  metrics(0).wal = true;
  answers.groups =
      std::vector<milvus::ResourceGroup>{{"rg", {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}}}};
  EXPECT_EQ(role(2), NodeRole::streaming);
}

TEST_F(RolesTest, ReadOnlyNodesOfAReplicaAreLeaving) {
  answers.nodes->at(0).streaming = true;
  answers.roles = std::vector<milvus::ReplicaRoles>{
      {kReplica, kBook, {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}}, {NodeId{4}}, {}}};
  EXPECT_THAT(replica().nodes, ElementsAre(NodeId{3}, NodeId{5}));
  EXPECT_THAT(replica().leaving, ElementsAre(NodeId{4}));
  EXPECT_EQ(role(4), NodeRole::leaving);
}

TEST_F(RolesTest, ASuspendedNodeIsInNoResourceGroup) {
  answers.version = "2.5.6";
  answers.groups = std::vector<milvus::ResourceGroup>{{"rg", {NodeId{2}, NodeId{3}, NodeId{5}}}};
  answers.roles = std::vector<milvus::ReplicaRoles>{{kReplica, kBook, {}, {}, {}}};
  EXPECT_THAT(replica().leaving, ElementsAre(NodeId{4}));
  EXPECT_EQ(role(4), NodeRole::leaving);
}

TEST_F(RolesTest, ANodeThatIsNotListedMayBeDeadAndKeepsItsPlace) {
  answers.groups = std::vector<milvus::ResourceGroup>{{"rg", {NodeId{3}, NodeId{4}, NodeId{5}}}};
  answers.roles = std::vector<milvus::ReplicaRoles>{{kReplica, kBook, {}, {}, {}}};
  listed().nodes.push_back(NodeId{9});
  EXPECT_THAT(replica().nodes, testing::Contains(NodeId{9}));
}

// 2.3.5: a node was given to another resource group, stays listed, and Milvus empties it.
TEST_F(RolesTest, OutboundNodesThatAreNotNamedAreCounted) {
  answers.version = "2.3.5";
  listed().outbound = 1;
  EXPECT_EQ(replica().unknown_leaving, 1);
  EXPECT_EQ(replica().nodes.size(), 4U);
  answers.version = "2.5.6";
  answers.roles = std::vector<milvus::ReplicaRoles>{{kReplica, kBook, {}, {NodeId{5}}, {}}};
  EXPECT_EQ(replica().unknown_leaving, 0) << "it is named now";
}

TEST_F(RolesTest, ChannelsOfExclusiveReplicasBindTheirSegments) {
  answers.version = "3.0.0";
  answers.nodes->at(0).streaming = true;
  answers.roles = std::vector<milvus::ReplicaRoles>{
      {kReplica, kBook, {}, {}, {{"a", {NodeId{2}, NodeId{3}}}, {"b", {NodeId{4}, NodeId{5}}}}}};
  EXPECT_THAT(replica().channels, IsEmpty()) << "the balancer is off, or nobody told";
  answers.channels = {{SegmentId{11}, "b"}};
  EXPECT_THAT(replica().channels,
              ElementsAre(ElementsAre(NodeId{3}), ElementsAre(NodeId{4}, NodeId{5})));
  EXPECT_EQ(assembled().segments.at(0).channel, 2U);
}

TEST_F(RolesTest, CollectionsAreShownWithTheirDatabaseWhereThereAreSeveral) {
  answers.distribution[0].info.database = "shop";
  EXPECT_EQ(assembled().collections.at(0).name, "book");
  answers.databases = {"default", "shop"};
  const auto collection = assembled().collections.at(0);
  EXPECT_EQ(collection.name, "shop.book");
  EXPECT_EQ(collection.own_name, "book");
  EXPECT_EQ(collection.database, "shop");
}

TEST_F(RolesTest, ACollectionWhoseNameIsAnothersByNowIsIncomplete) {
  answers.distribution[0].segments->at(0).collection = CollectionId{8};
  EXPECT_FALSE(assembled().collections.at(0).complete);
  EXPECT_THAT(assembled().collections.at(0).problem, HasSubstr("another collection's"));
}

TEST_F(RolesTest, WhatMetricsNameAndNoListDoesIsSaid) {
  metrics(1).collections[CollectionId{4711}] = {
      .entity_size = 600, .entity_num = 6, .segment_num = 1};
  metrics(2).collections[CollectionId{4711}] = {
      .entity_size = 0, .entity_num = 3, .segment_num = 1};
  metrics(2).collections[CollectionId{4712}] = {};  // all has left
  answers.all_databases = false;
  answers.version = "2.3.5";
  const auto cluster = assembled();
  ASSERT_EQ(cluster.unlisted.size(), 2U);
  EXPECT_EQ(cluster.unlisted[0].node, NodeId{3});
  EXPECT_EQ(cluster.unlisted[0].bytes, 600);
  EXPECT_EQ(cluster.unlisted[1].bytes, 3 * 1024) << "by its rows";
  EXPECT_THAT(rules::texts(cluster.problems),
              ElementsAre(AllOf(HasSubstr("collection 4711 is on node 3, 4"),
                                HasSubstr("name all of them in [milvus]"))));
}

// Live on 2.3.5: what was dropped goes on showing its bytes, without segments and rows.
TEST_F(RolesTest, FiguresWithoutSegmentsAreStale) {
  metrics(1).collections[CollectionId{4711}] = {
      .entity_size = 600, .entity_num = 0, .segment_num = 0};
  EXPECT_THAT(assembled().unlisted, IsEmpty());
  metrics(1).collections[CollectionId{4711}].entity_num = 6;
  EXPECT_EQ(assembled().unlisted.size(), 1U) << "segments are not counted here at all";
  metrics(1).counts_segments = true;
  EXPECT_THAT(assembled().unlisted, IsEmpty());
  metrics(1).collections[CollectionId{4711}].segment_num = 1;
  EXPECT_EQ(assembled().unlisted.size(), 1U);
}

// 2.4 and later leave indexes out of entity_size.
TEST_F(RolesTest, RowsCountWhereTheirBytesAreLeftOut) {
  metrics(1).collections[CollectionId{4711}] = {
      .entity_size = 600, .entity_num = 6, .segment_num = 1};
  answers.version = "2.4.9";
  EXPECT_EQ(assembled().unlisted.at(0).bytes, 6 * 1024);
  answers.version = "2.3.5";
  EXPECT_EQ(assembled().unlisted.at(0).bytes, 600);
}

TEST_F(RolesTest, WhatALastListNamedIsNoNews) {
  metrics(1).collections[CollectionId{4711}] = {
      .entity_size = 600, .entity_num = 6, .segment_num = 1};
  answers.once_listed = {CollectionId{4711}};
  EXPECT_THAT(assembled().unlisted, IsEmpty());
  answers.once_listed.clear();
  answers.collections =
      tl::unexpected(milvus::Failure{milvus::FailureKind::transport, "no answer"});
  EXPECT_THAT(assembled().unlisted, IsEmpty()) << "nobody knows what is listed";
}

TEST_F(RolesTest, MemoryIsMilvussOwnFigureFrom26On) {
  auto cluster = assembled();
  EXPECT_EQ(cluster.memory_source, "milvus");
  EXPECT_EQ(cluster.nodes[0].used, 50);
  EXPECT_LT(cluster.nodes[0].sampled_at, kNow) << "the proxy's answer may be five seconds old";
  answers.version = "2.5.6";
  EXPECT_EQ(assembled().nodes[0].used, 100);
  EXPECT_EQ(assembled().nodes[0].sampled_at, kNow);
  answers.memory_source = "milvus";
  EXPECT_EQ(assembled().nodes[0].used, 50);
  answers.version = "2.6.19";
  answers.memory_source = "resident";
  EXPECT_EQ(assembled().nodes[0].used, 100);
}

TEST_F(RolesTest, WithoutMilvussFigureTheNodeHasNone) {
  answers.nodes->at(1).memory_used = 0;
  const auto node = assembled().nodes[1];
  EXPECT_EQ(node.health, rules::NodeHealth::invalid);
  EXPECT_THAT(node.problem, HasSubstr("[memory] source"));
}

TEST_F(RolesTest, SizesThatNodesReportComeFirst) {
  answers.reported = {{{SegmentId{11}, NodeId{3}}, 12'345}};
  EXPECT_EQ(assembled().segments.at(0).bytes, 12'345);
  EXPECT_EQ(assembled().segments.at(0).size_source, rules::SizeSource::reported);
  answers.reported = {{{SegmentId{11}, NodeId{4}}, 12'345}};  // of another copy
  EXPECT_NE(assembled().segments.at(0).size_source, rules::SizeSource::reported);
}

TEST_F(RolesTest, ANodeOfANewerVersionDuringAnUpgradeIsEnoughToWait) {
  EXPECT_EQ(assembled().untested, "");
  answers.nodes->at(2).version = "3.4.0";
  EXPECT_THAT(assembled().untested, HasSubstr("'3.4.0' is newer"));
}

}  // namespace
}  // namespace evenkeel::loop::roles_test
