#include "agent/milvus/answers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/util/json_view.hpp"

namespace evenkeel::milvus {

namespace {

using rules::Bytes;
using rules::NodeId;

constexpr std::size_t kLongestReason = 500;  // bytes of a server's words kept

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Milvus's words for a collection that it does not know, or no longer. A replica or a node that is
// not found is another matter: "destination node not found in the same replica".
bool collection_is_unknown(std::int64_t error_code, std::int64_t code, std::string_view reason) {
  constexpr std::int64_t kCollectionNotFound = 100;     // 2.3
  constexpr std::int64_t kCollectionNotExists = 4;      // all
  constexpr std::int64_t kNoReplicasOfCollection = 15;  // 2.3, for the id of a dropped one
  if (code == kCollectionNotFound) return true;
  if (!contains(reason, "collection")) return false;
  return error_code == kCollectionNotExists || error_code == kNoReplicasOfCollection ||
         contains(reason, "collection not found") || contains(reason, "find collection");
}

// {"error_code":1,"reason":…,"code":901,…} with anything but zeros is an error.
Result<void> check_status(const JsonView& status) {
  const auto error_code = status["error_code"].integer();
  const auto code = status["code"].integer();
  if (error_code == 0 && code == 0) return {};
  auto reason = status["reason"].text();
  if (reason.empty()) reason = status["detail"].text();
  const auto kind = collection_is_unknown(error_code, code, reason) ? FailureKind::not_found
                                                                    : FailureKind::refused;
  std::string message = "Milvus answered error " + std::to_string(error_code);
  if (code != 0) message += " (code " + std::to_string(code) + ")";
  message += reason.empty() ? " and no reason" : ": " + reason.substr(0, kLongestReason);
  return tl::unexpected(Failure{.kind = kind, .message = std::move(message)});
}

Failure malformed(std::string message) {
  return {.kind = FailureKind::malformed, .message = std::move(message)};
}

// Parses, looks for an error at the top and in `status`, and hands the rest to `read`.
template <typename T, typename Read>
Result<T> read_answer(std::string_view text, Read read) {
  const auto json = parse_json(text);
  if (!json) {
    return tl::unexpected(malformed(json.error() + "; it begins with: " + beginning_of(text)));
  }
  try {
    const JsonView root(*json);
    if (!root.is_object()) root.expected("an object");
    if (auto status = check_status(root); !status) return tl::unexpected(status.error());
    if (auto status = check_status(root["status"]); !status) return tl::unexpected(status.error());
    return read(root);
  } catch (const Malformed& error) {
    return tl::unexpected(malformed(error.what()));
  }
}

template <typename Id>
std::vector<Id> sorted_ids(const std::vector<JsonView>& items) {
  std::vector<Id> ids;
  ids.reserve(items.size());
  for (const auto& item : items) ids.push_back(Id{item.required_integer()});
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

rules::SegmentState segment_state(std::int64_t state) {
  switch (state) {
    case 2:
      return rules::SegmentState::growing;
    case 3:  // Sealed, and
    case 4:  // Flushed: both are what a query node holds as sealed
      return rules::SegmentState::sealed;
    default:  // None, NotExist, Flushing, Dropped, Importing
      return rules::SegmentState::other;
  }
}

QueryNode read_query_node(const JsonView& node) {
  const auto infos = node["infos"];
  const auto hardware = infos["hardware_infos"];
  return {.id = NodeId{node["identifier"].required_integer()},
          .address = hardware["ip"].text(),
          .memory = hardware["memory"].count(),
          .memory_used = hardware["memory_usage"].count(),
          .version = infos["system_info"]["build_version"].text(),
          .has_error = infos["has_error"].boolean(),
          .error = infos["error_reason"].text()};
}

SegmentInfo read_segment(const JsonView& segment) {
  SegmentInfo info{.id = rules::SegmentId{segment["segmentID"].required_integer()},
                   .collection = rules::CollectionId{segment["collectionID"].integer()},
                   .partition = rules::PartitionId{segment["partitionID"].integer()},
                   .rows = segment["num_rows"].count(),
                   .memory_size = segment["mem_size"].count(),
                   .state = segment_state(segment["state"].integer()),
                   .nodes = sorted_ids<NodeId>(segment["nodeIds"].items())};
  // 2.1 names its one node in a field of its own.
  const auto single = segment["nodeID"].integer();
  if (info.nodes.empty() && single != 0) info.nodes.push_back(NodeId{single});
  return info;
}

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
  binary_vector = 100,
  float_vector = 101,
  float16_vector = 102,
  bfloat16_vector = 103,
};

// One of the {"key":"dim","value":"128"} of a field; `absent` where there is none.
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
      return 8;
    case DataType::string:
    case DataType::varchar:
      return std::min(type_param(field, "max_length", 2 * kVarCharAtMost) / 2, kVarCharAtMost);
    case DataType::json:
      return kJsonField;
    default:
      return kUnknownField;
  }
}

Bytes field_bytes(const JsonView& field) {
  const auto type = DataType{field["data_type"].required_integer()};
  const auto dimensions = [&field] {
    const auto dim = type_param(field, "dim", 0);
    if (dim == 0) field["type_params"].expected("a dim, since it is a vector");
    return dim;
  };
  switch (type) {
    case DataType::array: {
      const auto elements = std::min(
          type_param(field, "max_capacity", 2 * kArrayElementsAtMost) / 2, kArrayElementsAtMost);
      return elements * element_bytes(DataType{field["element_type"].integer()}, field);
    }
    case DataType::binary_vector:
      return (dimensions() + 7) / 8;
    case DataType::float_vector:
      return dimensions() * 4;
    case DataType::float16_vector:
    case DataType::bfloat16_vector:
      return dimensions() * 2;
    default:
      return element_bytes(type, field);
  }
}

}  // namespace

Result<SystemInfo> parse_system_info(std::string_view text) {
  // The figures are a JSON text within the answer.
  const auto inner =
      read_answer<std::string>(text, [](const JsonView& root) { return root["response"].text(); });
  if (!inner) return tl::unexpected(inner.error());

  auto system = read_answer<SystemInfo>(*inner, [](const JsonView& root) {
    SystemInfo found;
    std::string of_coordinator;
    for (const auto& node : root["nodes_info"].items()) {
      const auto type = node["infos"]["type"].text();
      const auto version = node["infos"]["system_info"]["build_version"].text();
      if (type == "querynode" || type == "streamingnode") {
        found.nodes.push_back(read_query_node(node));
        found.nodes.back().streaming = type == "streamingnode";
      }
      if (type == "proxy" && found.version.empty()) found.version = version;
      if (type == "querycoord") of_coordinator = version;
    }
    if (found.version.empty()) found.version = of_coordinator;
    return found;
  });
  if (!system) {
    system.error().message = "in its field 'response': " + system.error().message;
    return system;
  }
  std::sort(system->nodes.begin(), system->nodes.end(),
            [](auto& a, auto& b) { return a.id < b.id; });
  return system;
}

Result<std::vector<CollectionInfo>> parse_collections(std::string_view text) {
  return read_answer<std::vector<CollectionInfo>>(text, [](const JsonView& root) {
    const auto names = root["collection_names"].items();
    const auto ids = root["collection_ids"].items();
    const auto percentages = root["inMemory_percentages"].items();
    if (names.size() != ids.size() || (!percentages.empty() && percentages.size() != ids.size())) {
      throw Malformed("collection_names, collection_ids and inMemory_percentages: of " +
                      std::to_string(names.size()) + ", " + std::to_string(ids.size()) + " and " +
                      std::to_string(percentages.size()) + " elements");
    }
    std::vector<CollectionInfo> collections;
    collections.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      CollectionInfo info{rules::CollectionId{ids[i].required_integer()}, names[i].text()};
      if (!percentages.empty()) {
        info.loaded_percentage =
            static_cast<int>(std::min<std::int64_t>(percentages[i].count(), 100));
      }
      collections.push_back(std::move(info));
    }
    return collections;
  });
}

Result<std::vector<ReplicaInfo>> parse_replicas(std::string_view text) {
  return read_answer<std::vector<ReplicaInfo>>(text, [](const JsonView& root) {
    std::vector<ReplicaInfo> replicas;
    for (const auto& replica : root["replicas"].items()) {
      replicas.push_back({.id = rules::ReplicaId{replica["replicaID"].required_integer()},
                          .collection = rules::CollectionId{replica["collectionID"].integer()},
                          .resource_group = replica["resource_group_name"].text(),
                          .nodes = sorted_ids<NodeId>(replica["node_ids"].items())});
    }
    return replicas;
  });
}

Result<std::vector<SegmentInfo>> parse_segments(std::string_view text) {
  return read_answer<std::vector<SegmentInfo>>(text, [](const JsonView& root) {
    std::vector<SegmentInfo> segments;
    for (const auto& segment : root["infos"].items()) segments.push_back(read_segment(segment));
    return segments;
  });
}

Result<Bytes> parse_row_bytes(std::string_view text) {
  return read_answer<Bytes>(text, [](const JsonView& root) {
    const auto fields = root["schema"]["fields"];
    const auto items = fields.items();
    if (items.empty()) fields.expected("the fields of the collection");
    Bytes bytes = kRowOverhead;
    for (const auto& field : items) bytes += field_bytes(field);
    return bytes;
  });
}

Result<void> parse_status(std::string_view text) {
  return read_answer<void>(text, [](const JsonView&) { return Result<void>{}; });
}

}  // namespace evenkeel::milvus
