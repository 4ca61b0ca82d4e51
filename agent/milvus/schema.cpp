// The bytes of a row, by its schema.

#include <algorithm>

#include "agent/milvus/answer_reader.hpp"
#include "agent/milvus/answers.hpp"

namespace evenkeel::milvus {

namespace {

using rules::Bytes;

// Milvus's own numbers for the types of fields (schemapb.DataType).
enum class DataType : std::int64_t {
  boolean = 1,
  int8 = 2,
  int16 = 3,
  int32 = 4,
  int64 = 5,
  float32 = 10,
  float64 = 11,
  string = 20,
  varchar = 21,
  array = 22,
  json = 23,
  geometry = 24,
  text = 25,
  timestamp = 26,  // Timestamptz
  binary_vector = 100,
  float_vector = 101,
  float16_vector = 102,
  bfloat16_vector = 103,
  sparse_vector = 104,
  int8_vector = 105,
  array_of_vectors = 106,
};

// Reads a field's {"key":"dim","value":"128"}; `absent` if it has no such key.
std::int64_t type_param(const JsonView& field, std::string_view key, std::int64_t absent) {
  constexpr std::int64_t kMost = 1 << 20;  // far beyond what Milvus takes
  for (const auto& param : field["type_params"].items()) {
    if (param["key"].text() != key) continue;
    const auto value = param["value"].required_integer();
    if (value >= 1 && value <= kMost) return value;
    param["value"].expected("a number from 1 to " + std::to_string(kMost));
  }
  return absent;
}

Bytes element_bytes(DataType type, const JsonView& field) {
  switch (type) {
    case DataType::boolean:
    case DataType::int8:
      return 1;
    case DataType::int16:
      return 2;
    case DataType::int32:
    case DataType::float32:
      return 4;
    case DataType::int64:
    case DataType::float64:
    case DataType::timestamp:
      return 8;
    case DataType::string:
    case DataType::varchar:
      return std::min(type_param(field, "max_length", 2 * kVarCharAtMost) / 2, kVarCharAtMost);
    case DataType::json:
      return kJsonField;
    case DataType::geometry:
      return kGeometryField;
    case DataType::text:
      return kTextField;
    default:
      return kUnknownField;
  }
}

// Bytes of one vector with the field's dim.
Bytes vector_bytes(DataType type, const JsonView& field) {
  const auto dimensions = [&field] {
    const auto dim = type_param(field, "dim", 0);
    if (dim == 0) field["type_params"].expected("a dim, since it is a vector");
    return dim;
  };
  switch (type) {
    case DataType::binary_vector:
      return (dimensions() + 7) / 8;
    case DataType::float_vector:
      return dimensions() * 4;
    case DataType::float16_vector:
    case DataType::bfloat16_vector:
      return dimensions() * 2;
    case DataType::int8_vector:
      return dimensions();
    case DataType::sparse_vector:
      return kSparseVector;
    default:
      return kUnknownField;
  }
}

// Elements assumed in an array of the field's max_capacity.
std::int64_t elements(const JsonView& field) {
  return std::min(type_param(field, "max_capacity", 2 * kArrayElementsAtMost) / 2,
                  kArrayElementsAtMost);
}

Bytes field_bytes(const JsonView& field) {
  const auto type = DataType{field["data_type"].required_integer()};
  const auto element_type = DataType{field["element_type"].integer()};
  switch (type) {
    case DataType::array:
      return elements(field) * element_bytes(element_type, field);
    case DataType::array_of_vectors:
      return elements(field) * vector_bytes(element_type, field);
    case DataType::binary_vector:
    case DataType::float_vector:
    case DataType::float16_vector:
    case DataType::bfloat16_vector:
    case DataType::int8_vector:
    case DataType::sparse_vector:
      return vector_bytes(type, field);
    default:
      return element_bytes(type, field);
  }
}

}  // namespace

Result<Bytes> parse_row_bytes(std::string_view text) {
  return read_answer<Bytes>(text, [](const JsonView& root) {
    const auto fields = root["schema"]["fields"];
    const auto items = fields.items();
    if (items.empty()) fields.expected("the fields of the collection");
    Bytes bytes = kRowOverhead;
    for (const auto& field : items) bytes += field_bytes(field);
    // A list of structures is kept as an array for each of their fields.
    for (const auto& list : root["schema"]["struct_array_fields"].items()) {
      for (const auto& field : list["fields"].items()) bytes += field_bytes(field);
    }
    return bytes;
  });
}

}  // namespace evenkeel::milvus
