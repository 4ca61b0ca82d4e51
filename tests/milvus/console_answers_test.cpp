// The lists of the console beyond what the samples of 2.6.19 show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/answers.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::console_answers_test {
namespace {

using rules::NodeId;
using rules::SegmentId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename T>
Failure failure(const Result<T>& result) {
  if (!result) return result.error();
  ADD_FAILURE() << "was taken";
  return {};
}

TEST(SegmentSizes, CountTheColumnsAndTheIndexesThatAreLoaded) {
  const auto sizes = good(parse_segment_sizes(
      R"([{"segment_id":"470781385398490130","collection_id":7,"node_id":5,"state":"Sealed",)"
      R"("loaded_insert_row_count":"40","mem_size":"1000","index_fields":[)"
      R"({"index_size":"200","is_loaded":"true"},{"index_size":30,"is_loaded":true},)"
      R"({"index_size":"4000","is_loaded":"false"},{"index_size":"5000"},{"is_loaded":"true"}]}])"));
  ASSERT_EQ(sizes.size(), 1U);
  EXPECT_EQ(sizes[0].segment, SegmentId{470781385398490130});
  EXPECT_EQ(sizes[0].collection, rules::CollectionId{7});
  EXPECT_EQ(sizes[0].node, NodeId{5});
  EXPECT_EQ(sizes[0].rows, 40);
  EXPECT_EQ(sizes[0].bytes, 1230);
  EXPECT_TRUE(sizes[0].sealed);
}

TEST(SegmentSizes, TellGrowingSegmentsApart) {
  const auto sizes =
      good(parse_segment_sizes(R"([{"segment_id":1,"node_id":2,"state":"Growing"}])"));
  EXPECT_FALSE(sizes[0].sealed);
  EXPECT_EQ(sizes[0].bytes, 0);
}

TEST(SegmentSizes, ThatAreAbsurdDoNotOverflow) {
  const auto sizes = good(parse_segment_sizes(
      R"([{"segment_id":1,"node_id":2,"mem_size":9223372036854775807,"index_fields":[)"
      R"({"index_size":9223372036854775807,"is_loaded":true}]}])"));
  EXPECT_EQ(sizes[0].bytes, rules::Bytes{1} << 50);
}

TEST(ReplicaRoles, TellWhoIsLeavingAndWhoseChannelItIs) {
  const auto replicas = good(
      parse_replica_roles(R"([{"ID":"12","collectionID":"7","rw_nodes":[5,3,4],"ro_nodes":[4],)"
                          R"("channel_to_rw_nodes":{"dml_1":[5],"dml_0":{"rw_nodes":[3,3]}}}])"));
  ASSERT_EQ(replicas.size(), 1U);
  EXPECT_EQ(replicas[0].id, rules::ReplicaId{12});
  EXPECT_THAT(replicas[0].nodes, ElementsAre(NodeId{3}, NodeId{4}, NodeId{5}));
  EXPECT_THAT(replicas[0].read_only, ElementsAre(NodeId{4}));
  ASSERT_EQ(replicas[0].channels.size(), 2U);
  EXPECT_EQ(replicas[0].channels[0].channel, "dml_0");
  EXPECT_THAT(replicas[0].channels[0].nodes, ElementsAre(NodeId{3}));
  EXPECT_EQ(replicas[0].channels[1].channel, "dml_1");
  EXPECT_THAT(replicas[0].channels[1].nodes, ElementsAre(NodeId{5}));
}

TEST(ReplicaRoles, HaveTheReadOnlyNodesAmongAll) {
  const auto replicas = good(parse_replica_roles(R"([{"ID":12,"rw_nodes":[5,3],"ro_nodes":[4]}])"));
  EXPECT_THAT(replicas[0].nodes, ElementsAre(NodeId{3}, NodeId{4}, NodeId{5}));
}

TEST(ResourceGroups, WithoutANameAreNone) {
  EXPECT_EQ(failure(parse_resource_groups(R"([{"nodes":[1]}])")).message,
            "[0].name: expected the name of a resource group, got nothing");
  EXPECT_THAT(good(parse_resource_groups(R"([{"name":"rg1"}])"))[0].nodes, IsEmpty());
}

TEST(Databases, AreSortedAndNeverNone) {
  EXPECT_THAT(good(parse_rest_databases(R"({"code":0,"data":["shop","default"]})")).names,
              ElementsAre("default", "shop"));
  EXPECT_EQ(failure(parse_databases("{}")).kind, FailureKind::malformed);
  EXPECT_THAT(failure(parse_databases(R"({"db_names":[]})")).message,
              HasSubstr("db_names: expected at least one database"));
  EXPECT_EQ(failure(parse_rest_databases(R"({"code":1800,"message":"who?"})")).kind,
            FailureKind::login);
}

TEST(Balancer, IsSuspendedOnlyWhereThatIsSaid) {
  EXPECT_TRUE(good(parse_balancer_active(R"({"msg": "OK", "status": "active"})")));
  EXPECT_FALSE(good(parse_balancer_active(R"({"msg": "OK", "status": "suspended"})")));
  EXPECT_EQ(failure(parse_balancer_active(R"({"msg":"failed to get balance status"})")).message,
            "Milvus answered: failed to get balance status");
  for (const char* text : {"{}", "[]", R"({"msg": failed)", R"({"msg":"OK","status":"stopped"})",
                           R"({"status":{}})", R"({"status":7})"}) {
    EXPECT_EQ(failure(parse_balancer_active(text)).kind, FailureKind::malformed) << text;
  }
}

TEST(Management, SaysThatItWasDoneOrWhyNot) {
  EXPECT_TRUE(parse_management(R"({"msg": "OK"})"));
  EXPECT_EQ(failure(parse_management(R"({"msg":"failed to suspend balance, service not ready"})"))
                .message,
            "Milvus answered: failed to suspend balance, service not ready");
  for (const char* text : {"{}", "[]", R"({"msg": failed)", R"({"msg":7})"}) {
    EXPECT_EQ(failure(parse_management(text)).kind, FailureKind::malformed) << text;
  }
}

TEST(ConsoleLists, NullIsAnEmptyOne) {
  EXPECT_THAT(good(parse_segment_sizes("null")), IsEmpty());
  EXPECT_THAT(good(parse_replica_roles("null")), IsEmpty());
  EXPECT_THAT(good(parse_resource_groups("null")), IsEmpty());
  EXPECT_THAT(good(parse_segment_channels("null")), IsEmpty());
  EXPECT_THAT(good(parse_segment_sizes("[]")), IsEmpty());
}

// What a node that does not answer comes to, and a missing login.
TEST(ConsoleLists, AnObjectIsARefusalWithItsWords) {
  const char* down = R"({"message":"node 3 is offline"})";
  const auto expect_refusal = [](const Failure& failed) {
    EXPECT_EQ(failed.kind, FailureKind::refused);
    EXPECT_EQ(failed.message, "Milvus answered: node 3 is offline");
  };
  expect_refusal(failure(parse_segment_sizes(down)));
  expect_refusal(failure(parse_replica_roles(down)));
  expect_refusal(failure(parse_resource_groups(down)));
  expect_refusal(failure(parse_segment_channels(down)));
  expect_refusal(parse_refusal(down));
  EXPECT_EQ(failure(parse_segment_sizes(R"({"code":1800,"message":"who?"})")).kind,
            FailureKind::login);
}

TEST(ConsoleLists, AnythingElseIsMalformed) {
  for (const char* text : {"", "{}", "7", R"("ok")", R"({"message":7})", "[7]", "[{}]", "[[]]",
                           R"([{"segment_id":"x","ID":"x","name":7,"node_id":1}])", "[{\"ID\":1",
                           R"([{"x":1e999}])"}) {
    EXPECT_EQ(failure(parse_segment_sizes(text)).kind, FailureKind::malformed) << text;
    EXPECT_EQ(failure(parse_replica_roles(text)).kind, FailureKind::malformed) << text;
    EXPECT_EQ(failure(parse_resource_groups(text)).kind, FailureKind::malformed) << text;
    EXPECT_EQ(failure(parse_segment_channels(text)).kind, FailureKind::malformed) << text;
  }
  EXPECT_EQ(parse_refusal("<html>").kind, FailureKind::malformed);
  EXPECT_EQ(parse_refusal("{}").kind, FailureKind::malformed);
  EXPECT_EQ(failure(parse_databases(R"({"x":1e999})")).kind, FailureKind::malformed);
  EXPECT_EQ(failure(parse_rest_databases(R"({"x":1e999})")).kind, FailureKind::malformed);
  EXPECT_EQ(failure(parse_balancer_active(R"({"x":1e999})")).kind, FailureKind::malformed);
}

}  // namespace
}  // namespace evenkeel::milvus::console_answers_test
