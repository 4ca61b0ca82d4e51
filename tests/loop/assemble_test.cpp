#include "agent/loop/assemble.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/rules/build.hpp"

namespace evenkeel::loop::assemble_test {
namespace {

using rules::CollectionId;
using rules::NodeHealth;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr rules::TimePoint kNow{std::chrono::hours{500'000}};
constexpr CollectionId kBook{7};

milvus::QueryNode listed(std::int64_t id, rules::Bytes memory = 1000) {
  milvus::QueryNode node;
  node.id = NodeId{id};
  node.address = "127.0.0.1:" + std::to_string(21130 + id);
  node.memory = memory;
  return node;
}

scrape::TargetResult scraped(std::int64_t id, rules::Bytes resident = 100) {
  scrape::TargetResult result;
  result.target = "http://127.0.0.1:" + std::to_string(9100 + id) + "/metrics";
  result.at = kNow;
  result.figures.id = NodeId{id};
  result.figures.resident = resident;
  return result;
}

milvus::SegmentInfo segment(std::int64_t id, std::vector<NodeId> nodes, std::int64_t rows = 10) {
  milvus::SegmentInfo info;
  info.id = SegmentId{id};
  info.collection = kBook;
  info.rows = rows;
  info.state = rules::SegmentState::sealed;
  info.nodes = std::move(nodes);
  return info;
}

struct AssembleTest : testing::Test {
  AssembleTest() {
    answers.nodes = std::vector{listed(1), listed(2)};
    answers.collections = std::vector<milvus::CollectionInfo>{{kBook, "book"}};
    answers.scraped = {scraped(1), scraped(2)};
    CollectionAnswers book{{kBook, "book"}, {}, {}};
    book.replicas =
        std::vector<milvus::ReplicaInfo>{{ReplicaId{70}, kBook, "rg", {NodeId{1}, NodeId{2}}}};
    book.segments = std::vector{segment(11, {NodeId{1}})};
    answers.distribution = {book};
  }

  rules::Cluster assembled() { return assemble(answers, known, sizes, weights, capacity, kNow); }
  rules::Node node(std::int64_t id) {
    for (const auto& node : assembled().nodes) {
      if (node.id == NodeId{id}) return node;
    }
    ADD_FAILURE() << "no node " << id;
    return {};
  }

  Answers answers;
  std::vector<milvus::QueryNode> known;
  RowSizes sizes;
  rules::Weights weights;
  settings::Settings::Capacity capacity;
};

TEST_F(AssembleTest, JoinsNodesWithWhatTheirMetricsSay) {
  const auto cluster = assembled();
  ASSERT_EQ(cluster.nodes.size(), 2u);
  EXPECT_TRUE(cluster.coordinator_complete);
  EXPECT_TRUE(cluster.problems.empty());
  EXPECT_EQ(cluster.nodes[0].used, 100);
  EXPECT_EQ(cluster.nodes[0].health, NodeHealth::up);
  EXPECT_EQ(cluster.nodes[0].sampled_at, kNow);
  ASSERT_EQ(cluster.segments.size(), 1u);
  EXPECT_EQ(cluster.segments[0].replica, ReplicaId{70});
}

TEST_F(AssembleTest, CapacityComesFromTheNodesOwnSettingThenTheDefaultThenTheCoordinator) {
  EXPECT_EQ(node(1).capacity, 1000);
  EXPECT_EQ(node(1).capacity_source, rules::CapacitySource::coordinator);
  capacity.standard = 2000;
  EXPECT_EQ(node(1).capacity, 2000);
  EXPECT_EQ(node(1).capacity_source, rules::CapacitySource::configured_default);
  capacity.node["127.0.0.1:21131"] = 3000;
  capacity.node["2"] = 4000;
  EXPECT_TRUE(assembled().problems.empty());
  EXPECT_EQ(node(1).capacity, 3000);
  EXPECT_EQ(node(2).capacity, 4000);
  EXPECT_EQ(node(2).capacity_source, rules::CapacitySource::configured_node);
}

TEST_F(AssembleTest, UnknownCapacityStaysUnknown) {
  answers.nodes = std::vector{listed(1, 0), listed(2)};
  EXPECT_EQ(node(1).capacity, 0);
  EXPECT_EQ(node(1).capacity_source, rules::CapacitySource::unknown);
}

TEST_F(AssembleTest, NoLimitAndWhatNoMachineHasIsNoCapacity) {
  constexpr rules::Bytes kMost = rules::Bytes{64} << 40;
  answers.nodes = std::vector{listed(1, kMost), listed(2, kMost + 1)};
  EXPECT_EQ(node(1).capacity, kMost);
  EXPECT_EQ(node(2).capacity, 0);
  EXPECT_EQ(node(2).capacity_source, rules::CapacitySource::unknown);
  answers.nodes = std::vector{listed(1, -1), listed(2, std::numeric_limits<rules::Bytes>::max())};
  EXPECT_EQ(node(1).capacity, 0);
  EXPECT_EQ(node(2).capacity, 0);
  capacity.standard = kMost + 1;
  EXPECT_EQ(node(2).capacity, kMost + 1) << "what is configured is meant";
}

TEST_F(AssembleTest, AFigureThatIsOldByItsOwnTimestampIsSaid) {
  answers.scraped[0].figures.resident_at = kNow - std::chrono::hours{1};
  answers.scraped[0].at = kNow - std::chrono::hours{1};
  EXPECT_EQ(node(1).sampled_at, kNow - std::chrono::hours{1});
  const auto cluster = assembled();
  ASSERT_EQ(cluster.problems.size(), 1u);
  EXPECT_THAT(cluster.problems[0].text, HasSubstr("9101/metrics: its memory figure has an old"));
  answers.memory_source = "milvus";
  answers.nodes_at = kNow;
  answers.nodes->at(0).memory_used = answers.nodes->at(1).memory_used = 50;
  EXPECT_EQ(node(1).used, 50);
  EXPECT_EQ(node(1).sampled_at, kNow - std::chrono::hours{1})
      << "nothing newer tells that it lives";
  EXPECT_EQ(node(2).sampled_at, kNow - std::chrono::seconds{5});
}

TEST_F(AssembleTest, Trap04CopiesAreCutByReplica) {
  auto& book = answers.distribution[0];
  answers.nodes = std::vector{listed(1), listed(2), listed(3), listed(4)};
  answers.scraped = {scraped(1), scraped(2), scraped(3), scraped(4)};
  book.replicas =
      std::vector<milvus::ReplicaInfo>{{ReplicaId{70}, kBook, "rg", {NodeId{1}, NodeId{2}}},
                                       {ReplicaId{71}, kBook, "rg", {NodeId{3}, NodeId{4}}}};
  // On 1 and 2 while it moves inside replica 70, and on 3 for good.
  book.segments = std::vector{segment(11, {NodeId{1}, NodeId{2}, NodeId{3}})};
  const auto cluster = assembled();
  ASSERT_EQ(cluster.segments.size(), 3u);
  EXPECT_EQ(cluster.segments[0].replica, ReplicaId{70});
  EXPECT_EQ(cluster.segments[1].replica, ReplicaId{70});
  EXPECT_EQ(cluster.segments[2].replica, ReplicaId{71});
}

TEST_F(AssembleTest, ACopyOnANodeOfNoReplicaBelongsToNone) {
  answers.distribution[0].segments = std::vector{segment(11, {NodeId{9}})};
  EXPECT_EQ(assembled().segments[0].replica, ReplicaId{});
}

TEST_F(AssembleTest, Trap16AListedNodeWhoseMetricsFailIsUnreachable) {
  answers.scraped[1].figures = {};
  answers.scraped[1].error = http::Error{http::ErrorKind::connect, "GET …: connection refused"};
  const auto dead = node(2);
  EXPECT_EQ(dead.health, NodeHealth::unreachable);
  EXPECT_EQ(dead.sampled_at, rules::TimePoint{});
  EXPECT_FALSE(assembled().problems.empty());
}

TEST_F(AssembleTest, Trap08TheCoordinatorsMemoryFigureIsNeverUsed) {
  auto machine_wide = listed(1);
  machine_wide.memory_used = 999;
  answers.nodes = std::vector{machine_wide, listed(2)};
  EXPECT_EQ(node(1).used, 100);
}

TEST_F(AssembleTest, ANodeThatTwoTargetsClaimIsAmbiguous) {
  answers.scraped.push_back(scraped(2, 500));
  const auto torn = node(2);
  EXPECT_EQ(torn.health, NodeHealth::ambiguous);
  EXPECT_EQ(torn.used, 0);
  EXPECT_THAT(torn.problem, HasSubstr("9102"));
}

TEST_F(AssembleTest, MetricsThatMakeNoSenseLeaveTheNodeInvalid) {
  answers.scraped[0].figures.problem = "NaN";
  answers.scraped[0].figures.resident.reset();
  EXPECT_EQ(node(1).health, NodeHealth::invalid);
}

TEST_F(AssembleTest, ANodeThatTheCoordinatorDoesNotListIsKeptApart) {
  answers.scraped.push_back(scraped(5));
  EXPECT_EQ(node(5).health, NodeHealth::unlisted);
}

TEST_F(AssembleTest, ANodeInErrorIsStopping) {
  auto bad = listed(1);
  bad.has_error = true;
  bad.error = "stopping";
  answers.nodes = std::vector{bad, listed(2)};
  EXPECT_EQ(node(1).health, NodeHealth::stopping);
}

TEST_F(AssembleTest, Trap16WhereTheNodeListHangsTheLastOneIsShownAndNothingIsComplete) {
  answers.nodes = tl::unexpected(
      milvus::Failure{milvus::FailureKind::transport, "no answer within 10 s", true});
  known = {listed(1), listed(2)};
  const auto cluster = assembled();
  EXPECT_FALSE(cluster.coordinator_complete);
  EXPECT_EQ(cluster.nodes.size(), 2u);
  EXPECT_THAT(cluster.problems.front().text, HasSubstr("no answer"));
}

TEST_F(AssembleTest, ProblemsOfAMilvusThatGivesNoAnswerHaveOneFailure) {
  const milvus::Failure refused{milvus::FailureKind::transport, "connection refused"};
  const milvus::Failure timed_out{milvus::FailureKind::transport, "no answer within 10 s", true};
  const milvus::Failure denied{milvus::FailureKind::login, "permission denied"};
  const auto failures = [this] {
    std::vector<std::string> all;
    for (const auto& problem : assembled().problems) all.push_back(problem.failure);
    return all;
  };
  known = {listed(1), listed(2)};
  answers.distribution[0].segments = tl::unexpected(timed_out);
  EXPECT_THAT(failures(), ElementsAre("")) << "it may be that question alone";
  answers.distribution[0].segments = tl::unexpected(refused);
  EXPECT_THAT(failures(), ElementsAre(kNoAnswer));
  answers.list_problems = {{"the sizes could not be read", kNoAnswer}};
  EXPECT_THAT(failures(), ElementsAre(kNoAnswer, "")) << "lists may come from elsewhere";
  answers.nodes = tl::unexpected(timed_out);
  EXPECT_THAT(failures(), ElementsAre(kNoAnswer, kNoAnswer, kNoAnswer));
  answers.nodes = tl::unexpected(denied);
  answers.distribution[0].segments = tl::unexpected(denied);
  EXPECT_THAT(failures(), ElementsAre("", "", "")) << "it does answer";
}

TEST_F(AssembleTest, Trap15ACollectionStillLoadingIsIncomplete) {
  answers.distribution[0].info.loaded_percentage = 45;
  const auto cluster = assembled();
  EXPECT_FALSE(cluster.collections[0].complete);
  EXPECT_THAT(cluster.collections[0].problem, HasSubstr("45 %"));
}

TEST_F(AssembleTest, Trap16ACollectionWhoseReplicasFailIsIncomplete) {
  answers.distribution[0].replicas =
      tl::unexpected(milvus::Failure{milvus::FailureKind::refused, "failed to get shard leader"});
  const auto cluster = assembled();
  ASSERT_EQ(cluster.collections.size(), 1u);
  EXPECT_FALSE(cluster.collections[0].complete);
  EXPECT_TRUE(cluster.segments.empty());
}

TEST_F(AssembleTest, ACollectionDroppedBetweenTwoCallsIsSimplyGone) {
  answers.distribution[0].segments =
      tl::unexpected(milvus::Failure{milvus::FailureKind::not_found, "collection not found"});
  const auto cluster = assembled();
  EXPECT_TRUE(cluster.collections.empty());
  EXPECT_TRUE(cluster.replicas.empty());
  EXPECT_TRUE(cluster.problems.empty());
}

TEST_F(AssembleTest, SizesSayWhereTheyComeFrom) {
  EXPECT_EQ(assembled().segments[0].bytes, 10 * 1024);
  EXPECT_EQ(assembled().segments[0].size_source, rules::SizeSource::assumed);
  sizes.set_schema(kBook, 536);
  EXPECT_EQ(assembled().segments[0].bytes, 5360);
  EXPECT_EQ(assembled().segments[0].size_source, rules::SizeSource::schema);
  auto reported = segment(11, {NodeId{1}});
  reported.memory_size = 777;
  answers.distribution[0].segments = std::vector{reported};
  EXPECT_EQ(assembled().segments[0].bytes, 777);
  EXPECT_EQ(assembled().segments[0].size_source, rules::SizeSource::reported);
}

// What a segment of 10 GiB in schema's bytes brings to node 2 with each of three moves.
rules::Weights taught(double factor) {
  rules::test::World world;
  rules::Weights weights;
  world.node(1, 40, 100).node(2, 10, 100).replica(70, 7, {1, 2}).segment(1, 70, 1, 10);
  world.cluster.collections.front().row_bytes = 512;
  const auto observe = [&](int times) {
    for (; times > 0; --times) {
      world.sample(1);
      weights.observe(world.cluster, world.ledger, world.policy);
      world.ledger.expire(world.cluster, world.now, world.policy);
    }
  };
  for (int i = 0; i < 3; ++i) {
    observe(30);
    world.ledger.start(world.flight(1, 70, 1, 2, 10));
    world.ledger.land(rules::test::key(1, 70), world.now);
    world.segment_at(1).node = NodeId{2};
    world.at(2).used += rules::test::gib(10 * factor);
    observe(30);
    world.segment_at(1).node = NodeId{1};  // by another hand
  }
  return weights;
}

TEST_F(AssembleTest, SizesAreCorrectedButThoseReportedForTheVerySegment) {
  sizes.set_schema(kBook, 512);
  auto reported = segment(12, {NodeId{1}});
  reported.memory_size = 777;
  answers.distribution[0].segments = std::vector{segment(11, {NodeId{1}}), reported};
  weights = taught(1.5);
  const auto cluster = assembled();
  EXPECT_EQ(cluster.segments[0].bytes, 7680);
  EXPECT_EQ(cluster.segments[0].size_source, rules::SizeSource::corrected);
  EXPECT_EQ(cluster.segments[1].bytes, 777);
  EXPECT_EQ(cluster.segments[1].size_source, rules::SizeSource::reported);
  EXPECT_EQ(cluster.collections[0].row_bytes, 512);
  EXPECT_EQ(cluster.collections[0].correction, 1.5);
}

TEST_F(AssembleTest, AbsurdRowCountsNeitherOverflowNorTurnNegative) {
  answers.distribution[0].segments =
      std::vector{segment(11, {NodeId{1}}, std::numeric_limits<std::int64_t>::max()),
                  segment(12, {NodeId{1}}, -5)};
  const auto cluster = assembled();
  EXPECT_GT(cluster.segments[0].bytes, 0);
  EXPECT_EQ(cluster.segments[1].bytes, 0);
}

TEST_F(AssembleTest, AnEmptyClusterIsNoProblem) {
  answers = {};
  const auto cluster = assembled();
  EXPECT_TRUE(cluster.coordinator_complete);
  EXPECT_TRUE(cluster.problems.empty());
}

}  // namespace
}  // namespace evenkeel::loop::assemble_test
