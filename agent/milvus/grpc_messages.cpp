#include "agent/milvus/grpc_messages.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "agent/milvus/answer_reader.hpp"
#include "agent/milvus/answers.hpp"
#include "agent/milvus/proto/milvus.pb.h"
#include "agent/util/utf8.hpp"

namespace evenkeel::milvus::grpc_message {
namespace {

namespace pb = ::milvus::proto::milvus;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using rules::NodeId;
using Status = ::milvus::proto::common::Status;

// An answer without a long list, or one element of a list, is no longer (bytes): its values may
// take fifty times as much.
constexpr std::size_t kShort = std::size_t{1} << 20;

constexpr std::string_view kNoMessage = "these bytes are not the message that Milvus answers with";

tl::unexpected<Failure> wrong(std::string_view what = kNoMessage) {
  return tl::unexpected(malformed(std::string(what)));
}

Result<void> check(const Status& status) {
  return check_codes(status.error_code(), status.code(),
                     status.reason().empty() ? status.detail() : status.reason());
}

// Parses an answer whose first field is a status.
template <typename Message>
Result<Message> parse(std::string_view bytes, std::size_t longest = kShort) {
  if (bytes.size() > longest) {
    return wrong("the answer has " + std::to_string(bytes.size()) + " bytes, of which " +
                 std::to_string(longest) + " are taken at most");
  }
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return wrong();
  if (auto good = check(message.status()); !good) return tl::unexpected(good.error());
  return message;
}

// Parses the next field, which is a message.
template <typename Message>
bool read_field(CodedInputStream& in, Message& message) {
  std::uint32_t length = 0;
  if (!in.ReadVarint32(&length) || length > kShort) return false;
  const auto limit = in.PushLimit(static_cast<int>(length));
  message.Clear();
  if (!message.MergeFromCodedStream(&in) || !in.ConsumedEntireMessage()) return false;
  in.PopLimit(limit);
  return true;
}

// Parses an answer of a status and a long list, whose elements are handed on one by one. `take`
// returns what an element lacks (empty: nothing) and fills `into`.
template <typename Element, typename T, typename Take>
Result<std::vector<T>> read_list(std::string_view bytes, int list, Take take) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  const std::size_t most = std::max(kHeldAnyway, kHeldPerByte * bytes.size() + kHeldBesides);
  std::size_t kept = 0;
  Status status;
  Element element;
  std::vector<T> found;
  std::string lacking;
  while (const auto tag = in.ReadTag()) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    const bool message =
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (message && field == 1) {
      if (!read_field(in, status)) return wrong();
    } else if (message && field == list) {
      if (!read_field(in, element)) return wrong();
      if (lacking.empty()) lacking = take(element, found);
      if (!found.empty()) kept += kept_of(found.back());
      if (kept > most) return wrong(kTooManyValues);
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return wrong();
    }
  }
  if (!in.ConsumedEntireMessage()) return wrong();
  if (auto good = check(status); !good) return tl::unexpected(good.error());
  if (!lacking.empty()) return wrong(lacking);
  return found;
}

std::int64_t at_least_zero(std::int64_t count) {
  return std::max<std::int64_t>(count, 0);
}

std::string take_segment(const pb::QuerySegmentInfo& segment, std::vector<SegmentInfo>& into) {
  if (segment.segmentid() == 0) return "a segment has no segmentID";
  if (segment.level() == kLevelZero) return {};
  SegmentInfo info{.id = rules::SegmentId{segment.segmentid()},
                   .collection = rules::CollectionId{segment.collectionid()},
                   .partition = rules::PartitionId{segment.partitionid()},
                   .rows = at_least_zero(segment.num_rows()),
                   .memory_size = at_least_zero(segment.mem_size()),
                   .state = segment_state(segment.state()),
                   .nodes = sorted_ids<NodeId>(segment.nodeids())};
  // 2.1 names its one node in a field of its own.
  if (info.nodes.empty() && segment.nodeid() != 0) info.nodes.push_back(NodeId{segment.nodeid()});
  into.push_back(std::move(info));
  return {};
}

std::string take_replica(const pb::ReplicaInfo& replica, std::vector<ReplicaInfo>& into) {
  if (replica.replicaid() == 0) return "a replica has no replicaID";
  std::vector<std::int64_t> leaders;
  for (const auto& shard : replica.shard_replicas()) {
    if (shard.leaderid() != 0) leaders.push_back(shard.leaderid());  // 0: a shard without one
  }
  std::int64_t outbound = 0;
  for (const auto& [group, nodes] : replica.num_outbound_node()) {
    outbound += std::min(at_least_zero(nodes), kMostNodes);
  }
  into.push_back({.id = rules::ReplicaId{replica.replicaid()},
                  .collection = rules::CollectionId{replica.collectionid()},
                  .resource_group = replica.resource_group_name(),
                  .nodes = sorted_ids<NodeId>(replica.node_ids()),
                  .leaders = sorted_ids<NodeId>(leaders),
                  .outbound = outbound});
  return {};
}

// True if no list in ShowCollections's answer has more elements than kMostCollections: parsing it
// takes far more memory than its bytes if elements are empty.
bool is_bounded(std::string_view bytes) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  constexpr std::size_t kLongestNumber = 10;  // bytes of a varint
  std::size_t names = 0;
  std::size_t numbers = 0;
  while (const auto tag = in.ReadTag()) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    const bool packed =
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (field == pb::ShowCollectionsResponse::kCollectionNamesFieldNumber) ++names;
    const int before = in.CurrentPosition();
    if (!WireFormatLite::SkipField(&in, tag)) return true;  // parsing fails, too
    const auto length = static_cast<std::size_t>(in.CurrentPosition() - before);
    if (field == pb::ShowCollectionsResponse::kCollectionIdsFieldNumber ||
        field == pb::ShowCollectionsResponse::kInMemoryPercentagesFieldNumber) {
      numbers += packed ? length : kLongestNumber;
    }
  }
  return names <= kMostCollections && numbers <= 2 * kLongestNumber * kMostCollections;
}

nlohmann::json json_of(const ::milvus::proto::schema::FieldSchema& field) {
  auto params = nlohmann::json::array();
  for (const auto& param : field.type_params()) {
    params.push_back({{"key", param.key()}, {"value", param.value()}});
  }
  return {{"data_type", static_cast<int>(field.data_type())},
          {"element_type", static_cast<int>(field.element_type())},
          {"type_params", std::move(params)}};
}

template <typename Fields>
nlohmann::json json_of_all(const Fields& fields) {
  auto all = nlohmann::json::array();
  for (const auto& field : fields) all.push_back(json_of(field));
  return all;
}

}  // namespace

// A name from a command line may not be UTF-8; the server then does not find it: valid_utf8().

std::string system_info() {
  pb::GetMetricsRequest request;
  request.set_request(R"({"metric_type":"system_info"})");
  return request.SerializeAsString();
}

std::string collections(const std::string& database) {
  pb::ShowCollectionsRequest request;
  request.set_db_name(valid_utf8(database));
  request.set_type(pb::InMemory);
  return request.SerializeAsString();
}

std::string replicas(const CollectionInfo& collection) {
  pb::GetReplicasRequest request;
  request.set_collectionid(static_cast<std::int64_t>(collection.id));
  request.set_with_shard_nodes(true);
  request.set_db_name(valid_utf8(collection.database));
  return request.SerializeAsString();
}

std::string segments(const CollectionInfo& collection) {
  pb::GetQuerySegmentInfoRequest request;
  request.set_dbname(valid_utf8(collection.database));
  request.set_collectionname(valid_utf8(collection.name));
  return request.SerializeAsString();
}

std::string schema(const CollectionInfo& collection) {
  pb::DescribeCollectionRequest request;
  request.set_db_name(valid_utf8(collection.database));
  request.set_collection_name(valid_utf8(collection.name));
  return request.SerializeAsString();
}

std::string load_balance(const LoadBalance& move) {
  pb::LoadBalanceRequest request;
  request.set_src_nodeid(static_cast<std::int64_t>(move.source));
  for (const auto node : move.destinations) {
    request.add_dst_nodeids(static_cast<std::int64_t>(node));
  }
  for (const auto segment : move.segments) {
    request.add_sealed_segmentids(static_cast<std::int64_t>(segment));
  }
  request.set_collectionname(valid_utf8(move.collection));
  request.set_db_name(valid_utf8(move.database));
  return request.SerializeAsString();
}

std::string resource_group(const std::string& name) {
  pb::DescribeResourceGroupRequest request;
  request.set_resource_group(name);
  return request.SerializeAsString();
}

Result<SystemInfo> read_system_info(std::string_view bytes) {
  constexpr auto kAny = std::numeric_limits<std::size_t>::max();  // it is one text
  const auto message = parse<pb::GetMetricsResponse>(bytes, kAny);
  if (!message) return tl::unexpected(message.error());
  return parse_system_figures(message->response(), bytes.size());
}

Result<std::string> read_version(std::string_view bytes) {
  auto message = parse<pb::GetVersionResponse>(bytes);
  if (!message) return tl::unexpected(std::move(message.error()));
  return std::move(*message->mutable_version());
}

Result<Databases> read_databases(std::string_view bytes) {
  const auto message = parse<pb::ListDatabasesResponse>(bytes);
  if (!message) return tl::unexpected(message.error());
  if (message->db_names().empty()) return wrong("the list of databases is empty");
  return all_databases({message->db_names().begin(), message->db_names().end()});
}

Result<std::vector<CollectionInfo>> read_collections(std::string_view bytes) {
  if (!is_bounded(bytes)) {
    return wrong("lists more collections than " + std::to_string(kMostCollections));
  }
  const auto message = parse<pb::ShowCollectionsResponse>(bytes, bytes.size());
  if (!message) return tl::unexpected(message.error());
  const int count = message->collection_ids_size();
  const int names = message->collection_names_size();
  const int percentages = message->inmemory_percentages_size();
  if (names != count || (percentages != 0 && percentages != count)) {
    return wrong("collection_names, collection_ids and inMemory_percentages: of " +
                 std::to_string(names) + ", " + std::to_string(count) + " and " +
                 std::to_string(percentages) + " elements");
  }
  std::vector<CollectionInfo> collections;
  collections.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    CollectionInfo info{rules::CollectionId{message->collection_ids(i)},
                        message->collection_names(i)};
    if (percentages != 0) {
      info.loaded_percentage =
          static_cast<int>(std::clamp<std::int64_t>(message->inmemory_percentages(i), 0, 100));
    }
    collections.push_back(std::move(info));
  }
  return collections;
}

Result<std::vector<ReplicaInfo>> read_replicas(std::string_view bytes) {
  return read_list<pb::ReplicaInfo, ReplicaInfo>(
      bytes, pb::GetReplicasResponse::kReplicasFieldNumber, take_replica);
}

Result<std::vector<SegmentInfo>> read_segments(std::string_view bytes) {
  return read_list<pb::QuerySegmentInfo, SegmentInfo>(
      bytes, pb::GetQuerySegmentInfoResponse::kInfosFieldNumber, take_segment);
}

Result<rules::Bytes> read_row_bytes(std::string_view bytes) {
  const auto message = parse<pb::DescribeCollectionResponse>(bytes);
  if (!message) return tl::unexpected(message.error());
  // The rules for the sizes of fields are those of HTTP's answer.
  const auto& schema = message->schema();
  auto lists = nlohmann::json::array();
  for (const auto& list : schema.struct_array_fields()) {
    lists.push_back({{"fields", json_of_all(list.fields())}});
  }
  const nlohmann::json json{
      {"schema", {{"fields", json_of_all(schema.fields())}, {"struct_array_fields", lists}}}};
  return parse_row_bytes(json.dump());
}

Result<std::vector<std::string>> read_resource_groups(std::string_view bytes) {
  const auto message = parse<pb::ListResourceGroupsResponse>(bytes);
  if (!message) return tl::unexpected(message.error());
  return std::vector<std::string>(message->resource_groups().begin(),
                                  message->resource_groups().end());
}

Result<ResourceGroup> read_resource_group(std::string_view bytes) {
  const auto message = parse<pb::DescribeResourceGroupResponse>(bytes);
  if (!message) return tl::unexpected(message.error());
  const auto& group = message->resource_group();
  if (group.nodes().empty() && group.num_available_node() > 0) {
    return tl::unexpected(Failure{.kind = FailureKind::unsupported,
                                  .message = "this version of Milvus does not name the nodes of "
                                             "resource groups"});
  }
  std::vector<std::int64_t> nodes;
  for (const auto& node : group.nodes()) nodes.push_back(node.node_id());
  return ResourceGroup{group.name(), sorted_ids<NodeId>(nodes)};
}

Result<void> read_status(std::string_view bytes) {
  Status status;
  if (bytes.size() > kShort ||
      !status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return wrong();
  }
  return check(status);
}

}  // namespace evenkeel::milvus::grpc_message
