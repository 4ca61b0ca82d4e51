// Bytes of a row by its schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/answers.hpp"

namespace evenkeel::milvus::row_bytes_test {
namespace {

using testing::HasSubstr;

// A collection of one field.
Result<rules::Bytes> of_field(const std::string& field) {
  return parse_row_bytes(R"({"status":{},"schema":{"name":"book","fields":[)" + field + "]}}");
}

std::string field(int type, const std::string& params = "") {
  return R"({"fieldID":101,"name":"f","data_type":)" + std::to_string(type) +
         (params.empty() ? "}" : R"(,"type_params":[)" + params + "]}");
}

TEST(Trap10BytesPerRow, AreThoseThatARealServerCounts) {
  // As 2.3.5 answers; its nodes' entity_size ÷ entity_num is 536.
  EXPECT_EQ(
      parse_row_bytes(
          R"({"status":{},"schema":{"name":"book","fields":[{"fieldID":100,"name":"id",)"
          R"("is_primary_key":true,"data_type":5},{"fieldID":101,"name":"v","data_type":101,)"
          R"("type_params":[{"key":"dim","value":"128"}]}]},"collectionID":470654385795367018,)"
          R"("shards_num":1,"consistency_level":2,"collection_name":"book"})"),
      536);
}

struct TypeCase {
  const char* name;
  std::string field;
  rules::Bytes bytes;  // beside the overhead
};

class RowBytes : public testing::TestWithParam<TypeCase> {};

TEST_P(RowBytes, OfOneField) {
  const auto bytes = of_field(GetParam().field);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes - kRowOverhead, GetParam().bytes);
}

const std::string kDim128 = R"({"key":"dim","value":"128"})";

INSTANTIATE_TEST_SUITE_P(
    Types, RowBytes,
    testing::Values(TypeCase{"Bool", field(1), 1}, TypeCase{"Int8", field(2), 1},
                    TypeCase{"Int16", field(3), 2}, TypeCase{"Int32", field(4), 4},
                    TypeCase{"Int64", field(5), 8}, TypeCase{"Float", field(10), 4},
                    TypeCase{"Double", field(11), 8},
                    TypeCase{"ShortText", field(21, R"({"key":"max_length","value":"64"})"), 32},
                    TypeCase{"LongText", field(21, R"({"key":"max_length","value":"65535"})"),
                             kVarCharAtMost},
                    TypeCase{"Text", field(21), kVarCharAtMost},
                    TypeCase{"Json", field(23), kJsonField},
                    TypeCase{"ArrayOfInt64",
                             R"({"data_type":22,"element_type":5,)"
                             R"("type_params":[{"key":"max_capacity","value":"20"}]})",
                             80},
                    TypeCase{"BinaryVector", field(100, kDim128), 16},
                    TypeCase{"FloatVector", field(101, kDim128), 512},
                    TypeCase{"Float16Vector", field(102, kDim128), 256},
                    TypeCase{"Bfloat16Vector", field(103, kDim128), 256},
                    TypeCase{"NumberAsNumber", field(101, R"({"key":"dim","value":128})"), 512},
                    TypeCase{"Geometry", field(24), kGeometryField},
                    TypeCase{"LongTextWithoutLength", field(25), kTextField},
                    TypeCase{"Timestamptz", field(26), 8},
                    TypeCase{"SparseFloatVector", field(104), kSparseVector},
                    TypeCase{"Int8Vector", field(105, kDim128), 128},
                    TypeCase{"ArrayOfFloatVectors",
                             R"({"data_type":106,"element_type":101,"type_params":[)" + kDim128 +
                                 R"(,{"key":"max_capacity","value":"20"}]})",
                             10 * 512},
                    TypeCase{"ArrayOfUnknown", R"({"data_type":106,"element_type":4711})",
                             kArrayElementsAtMost* kUnknownField},
                    TypeCase{"Unknown", field(4711), kUnknownField}),
    [](const auto& test) { return test.param.name; });

TEST(RowBytes, OfAListOfStructuresAreThoseOfItsFields) {
  const auto bytes = parse_row_bytes(
      R"({"schema":{"fields":[{"data_type":5}],"struct_array_fields":[{"name":"parts","fields":[)"
      R"({"data_type":22,"element_type":5,"type_params":[{"key":"max_capacity","value":"4"}]},)"
      R"({"data_type":106,"element_type":105,"type_params":[{"key":"dim","value":"8"},)"
      R"({"key":"max_capacity","value":"4"}]}]}]}})");
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes, kRowOverhead + 8 + 2 * 8 + 2 * 8);
}

TEST(RowBytesFailure, VectorWithoutADimension) {
  for (const int type : {100, 101, 102, 103, 105}) {
    for (const auto& text :
         {field(type), R"({"data_type":106,"element_type":)" + std::to_string(type) + "}"}) {
      const auto bytes = of_field(text);
      ASSERT_FALSE(bytes) << text;
      EXPECT_EQ(bytes.error().kind, FailureKind::malformed);
      EXPECT_THAT(bytes.error().message, HasSubstr("schema.fields[0].type_params"));
    }
  }
}

TEST(RowBytesFailure, DimensionsThatWouldOverflow) {
  for (const char* dim : {"0", "-1", "9223372036854775807", "1e9"}) {
    const auto bytes =
        of_field(field(101, R"({"key":"dim","value":")" + std::string(dim) + R"("})"));
    ASSERT_FALSE(bytes) << dim;
    EXPECT_THAT(bytes.error().message, HasSubstr("schema.fields[0].type_params[0].value"));
  }
}

TEST(RowBytesFailure, NoFields) {
  for (const char* text : {"{}", R"({"schema":{}})", R"({"schema":{"fields":[]}})"}) {
    const auto bytes = parse_row_bytes(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().kind, FailureKind::malformed);
  }
}

}  // namespace
}  // namespace evenkeel::milvus::row_bytes_test
