// What real servers of 2.2.16 and 2.3.5 answered, and what 2.1 and later ones do otherwise.
#include "agent/milvus/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::answers_test {
namespace {

Result<std::vector<QueryNode>> parse_nodes(std::string_view text) {
  return parse_system_info(text).map([](const SystemInfo& system) { return system.nodes; });
}

using rules::CollectionId;
using rules::NodeId;
using rules::PartitionId;
using rules::ReplicaId;
using rules::SegmentId;
using rules::SegmentState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename T>
std::vector<std::int64_t> ids(const std::vector<T>& items) {
  std::vector<std::int64_t> values;
  for (const auto& item : items) values.push_back(static_cast<std::int64_t>(item.id));
  return values;
}

std::map<NodeId, std::int64_t> rows_by_node(const std::vector<SegmentInfo>& segments) {
  std::map<NodeId, std::int64_t> rows;
  for (const auto& segment : segments) {
    for (const NodeId node : segment.nodes) rows[node] += segment.rows;
  }
  return rows;
}

TEST(QueryNodes, Of235) {
  const auto nodes = good(parse_nodes(sample("2.3.5/system-info.json")));
  ASSERT_THAT(ids(nodes), ElementsAre(1, 3, 4, 5)) << "sorted, and no other role's";
  EXPECT_EQ(nodes[0].address, "127.0.0.1:21131");
  EXPECT_EQ(nodes[0].memory, 25276514304);
  EXPECT_EQ(nodes[0].memory_used, 164392960);
  EXPECT_EQ(nodes[0].version, "v2.3.5-lite");
  EXPECT_FALSE(nodes[0].has_error);
}

TEST(QueryNodes, Of2216) {
  const auto nodes = good(parse_nodes(sample("2.2.16/system-info.json")));
  ASSERT_THAT(ids(nodes), ElementsAre(1, 6, 7));
  EXPECT_EQ(nodes[2].address, "127.0.0.1:21133");
  EXPECT_EQ(nodes[2].version, "v2.2.16-lite");
}

// The library that PyPI has: every role in one process.
TEST(Answers, Of210) {
  const auto nodes = good(parse_nodes(sample("2.1.0/system-info.json")));
  ASSERT_THAT(nodes, testing::SizeIs(1));
  EXPECT_TRUE(nodes[0].version.starts_with("v2.0.0-testing")) << "its build never learnt its name";
  const auto collections = good(parse_collections(sample("2.1.0/collections.json")));
  ASSERT_THAT(collections, testing::SizeIs(1));
  EXPECT_EQ(collections[0].name, "book");
  EXPECT_EQ(collections[0].loaded_percentage, 100);
  const auto replicas = good(parse_replicas(sample("2.1.0/replicas.book.json")));
  ASSERT_THAT(replicas, testing::SizeIs(1));
  EXPECT_EQ(replicas[0].nodes, std::vector{nodes[0].id});
  EXPECT_EQ(replicas[0].resource_group, "") << "there are none yet";
  const auto segments = good(parse_segments(sample("2.1.0/query-segment-info.book.json")));
  ASSERT_THAT(segments, testing::SizeIs(2));
  for (const auto& segment : segments) {
    EXPECT_EQ(segment.nodes, std::vector{nodes[0].id}) << "nodeIds, as later; not nodeID";
    EXPECT_EQ(segment.rows, 5000);
    EXPECT_EQ(segment.state, SegmentState::sealed);
  }
  EXPECT_EQ(good(parse_row_bytes(sample("2.1.0/collection.book.json"))), 16 + 8 + 64 * 4);
  const auto refused = parse_status(sample("2.1.0/load-balance.no-such-segment.json"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::refused);
}

TEST(Trap08MemoryUsageIsTheMachines, On2216EveryNodeReportsTheWholeMachine) {
  const auto nodes = good(parse_nodes(sample("2.2.16/system-info.json")));
  for (const auto& node : nodes) {
    EXPECT_EQ(node.memory, 25276514304) << "the limit is the host's";
    EXPECT_GT(node.memory_used, 1'500'000'000) << "so no figure to balance by";
  }
  for (const auto& node : good(parse_nodes(sample("2.3.5/system-info.json")))) {
    EXPECT_LT(node.memory_used, 300'000'000) << "2.3 gives the process's own";
  }
}

TEST(QueryNodes, InErrorAreNamedWithTheirError) {
  const auto nodes = good(parse_nodes(
      R"({"response":"{\"nodes_info\":[{\"identifier\":7,\"infos\":{\"type\":\"querynode\",)"
      R"(\"has_error\":true,\"error_reason\":\"node offline\"}}]}"})"));
  ASSERT_THAT(ids(nodes), ElementsAre(7));
  EXPECT_TRUE(nodes[0].has_error);
  EXPECT_EQ(nodes[0].error, "node offline");
  EXPECT_EQ(nodes[0].memory, 0);
}

TEST(QueryNodes, OfAClusterWithoutAny) {
  EXPECT_THAT(good(parse_nodes(R"({"status":{},"response":"{\"nodes_info\":null}"})")), IsEmpty());
}

TEST(Collections, Of235And2216) {
  const auto collections = good(parse_collections(sample("2.3.5/collections.json")));
  ASSERT_EQ(collections.size(), 2U);
  EXPECT_EQ(collections[0].id, CollectionId{470641321825796126});
  EXPECT_EQ(collections[0].name, "book");
  EXPECT_EQ(collections[0].loaded_percentage, 100);
  EXPECT_EQ(collections[1].name, "film");
  EXPECT_THAT(ids(good(parse_collections(sample("2.2.16/collections.json")))),
              ElementsAre(470641382500597818, 470641382500798015));
}

TEST(Collections, OfAnEmptyCluster) {
  EXPECT_THAT(good(parse_collections(R"({"status":{}})")), IsEmpty());
  EXPECT_THAT(good(parse_collections("{}")), IsEmpty());
}

TEST(Trap15NotFullyLoaded, ACollectionSaysHowFarItIs) {
  const auto collections = good(parse_collections(
      R"({"status":{},"collection_names":["book","film"],"collection_ids":[1,2],)"
      R"("inMemory_percentages":[40,100],"query_service_available":[false,true]})"));
  ASSERT_EQ(collections.size(), 2U);
  EXPECT_EQ(collections[0].loaded_percentage, 40);
  EXPECT_EQ(collections[1].loaded_percentage, 100);
}

TEST(Trap15NotFullyLoaded, ItsRefusalIsRead) {
  const auto result = parse_status(
      R"({"error_code":1,"reason":"collection=7 is not fully loaded, can't do load balance"})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::refused);
  EXPECT_THAT(result.error().message, HasSubstr("is not fully loaded"));
}

TEST(Segments, Of235) {
  const auto segments = good(parse_segments(sample("2.3.5/query-segment-info.book.json")));
  ASSERT_EQ(segments.size(), 8U);
  EXPECT_EQ(segments[0].id, SegmentId{470641321826196209});
  EXPECT_EQ(segments[0].collection, CollectionId{470641321825796126});
  EXPECT_EQ(segments[0].partition, PartitionId{470641321825796127});
  EXPECT_EQ(segments[0].rows, 20000);
  EXPECT_EQ(segments[0].memory_size, 0) << "2.3 never says";
  EXPECT_EQ(segments[0].state, SegmentState::sealed);
  EXPECT_THAT(segments[0].nodes, ElementsAre(NodeId{5}));
  EXPECT_THAT(rows_by_node(segments),
              ElementsAre(std::pair{NodeId{1}, 40000}, std::pair{NodeId{3}, 40000},
                          std::pair{NodeId{4}, 40000}, std::pair{NodeId{5}, 40000}));
}

TEST(Segments, Of2216) {
  EXPECT_THAT(rows_by_node(good(parse_segments(sample("2.2.16/query-segment-info.book.json")))),
              ElementsAre(std::pair{NodeId{1}, 20000}, std::pair{NodeId{6}, 40000},
                          std::pair{NodeId{7}, 20000}));
  EXPECT_EQ(good(parse_segments(sample("2.2.16/query-segment-info.film.json"))).size(), 3U);
}

TEST(Segments, Of21NameOneNode) {
  const auto segments = good(
      parse_segments(R"({"infos":[{"segmentID":9,"collectionID":7,"partitionID":8,"mem_size":1000,)"
                     R"("num_rows":5,"index_name":"","nodeID":3,"state":3}]})"));
  ASSERT_EQ(segments.size(), 1U);
  EXPECT_THAT(segments[0].nodes, ElementsAre(NodeId{3}));
  EXPECT_EQ(segments[0].memory_size, 1000);
}

TEST(Segments, ListOfNodesWinsOverTheOldField) {
  const auto segments =
      good(parse_segments(R"({"infos":[{"segmentID":9,"nodeID":3,"nodeIds":[4]}]})"));
  EXPECT_THAT(segments[0].nodes, ElementsAre(NodeId{4}));
}

TEST(Segments, ZerosAreLeftOut) {
  const auto segments = good(parse_segments(R"({"infos":[{"segmentID":9}]})"));
  ASSERT_EQ(segments.size(), 1U);
  EXPECT_EQ(segments[0].rows, 0);
  EXPECT_EQ(segments[0].state, SegmentState::other);
  EXPECT_THAT(segments[0].nodes, IsEmpty());
  EXPECT_THAT(good(parse_segments(R"({"status":{}})")), IsEmpty());
  EXPECT_THAT(good(parse_segments(R"({"infos":null})")), IsEmpty());
}

TEST(Segments, OfDeletesAreLeftOut) {
  // As 2.4 and 2.5 list them: level 1, no rows.
  const auto segments = good(parse_segments(
      R"({"infos":[{"segmentID":9,"num_rows":5,"state":3,"nodeIds":[3],"level":2},)"
      R"({"segmentID":10,"state":3,"nodeIds":[3],"level":1},{"segmentID":11,"state":3}]})"));
  EXPECT_THAT(ids(segments), ElementsAre(9, 11)) << "without a level it is an older Milvus";
}

TEST(Segments, StatesAreToldApart) {
  const auto state = [](int number) {
    return good(parse_segments(R"({"infos":[{"segmentID":9,"state":)" + std::to_string(number) +
                               "}]}"))[0]
        .state;
  };
  EXPECT_EQ(state(2), SegmentState::growing);
  EXPECT_EQ(state(3), SegmentState::sealed);
  EXPECT_EQ(state(4), SegmentState::sealed);
  for (const int other : {0, 1, 5, 6, 7, 99}) EXPECT_EQ(state(other), SegmentState::other);
}

TEST(Trap03IdsDoNotFitADouble, IdsAreReadToTheLastDigit) {
  const auto segments = good(parse_segments(
      R"({"infos":[{"segmentID":470641044885740721},{"segmentID":"470641044885740723"},)"
      R"({"segmentID":9223372036854775807}]})"));
  EXPECT_THAT(ids(segments),
              ElementsAre(470641044885740721, 470641044885740723, 9223372036854775807));
}

TEST(Trap04NodeIdsMixTheReplicas, ASegmentNamesTheNodesOfAllReplicas) {
  const auto segments = good(parse_segments(sample("2.3.5/query-segment-info.film.json")));
  ASSERT_EQ(segments.size(), 6U);
  EXPECT_THAT(segments[0].nodes, ElementsAre(NodeId{1}, NodeId{4})) << "given as 4, 1";
  const auto replicas = good(parse_replicas(sample("2.3.5/replicas.470641321826196470.json")));
  ASSERT_EQ(replicas.size(), 2U);
  EXPECT_THAT(replicas[0].nodes, ElementsAre(NodeId{4}, NodeId{5}));
  EXPECT_THAT(replicas[1].nodes, ElementsAre(NodeId{1}, NodeId{3}));
}

TEST(Replicas, Of235And2216) {
  const auto replicas = good(parse_replicas(sample("2.3.5/replicas.470641321825796126.json")));
  ASSERT_EQ(replicas.size(), 1U);
  EXPECT_EQ(replicas[0].id, ReplicaId{470641322623762433});
  EXPECT_EQ(replicas[0].collection, CollectionId{470641321825796126});
  EXPECT_EQ(replicas[0].resource_group, "__default_resource_group");
  EXPECT_THAT(replicas[0].nodes, ElementsAre(NodeId{1}, NodeId{3}, NodeId{4}, NodeId{5}));
  for (const char* name : {"470641382500597818", "470641382500798015"}) {
    const auto old = good(parse_replicas(sample("2.2.16/replicas." + std::string(name) + ".json")));
    ASSERT_EQ(old.size(), 1U);
    EXPECT_THAT(old[0].nodes, ElementsAre(NodeId{1}, NodeId{6}, NodeId{7}));
  }
}

TEST(Replicas, NodesGivenTwiceCountOnce) {
  const auto replicas =
      good(parse_replicas(R"({"replicas":[{"replicaID":1,"node_ids":[6,1,6]}]})"));
  EXPECT_THAT(replicas[0].nodes, ElementsAre(NodeId{1}, NodeId{6}));
}

TEST(Replicas, NameTheLeadersOfTheirShards) {
  const auto replicas = good(parse_replicas(
      R"({"replicas":[{"replicaID":1,"shard_replicas":[{"leaderID":9},{"leaderID":2},)"
      R"({"leaderID":9},{"dm_channel_name":"without"}],"node_ids":[3,9,2]}]})"));
  EXPECT_THAT(replicas[0].leaders, ElementsAre(NodeId{2}, NodeId{9}));
  EXPECT_THAT(good(parse_replicas(R"({"replicas":[{"replicaID":1}]})"))[0].leaders, IsEmpty());
}

TEST(Trap22NodesOfAnotherGroup, AReplicaSaysHowManyAreLeaving) {
  const auto replicas = good(parse_replicas(
      R"({"replicas":[{"replicaID":1,"num_outbound_node":{"rg2":1,"rg3":2}},{"replicaID":2}]})"));
  EXPECT_EQ(replicas[0].outbound, 3);
  EXPECT_EQ(replicas[1].outbound, 0);
}

TEST(Status, SuccessIsEmpty) {
  EXPECT_TRUE(parse_status(sample("2.2.16/load-balance.reply.json")));
  EXPECT_TRUE(parse_status(R"({"status":{}})"));
  EXPECT_TRUE(parse_status(R"({"error_code":0,"reason":"","code":0})"));
}

struct ErrorCase {
  const char* name;
  const char* text;
  FailureKind kind;
};

class ErrorWithin200 : public testing::TestWithParam<ErrorCase> {};

// Every parser finds it: a 200 carries failures (trap 2).
TEST_P(ErrorWithin200, IsAFailure) {
  const auto& text = GetParam().text;
  const auto expect_failure = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, GetParam().kind) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr("Milvus answered error"));
  };
  expect_failure(parse_status(text));
  expect_failure(parse_segments(text));
  expect_failure(parse_replicas(text));
  expect_failure(parse_collections(text));
  expect_failure(parse_nodes(text));
  expect_failure(parse_row_bytes(text));
}

INSTANTIATE_TEST_SUITE_P(
    Trap02Http200CarriesFailures, ErrorWithin200,
    testing::Values(
        ErrorCase{"AtTheTop", R"({"error_code":1,"reason":"not healthy"})", FailureKind::refused},
        ErrorCase{"WithinStatus", R"({"status":{"error_code":1,"reason":"not healthy"}})",
                  FailureKind::refused},
        ErrorCase{"CodeAlone", R"({"status":{"code":901,"reason":"node not found"}})",
                  FailureKind::refused},
        ErrorCase{"OtherReplica",
                  R"({"error_code":1,"reason":"destination node not found in the same replica",)"
                  R"("code":901,"detail":"destination node not found in the same replica"})",
                  FailureKind::refused},
        ErrorCase{"NoShardLeader",
                  R"({"status":{"error_code":1,"reason":"failed to get shard leader of collection )"
                  R"(470641321825796126: channel not available","code":503}})",
                  FailureKind::refused},
        ErrorCase{"DroppedOn235",
                  R"({"status":{"error_code":4,"reason":"collection not found[database=default])"
                  R"([collection=nope]","code":100}})",
                  FailureKind::not_found},
        ErrorCase{"DroppedSchemaOn235",
                  R"({"status":{"error_code":1,"reason":"can't find collection collection not )"
                  R"(found[database=default][collection=nope]","code":100},"schema":{}})",
                  FailureKind::not_found},
        ErrorCase{"DroppedReplicasOn235",
                  R"({"status":{"error_code":15,"reason":"failed to get replicas by collection: )"
                  R"(replica not found[replica=470654385795000000]","code":400}})",
                  FailureKind::not_found},
        ErrorCase{"DroppedWithoutWords", R"({"status":{"error_code":4}})", FailureKind::not_found},
        ErrorCase{"DroppedOn22",
                  R"({"status":{"error_code":1,"reason":"can't find collection: nope"}})",
                  FailureKind::not_found}),
    [](const auto& test) { return test.param.name; });

TEST(Trap02Http200CarriesFailures, OfARealServer) {
  const auto result = parse_segments(sample("2.3.5/error.unknown-collection.json"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::not_found);
  EXPECT_EQ(result.error().message,
            "Milvus answered error 4 (code 100): collection not "
            "found[database=default][collection=nope]; the collection was dropped or renamed, or "
            "it is in another database");
  EXPECT_EQ(result.error().code, kCodeCollectionNotFound);
}

}  // namespace
}  // namespace evenkeel::milvus::answers_test
