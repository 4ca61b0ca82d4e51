// Messages over gRPC: the same values as over HTTP, and what is no message.
#include "agent/milvus/grpc_messages.hpp"

#include <gtest/gtest.h>

#include "agent/milvus/answers.hpp"
#include "agent/milvus/grpc_status.hpp"
#include "tests/milvus/grpc_samples.hpp"

namespace evenkeel::milvus::grpc_messages_test {
namespace {

using namespace grpc_message;
using rules::NodeId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename T>
Failure failure_in(const Result<T>& result) {
  if (!result) return result.error();
  ADD_FAILURE() << "was read";
  return {};
}

class SameOverBoth : public testing::TestWithParam<const char*> {
 protected:
  static std::string of(const char* file) { return sample(std::string(GetParam()) + "/" + file); }
};

TEST_P(SameOverBoth, Segments) {
  const auto text = of("query-segment-info.book.json");
  const auto http = good(parse_segments(text));
  const auto grpc = good(read_segments(segments_over_grpc(text)));
  ASSERT_FALSE(http.empty());
  ASSERT_EQ(grpc.size(), http.size());
  for (std::size_t i = 0; i < http.size(); ++i) {
    EXPECT_EQ(grpc[i].id, http[i].id);
    EXPECT_EQ(grpc[i].collection, http[i].collection);
    EXPECT_EQ(grpc[i].partition, http[i].partition);
    EXPECT_EQ(grpc[i].rows, http[i].rows);
    EXPECT_EQ(grpc[i].memory_size, http[i].memory_size);
    EXPECT_EQ(grpc[i].state, http[i].state);
    EXPECT_EQ(grpc[i].nodes, http[i].nodes);
  }
}

TEST_P(SameOverBoth, Collections) {
  const auto text = of("collections.json");
  const auto http = good(parse_collections(text));
  const auto grpc = good(read_collections(collections_over_grpc(text)));
  ASSERT_EQ(grpc.size(), http.size());
  for (std::size_t i = 0; i < http.size(); ++i) {
    EXPECT_EQ(grpc[i].id, http[i].id);
    EXPECT_EQ(grpc[i].name, http[i].name);
    EXPECT_EQ(grpc[i].loaded_percentage, http[i].loaded_percentage);
  }
}

TEST_P(SameOverBoth, SystemInfo) {
  const auto text = of("system-info.json");
  const auto http = good(parse_system_info(text));
  const auto grpc = good(read_system_info(system_info_over_grpc(text)));
  ASSERT_FALSE(http.nodes.empty());
  EXPECT_EQ(grpc.version, http.version);
  ASSERT_EQ(grpc.nodes.size(), http.nodes.size());
  for (std::size_t i = 0; i < http.nodes.size(); ++i) {
    EXPECT_EQ(grpc.nodes[i].id, http.nodes[i].id);
    EXPECT_EQ(grpc.nodes[i].memory, http.nodes[i].memory);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, SameOverBoth, testing::Values("2.1.0", "2.2.16", "2.3.5"),
                         [](const auto& test) {
                           std::string name = "v";
                           for (const char c : std::string(test.param)) name += c == '.' ? '_' : c;
                           return name;
                         });

TEST(GrpcMessages, ReplicasAreTheSameOverBoth) {
  const auto text = sample("2.3.5/replicas.470641321825796126.json");
  const auto http = good(parse_replicas(text));
  const auto grpc = good(read_replicas(replicas_over_grpc(text)));
  ASSERT_EQ(grpc.size(), 1U);
  EXPECT_EQ(grpc[0].id, http[0].id);
  EXPECT_EQ(grpc[0].collection, http[0].collection);
  EXPECT_EQ(grpc[0].nodes, http[0].nodes);
  EXPECT_EQ(grpc[0].leaders, http[0].leaders);
  EXPECT_EQ(grpc[0].resource_group, http[0].resource_group);
}

TEST(GrpcMessages, ARowHasTheSameBytesOverBoth) {
  const auto text = sample("2.1.0/collection.book.json");
  EXPECT_EQ(good(read_row_bytes(schema_over_grpc(text))), good(parse_row_bytes(text)));
}

TEST(GrpcMessages, AnErrorIsTheSameOverBoth) {
  const auto text = sample("2.3.5/error.unknown-collection.json");
  const auto http = failure_in(parse_segments(text));
  const auto grpc = failure_in(read_segments(segments_over_grpc(
      text.find("\"status\"") == std::string::npos ? R"({"status":)" + text + "}" : text)));
  EXPECT_EQ(grpc.kind, http.kind);
  EXPECT_EQ(grpc.code, http.code);
  EXPECT_EQ(grpc.message, http.message);
}

TEST(GrpcMessages, LeadersAndLeaversOfAReplica) {
  pb::GetReplicasResponse message;
  auto& replica = *message.add_replicas();
  replica.set_replicaid(7);
  for (const int leader : {4, 0, 2, 4}) replica.add_shard_replicas()->set_leaderid(leader);
  for (const int node : {4, 1, 4}) replica.add_node_ids(node);
  (*replica.mutable_num_outbound_node())["other"] = 2;
  (*replica.mutable_num_outbound_node())["third"] = 1;
  const auto read = good(read_replicas(message.SerializeAsString()));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_THAT(read[0].leaders, ElementsAre(NodeId{2}, NodeId{4}));
  EXPECT_THAT(read[0].nodes, ElementsAre(NodeId{1}, NodeId{4}));
  EXPECT_EQ(read[0].outbound, 3);
}

TEST(GrpcMessages, SegmentsOfDeletesAreLeftOut) {
  pb::GetQuerySegmentInfoResponse message;
  message.add_infos()->set_segmentid(1);
  auto& deletes = *message.add_infos();
  deletes.set_segmentid(2);
  deletes.set_level(::milvus::proto::common::L0);
  EXPECT_EQ(good(read_segments(message.SerializeAsString())).size(), 1U);
}

TEST(GrpcMessages, ElementsWithoutAnIdAreMalformed) {
  pb::GetQuerySegmentInfoResponse segments;
  segments.add_infos();
  EXPECT_THAT(failure_in(read_segments(segments.SerializeAsString())).message,
              HasSubstr("no segmentID"));
  pb::GetReplicasResponse replicas;
  replicas.add_replicas();
  EXPECT_THAT(failure_in(read_replicas(replicas.SerializeAsString())).message,
              HasSubstr("no replicaID"));
}

TEST(GrpcMessages, BytesOfSomethingElseAreMalformed) {
  for (const std::string& bytes : {std::string("\x0a\x05"
                                               "ab",
                                               4),
                                   std::string("\xff\xff\xff", 3), std::string("{\"a\":1}")}) {
    EXPECT_EQ(failure_in(read_segments(bytes)).kind, FailureKind::malformed) << bytes;
    EXPECT_EQ(failure_in(read_replicas(bytes)).kind, FailureKind::malformed) << bytes;
    EXPECT_EQ(failure_in(read_collections(bytes)).kind, FailureKind::malformed) << bytes;
    EXPECT_EQ(failure_in(read_system_info(bytes)).kind, FailureKind::malformed) << bytes;
    EXPECT_EQ(failure_in(read_status(bytes)).kind, FailureKind::malformed) << bytes;
  }
}

TEST(GrpcMessages, AnAnswerCutShortIsMalformed) {
  const auto whole = segments_over_grpc(sample("2.3.5/query-segment-info.book.json"));
  EXPECT_EQ(failure_in(read_segments(whole.substr(0, whole.size() - 1))).kind,
            FailureKind::malformed);
}

TEST(GrpcMessages, EmptyElementsDoNotFillTheMemory) {
  std::string bytes;
  for (std::size_t i = 0; i < 8'000'000; ++i) bytes += std::string_view("\x12\x02\x08\x01", 4);
  EXPECT_THAT(failure_in(read_segments(bytes)).message, HasSubstr("max_answer"));
  std::string names;
  for (std::size_t i = 0; i <= kMostCollections; ++i) names += std::string_view("\x12\x00", 2);
  EXPECT_THAT(failure_in(read_collections(names)).message, HasSubstr("more collections than"));
}

TEST(GrpcMessages, CollectionsNeedAsManyNamesAsIds) {
  pb::ShowCollectionsResponse message;
  message.add_collection_names("book");
  EXPECT_THAT(failure_in(read_collections(message.SerializeAsString())).message,
              HasSubstr("of 1, 0 and 0 elements"));
}

TEST(GrpcMessages, ANameThatIsNoTextDoesNoHarm) {
  pb::GetQuerySegmentInfoRequest request;
  EXPECT_TRUE(request.ParseFromString(segments({.name = "b\xff"})));
  EXPECT_EQ(request.collectionname(), "b\xef\xbf\xbd");
}

TEST(GrpcMessages, AGroupWhoseNodesAreNotNamedIsUnsupported) {
  pb::DescribeResourceGroupResponse message;
  message.mutable_resource_group()->set_name("rg");
  EXPECT_THAT(good(read_resource_group(message.SerializeAsString())).nodes, IsEmpty());
  message.mutable_resource_group()->set_num_available_node(2);
  EXPECT_EQ(failure_in(read_resource_group(message.SerializeAsString())).kind,
            FailureKind::unsupported);
}

struct Said {
  int code;
  const char* words;
  FailureKind kind;
  const char* message;
};

TEST(GrpcStatusWords, EachStatusSaysWhatItMeans) {
  using namespace grpc_code;
  const Said kSaid[] = {
      {kPermissionDenied, "PrivilegeLoadBalance: permission deny to eve in the `default` database",
       FailureKind::login, "its role needs the privilege LoadBalance"},
      {kUnauthenticated, "auth check failure, please check username and password are correct",
       FailureKind::login, "the login is missing or wrong"},
      {kUnknown, "auth check failure, please check username and password are correct",
       FailureKind::login, "auth check failure"},
      {kUnknown, "can't find collection: book", FailureKind::not_found, "find collection"},
      {kUnimplemented, "unknown method ListDatabases", FailureKind::unsupported,
       "does not have this call"},
      {kResourceExhausted, "Received message larger than max (70 vs. 64)", FailureKind::transport,
       "[milvus] max_answer"},
      {kResourceExhausted, "rate limit exceeded", FailureKind::refused, "too much to do"},
      {kUnavailable,
       "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Socket closed",
       FailureKind::transport, "asked as grpcs://"},
      {kUnavailable, "Socket closed", FailureKind::transport, "the connection broke"},
      {kUnavailable,
       "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Endpoint read "
       "failed",
       FailureKind::transport, "needs [milvus] cert_file"},
      {kUnavailable, "tcp handshaker shutdown", FailureKind::transport, "is Milvus up"},
      {kUnavailable, "Ssl handshake failed: SSL_ERROR_SSL", FailureKind::transport, "ca_file"},
      {kUnavailable, "Trying to connect an http1.x server", FailureKind::transport, "port of HTTP"},
      {kInternal, "Received RST_STREAM with error code 2", FailureKind::transport, "broke off"},
      {3, "wrong", FailureKind::refused, "gRPC status 3: wrong"},
  };
  for (const auto& said : kSaid) {
    const auto failure = failure_of({said.code, said.words});
    EXPECT_EQ(failure.kind, said.kind) << said.words;
    EXPECT_THAT(failure.message, HasSubstr(said.message));
  }
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_messages_test
