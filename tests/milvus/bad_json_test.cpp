// Answers that are cut, nested, of wrong types, beyond 64 bits, or no JSON at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/answers.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::bad_json_test {
namespace {

Result<std::vector<QueryNode>> parse_nodes(std::string_view text) {
  return parse_system_info(text).map([](const SystemInfo& system) { return system.nodes; });
}

using testing::AllOf;
using testing::HasSubstr;

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string malformed_message(const auto& result) {
  if (result) return "(was taken)";
  EXPECT_EQ(result.error().kind, FailureKind::malformed) << result.error().message;
  return result.error().message;
}

TEST(BadJson, CutAnywhereIsMalformed) {
  for (const char* name : {"2.3.5/collections.json", "2.3.5/replicas.470641321826196470.json"}) {
    const auto whole = sample(name);
    const auto end = whole.find_last_of('}');
    for (std::size_t length = 0; length <= end; ++length) {
      const auto cut = std::string_view(whole).substr(0, length);
      EXPECT_THAT(malformed_message(parse_collections(cut)), HasSubstr("not JSON, or cut short"));
    }
  }
}

TEST(BadJson, CutWithinTheInnerText) {
  const auto result = parse_nodes(R"({"status":{},"response":"{\"nodes_info\":[{\"ident"})");
  EXPECT_THAT(malformed_message(result), HasSubstr("in its field 'response': not JSON, or cut"));
}

TEST(BadJson, NestedTooDeepIsNotEvenRead) {
  for (const int depth : {65, 10'000, 1'000'000}) {
    EXPECT_THAT(malformed_message(parse_segments(R"({"infos":)" + nested(depth) + "}")),
                HasSubstr("nested deeper than 64 levels"));
    EXPECT_THAT(malformed_message(parse_nodes(R"({"response":")" + nested(depth) + R"("})")),
                HasSubstr("nested deeper than 64 levels"));
    std::string objects;
    for (int i = 0; i < depth; ++i) objects += R"({"a":)";
    EXPECT_THAT(malformed_message(parse_status(objects)), HasSubstr("nested"));
  }
}

TEST(BadJson, BracketsInTextsAreNoNesting) {
  const auto result = parse_status(R"({"reason":"\")" + std::string(100, '[') + R"(\\","ok":[]})");
  EXPECT_TRUE(result) << result.error().message;
}

TEST(BadJson, NestingOfNoConcernIsTaken) {
  EXPECT_TRUE(parse_segments(R"({"later":)" + nested(60) + "}"));
}

TEST(BadJson, PageOfAnotherServer) {
  EXPECT_THAT(malformed_message(parse_segments("<!DOCTYPE html>\n<html><body>Welcome to nginx")),
              HasSubstr("it begins with: <!DOCTYPE html> <html><body>Welcome to nginx"));
}

TEST(BadJson, NothingAtAll) {
  EXPECT_THAT(malformed_message(parse_segments("")), HasSubstr("at byte 0 of 0"));
}

TEST(BadJson, TextsThatAreNotUtf8) {
  EXPECT_THAT(malformed_message(parse_collections("{\"collection_names\":[\"\xFF\"]}")),
              HasSubstr("not JSON"));
}

TEST(BadJson, NumberThatNoDoubleHolds) {
  for (const char* text : {R"({"x":1e999})", R"({"x":[-1e400]})"}) {
    const std::string said = "a number that no double holds";
    EXPECT_THAT(malformed_message(parse_status(text)), HasSubstr(said));
    EXPECT_THAT(malformed_message(parse_collections(text)), HasSubstr(said));
    EXPECT_THAT(malformed_message(parse_replicas(text)), HasSubstr(said));
    EXPECT_THAT(malformed_message(parse_segments(text)), HasSubstr(said));
    EXPECT_THAT(malformed_message(parse_row_bytes(text)), HasSubstr(said));
    EXPECT_THAT(malformed_message(parse_nodes(text)), HasSubstr(said));
  }
  EXPECT_THAT(malformed_message(parse_nodes(R"({"response":"{\"x\":1e999}"})")),
              HasSubstr("in its field 'response': a number that no double holds"));
}

TEST(BadJson, MessageStaysShort) {
  EXPECT_LT(malformed_message(parse_status(std::string(1 << 20, 'x'))).size(), 300U);
  const auto result =
      parse_status(R"({"error_code":1,"reason":")" + std::string(1 << 20, 'x') + "\"}");
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message.size(), 600U);
}

struct WrongCase {
  const char* name;
  const char* text;
  const char* said;
};

class WrongSegments : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongSegments, SayWhereAndWhat) {
  EXPECT_EQ(malformed_message(parse_segments(GetParam().text)), GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    Types, WrongSegments,
    testing::Values(
        WrongCase{"TopIsAList", "[]", "the answer: expected an object, got a list"},
        WrongCase{"TopIsNothing", "null", "the answer: expected an object, got nothing"},
        WrongCase{"StatusIsAText", R"({"status":"ok"})",
                  "status: expected an object, got a string"},
        WrongCase{"ListIsAnObject", R"({"infos":{}})", "infos: expected a list, got an object"},
        WrongCase{"ElementIsANumber", R"({"infos":[3]})",
                  "infos[0]: expected an object, got an integer"},
        WrongCase{"IdIsMissing", R"({"infos":[{"segmentID":1},{}]})",
                  "infos[1].segmentID: expected an integer, got nothing"},
        WrongCase{"IdIsAWord", R"({"infos":[{"segmentID":"book"}]})",
                  "infos[0].segmentID: expected an integer, got a string"},
        WrongCase{"IdIsHalfANumber", R"({"infos":[{"segmentID":"12x"}]})",
                  "infos[0].segmentID: expected an integer, got a string"},
        WrongCase{"IdIsABoolean", R"({"infos":[{"segmentID":true}]})",
                  "infos[0].segmentID: expected an integer, got a boolean"},
        WrongCase{"NodesIsANumber", R"({"infos":[{"segmentID":1,"nodeIds":3}]})",
                  "infos[0].nodeIds: expected a list, got an integer"},
        WrongCase{"NodeIsNothing", R"({"infos":[{"segmentID":1,"nodeIds":[null]}]})",
                  "infos[0].nodeIds[0]: expected an integer, got nothing"},
        WrongCase{"NodeIsAFraction", R"({"infos":[{"segmentID":1,"nodeIds":[1,2.5]}]})",
                  "infos[0].nodeIds[1]: expected an integer, got a number with a fraction or "
                  "beyond 64 bits"},
        WrongCase{"NodeIsBeyondInt64",
                  R"({"infos":[{"segmentID":1,"nodeIds":[9223372036854775808]}]})",
                  "infos[0].nodeIds[0]: 9223372036854775808 is beyond a 64-bit integer"},
        WrongCase{"RowsBelowZero", R"({"infos":[{"segmentID":1,"num_rows":-5}]})",
                  "infos[0].num_rows: -5 is below zero"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    BeyondInt64, WrongSegments,
    testing::Values(
        WrongCase{"Unsigned", R"({"infos":[{"segmentID":9223372036854775808}]})",
                  "infos[0].segmentID: 9223372036854775808 is beyond a 64-bit integer"},
        WrongCase{"FarBeyond", R"({"infos":[{"segmentID":99999999999999999999999}]})",
                  "infos[0].segmentID: expected an integer, got a number with a fraction or "
                  "beyond 64 bits"},
        WrongCase{"Fraction", R"({"infos":[{"segmentID":1.5}]})",
                  "infos[0].segmentID: expected an integer, got a number with a fraction or "
                  "beyond 64 bits"},
        WrongCase{"InAText", R"({"infos":[{"segmentID":"9223372036854775808"}]})",
                  "infos[0].segmentID: '9223372036854775808' is beyond a 64-bit integer"}),
    [](const auto& test) { return test.param.name; });

TEST(BadJson, IdsOfNodesMayBeTexts) {
  const auto segments = parse_segments(R"({"infos":[{"segmentID":1,"nodeIds":["7",3,-2]}]})");
  ASSERT_TRUE(segments);
  EXPECT_THAT((*segments)[0].nodes,
              testing::ElementsAre(rules::NodeId{-2}, rules::NodeId{3}, rules::NodeId{7}));
}

TEST(BadJson, MoreValuesThanBytesAreWorth) {
  std::string many;
  for (int i = 0; i < 1 << 20; ++i) many += "{},";
  const std::string said = "too many values for its";
  for (const auto& text : {R"({"status":{},"x":[)" + many + "0]}",
                           R"({"status":{},"infos":[{"x":[)" + many + "0]}]}"}) {
    const auto message = malformed_message(parse_segments(text));
    EXPECT_THAT(message, HasSubstr(said));
    EXPECT_THAT(message, HasSubstr("[milvus] max_answer"));
  }
  EXPECT_EQ(malformed_message(parse_segments(R"({"infos":[)" + many + "0]}")),
            "infos[0].segmentID: expected an integer, got nothing");
  std::string ids = "[";
  for (int i = 0; i < 1 << 17; ++i) {
    ids += R"({"segment_id":"470641344885740721","channel":"by-dev-rootcoord-dml_3_1v0"},)";
  }
  EXPECT_TRUE(parse_segment_channels(ids + R"({"segment_id":1}])"));
  std::string short_ids = R"({"infos":[)";
  for (int i = 0; i < 1 << 19; ++i) short_ids += R"({"segmentID":1},)";
  EXPECT_THAT(malformed_message(parse_segments(short_ids + R"({"segmentID":1}]})")),
              HasSubstr(said));
}

TEST(BadJson, WhatIsKeptOfReplicasIsCountedWithTheirNodes) {
  const auto replicas = [](int step) {
    std::string replica = R"({"replicaID":1,"node_ids":[9)";
    for (int i = 0; i < 90; ++i) replica += "," + std::to_string(10 + i * step);
    replica += "]}";
    std::string text = R"({"replicas":[)" + replica;
    for (int i = 0; i < 40'000; ++i) text += "," + replica;
    return text + "]}";
  };
  EXPECT_THAT(malformed_message(parse_replicas(replicas(1))), HasSubstr("too many values"));
  EXPECT_TRUE(parse_replicas(replicas(0))) << "two nodes, named often";
}

TEST(BadJson, MoreCollectionsThanAnyMilvusHolds) {
  const auto listing = [](std::size_t count) {
    std::string names;
    std::string ids;
    for (std::size_t i = 0; i < count; ++i) {
      names += names.empty() ? "\"some_collection_with_a_name_of_some_length\""
                             : ",\"some_collection_with_a_name_of_some_length\"";
      ids += (ids.empty() ? "" : ",") + std::to_string(470641382500597800 + i);
    }
    return R"({"collection_names":[)" + names + R"(],"collection_ids":[)" + ids + "]}";
  };
  const auto most = parse_collections(listing(kMostCollections));
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->size(), kMostCollections);
  EXPECT_THAT(malformed_message(parse_collections(listing(kMostCollections + 1))),
              AllOf(HasSubstr("262145 collections"), HasSubstr("262144")));
}

// The answer and the text in it are both there while that is read.
TEST(BadJson, AFieldFullOfValues) {
  std::string field = R"({\"x\":[)";
  const std::string word(60, 'x');
  for (int i = 0; i < 300'000; ++i) field += R"(\")" + word + R"(\",)";
  EXPECT_THAT(malformed_message(parse_system_info(R"({"response":")" + field + R"(0]}"})")),
              HasSubstr("in its field 'response': too many values"));
}

TEST(BadJson, AnErrorComesBeforeWhatMakesNoSenseInAList) {
  const auto result = parse_segments(R"({"infos":[{}],"status":{"error_code":1,"reason":"gone"}})");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("Milvus answered error 1: gone"));
}

TEST(BadJson, WhatNobodyReadsMayBeBeyondInt64) {
  // A real system_info has it: "MinFlowGraphTt":18446744073709551615.
  ASSERT_THAT(sample("2.3.5/system-info.json"), HasSubstr("18446744073709551615"));
  EXPECT_TRUE(parse_nodes(sample("2.3.5/system-info.json")));
}

TEST(BadJson, WrongTypesInTheOtherAnswers) {
  EXPECT_EQ(malformed_message(parse_collections(R"({"collection_names":["a"]})")),
            "collection_names, collection_ids and inMemory_percentages: of 1, 0 and 0 elements");
  EXPECT_EQ(malformed_message(parse_collections(
                R"({"collection_names":["a"],"collection_ids":[1],"inMemory_percentages":[1,2]})")),
            "collection_names, collection_ids and inMemory_percentages: of 1, 1 and 2 elements");
  EXPECT_EQ(
      malformed_message(parse_collections(R"({"collection_names":[7],"collection_ids":[1]})")),
      "collection_names[0]: expected a string, got an integer");
  EXPECT_EQ(malformed_message(parse_replicas(R"({"replicas":[{"replicaID":{}}]})")),
            "replicas[0].replicaID: expected an integer, got an object");
  EXPECT_EQ(malformed_message(parse_nodes(R"({"response":{"nodes_info":[]}})")),
            "response: expected a string, got an object");
  EXPECT_EQ(malformed_message(parse_nodes(
                R"({"response":"{\"nodes_info\":[{\"identifier\":1,\"infos\":{\"type\":)"
                R"(\"querynode\",\"hardware_infos\":{\"memory\":-1}}}]}"})")),
            "in its field 'response': nodes_info[0].infos.hardware_infos.memory: -1 is below zero");
  EXPECT_EQ(malformed_message(parse_status(R"({"error_code":"Oops"})")),
            "error_code: expected an integer, got a string");
}

}  // namespace
}  // namespace evenkeel::milvus::bad_json_test
