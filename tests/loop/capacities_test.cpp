#include "agent/loop/capacities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "agent/loop/assemble.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::loop::capacities_test {
namespace {

using rules::Bytes;
using rules::CapacitySource;
using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Bytes kGiB = Bytes{1} << 30;

struct CapacitiesTest : testing::Test {
  // What the nodes come to at this look, each of 256 GiB by Milvus's word.
  rules::Cluster look(const std::vector<std::pair<std::int64_t, std::string>>& nodes) {
    Capacities capacities(settings, memory);
    rules::Cluster cluster;
    cluster.coordinator_complete = complete;
    for (const auto& [id, address] : nodes) {
      rules::Node node;
      node.id = NodeId{id};
      node.address = address;
      node.health = dead.contains(id) ? rules::NodeHealth::unreachable : rules::NodeHealth::up;
      capacities.set(node, 256 * kGiB);
      cluster.nodes.push_back(node);
    }
    capacities.finish(cluster);
    learn_nodes(memory, cluster);
    return cluster;
  }
  static std::vector<std::int64_t> doubted(const rules::Cluster& cluster) {
    std::vector<std::int64_t> ids;
    for (const auto& node : cluster.nodes) {
      if (node.capacity_doubted) ids.push_back(static_cast<std::int64_t>(node.id));
    }
    return ids;
  }

  settings::Settings::Capacity settings;
  CapacityMemory memory;
  std::set<std::int64_t> dead;
  bool complete = true;
};

TEST_F(CapacitiesTest, TheMostExactKeyCounts) {
  const std::pair<const char*, Bytes> by_exactness[] = {
      {"group:big", 5}, {"qn-*", 4}, {"qn-1", 3}, {"qn-1:21123", 2}, {"7", 1}};
  memory.groups[NodeId{7}] = {"big"};
  settings.standard = 9 * kGiB;
  EXPECT_EQ(look({{7, "qn-1:21123"}}).nodes[0].capacity, 9 * kGiB);
  for (const auto& [key, gib] : by_exactness) {
    settings.node[key] = gib * kGiB;
    const auto cluster = look({{7, "qn-1:21123"}});
    EXPECT_EQ(cluster.nodes[0].capacity, gib * kGiB) << key;
    EXPECT_EQ(cluster.nodes[0].capacity_source, CapacitySource::configured_node);
    EXPECT_THAT(cluster.problems, IsEmpty());
    EXPECT_THAT(cluster.capacity_keys_unmatched, IsEmpty())
        << "it names a node, and another counts";
  }
}

TEST_F(CapacitiesTest, OfTwoPatternsTheSmallerCountsAndItIsSaid) {
  for (const bool first_is_smaller : {true, false}) {
    settings.node = {{"qn-*", (first_is_smaller ? 8 : 16) * kGiB},
                     {"*-1", (first_is_smaller ? 16 : 8) * kGiB},
                     {"q*", 32 * kGiB}};
    const auto cluster = look({{7, "qn-1:21123"}});
    EXPECT_EQ(cluster.nodes[0].capacity, 8 * kGiB);
    EXPECT_THAT(
        rules::texts(cluster.problems),
        ElementsAre("node 7 (qn-1:21123): several keys of [capacity] node name it, \"*-1\", "
                    "\"q*\", \"qn-*\": the smallest size, 8.0 GiB, counts"));
  }
}

TEST_F(CapacitiesTest, AKeyThatNoNodeHasIsSaid) {
  settings.node = {{"3", 16 * kGiB}, {"1", 16 * kGiB}};
  const auto whole = look({{1, "a:1"}, {3, "b:1"}});
  EXPECT_THAT(whole.problems, IsEmpty());
  const auto cluster = look({{1, "a:1"}, {15, "b:1"}});
  EXPECT_THAT(cluster.capacity_keys_unmatched, ElementsAre("3"));
  EXPECT_THAT(rules::texts(cluster.problems),
              Contains(HasSubstr("\"3\" = 16.0 GiB names no node")));
  EXPECT_THAT(rules::texts(cluster.problems),
              Contains(HasSubstr("node 15 (b:1): nothing is moved to it")));
  EXPECT_EQ(look({{1, "a:1"}, {15, "b:1"}}).problems, cluster.problems)
      << "the same words at each look, so that the log says them once";
}

TEST_F(CapacitiesTest, ANewNodeIsInDoubtWhileAKeyIsMissing) {
  settings.node = {{"3", 16 * kGiB}};
  EXPECT_THAT(doubted(look({{1, "a:1"}, {2, "c:1"}, {3, "b:1"}})), IsEmpty());
  EXPECT_THAT(doubted(look({{1, "a:1"}, {2, "c:1"}})), IsEmpty()) << "they were there before";
  EXPECT_THAT(doubted(look({{1, "a:1"}, {2, "c:1"}, {15, "b:1"}})), ElementsAre(15));
  EXPECT_THAT(doubted(look({{1, "a:1"}, {2, "c:1"}, {15, "b:1"}})), ElementsAre(15)) << "still";
  settings.node = {{"15", 16 * kGiB}};
  EXPECT_THAT(doubted(look({{1, "a:1"}, {2, "c:1"}, {15, "b:1"}})), IsEmpty());
}

// Milvus goes on listing the id of a node that was killed, while the new one answers already.
TEST_F(CapacitiesTest, ANewNodeThatStoodBesideItsOldIdIsInDoubtWhenThatIsGone) {
  settings.node = {{"3", 16 * kGiB}};
  EXPECT_THAT(doubted(look({{1, "a:1"}, {3, "b:1"}})), IsEmpty());
  dead = {3};
  EXPECT_THAT(look({{1, "a:1"}, {3, "b:1"}, {15, "b:1"}}).capacity_keys_unmatched, IsEmpty());
  EXPECT_THAT(doubted(look({{1, "a:1"}, {15, "b:1"}})), ElementsAre(15));
}

// As `evenkeel plan` sees it, and an agent that has just started.
TEST_F(CapacitiesTest, AtTheFirstLookAllWithoutAKeyAreInDoubtWhereOthersHaveOne) {
  settings.node = {{"3", 16 * kGiB}, {"1", 16 * kGiB}};
  EXPECT_THAT(doubted(look({{1, "a:1"}, {15, "b:1"}})), ElementsAre(15));
  settings.node = {{"3", 16 * kGiB}};
  EXPECT_THAT(doubted(look({{1, "a:1"}, {15, "b:1"}})), IsEmpty()) << "no node has one";
}

TEST_F(CapacitiesTest, ANodeThatHasNoMoreThanTheMissingOneIsNotInDoubt) {
  settings.node = {{"3", 16 * kGiB}, {"1", 16 * kGiB}};
  settings.standard = 16 * kGiB;
  EXPECT_THAT(doubted(look({{1, "a:1"}, {15, "b:1"}})), IsEmpty());
  settings.standard = 17 * kGiB;
  EXPECT_THAT(doubted(look({{1, "a:1"}, {15, "b:1"}})), ElementsAre(15));
}

TEST_F(CapacitiesTest, AKeyByHostOutlivesARestart) {
  settings.node = {{"b", 16 * kGiB}, {"1", 16 * kGiB}};
  EXPECT_EQ(look({{1, "a:1"}, {3, "b:1"}}).nodes[1].capacity, 16 * kGiB);
  const auto after = look({{1, "a:1"}, {15, "b:1"}});
  EXPECT_EQ(after.nodes[1].capacity, 16 * kGiB);
  EXPECT_THAT(after.problems, IsEmpty());
}

TEST_F(CapacitiesTest, APictureThatIsNotWholeTeachesNothing) {
  settings.node = {{"3", 16 * kGiB}, {"1", 16 * kGiB}};
  complete = false;
  std::ignore = look({{1, "a:1"}, {3, "b:1"}, {15, "c:1"}});
  EXPECT_EQ(memory.seen, std::nullopt);
  EXPECT_THAT(look({}).problems, IsEmpty()) << "no nodes, so none that could be named";
}

struct GroupsTest : testing::Test {
  void replica(std::int64_t id, const std::string& group, std::vector<NodeId> nodes,
               std::int64_t outbound = 0) {
    CollectionAnswers book{{CollectionId{7}, "book"}, {}, {}};
    milvus::ReplicaInfo info{ReplicaId{id}, CollectionId{7}, group, std::move(nodes)};
    info.outbound = outbound;
    book.replicas = std::vector<milvus::ReplicaInfo>{info};
    answers.distribution.push_back(book);
  }
  Answers answers;
  CapacityMemory memory;
};

TEST_F(GroupsTest, AreReadOfReplicasAndStayWhereTheyAreNotSaid) {
  replica(70, "big", {NodeId{1}, NodeId{2}});
  learn_groups(memory, answers);
  EXPECT_THAT(memory.groups[NodeId{2}], ElementsAre("big"));
  answers.distribution[0].replicas = tl::unexpected(milvus::Failure{});
  replica(71, "small", {NodeId{1}});
  replica(72, "other", {NodeId{1}, NodeId{2}}, 1);
  learn_groups(memory, answers);
  EXPECT_THAT(memory.groups[NodeId{1}], ElementsAre("small")) << "it was transferred";
  EXPECT_THAT(memory.groups[NodeId{2}], ElementsAre("big"));
}

TEST_F(GroupsTest, AreThoseOfTheirListWhereThereIsOne) {
  replica(70, "big", {NodeId{1}, NodeId{2}});
  answers.groups = std::vector<milvus::ResourceGroup>{{"small", {NodeId{2}}}};
  learn_groups(memory, answers);
  EXPECT_FALSE(memory.groups.contains(NodeId{1}));
  EXPECT_THAT(memory.groups[NodeId{2}], ElementsAre("small"));
}

TEST_F(GroupsTest, AKeyOfAGroupWaitsUntilGroupsAreKnown) {
  settings::Settings::Capacity settings;
  settings.node = {{"group:gone", kGiB}};
  rules::Cluster cluster;
  cluster.nodes.resize(1);
  Capacities early(settings, memory);
  early.finish(cluster);
  EXPECT_THAT(cluster.problems, IsEmpty());
  memory.groups[NodeId{1}] = {"big"};
  Capacities now(settings, memory);
  now.finish(cluster);
  EXPECT_THAT(cluster.capacity_keys_unmatched, ElementsAre("group:gone"));
}

}  // namespace
}  // namespace evenkeel::loop::capacities_test
