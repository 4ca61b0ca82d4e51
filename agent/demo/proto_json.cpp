#include "agent/demo/proto_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/milvus/proto/milvus.pb.h"

namespace evenkeel::demo {
namespace {

using Json = nlohmann::ordered_json;
namespace common = ::milvus::proto::common;
namespace pb = ::milvus::proto::milvus;
namespace schema = ::milvus::proto::schema;

// Writes fields as proto3 does: not those that are empty.
class Writer {
 public:
  Writer& put(const char* key, const std::string& text) {
    if (!text.empty()) json_[key] = text;
    return *this;
  }
  Writer& put(const char* key, std::int64_t number) {
    if (number != 0) json_[key] = number;
    return *this;
  }
  Writer& put(const char* key, bool value) {
    if (value) json_[key] = value;
    return *this;
  }
  template <typename T>
  Writer& put_all(const char* key, const T& list) {
    for (const auto& each : list) json_[key].push_back(each);
    return *this;
  }
  [[nodiscard]] Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

Json json_of(const pb::ShowCollectionsRequest& from) {
  return Writer()
      .put("type", std::int64_t{from.type()})
      .put("db_name", from.db_name())
      .put_all("collection_names", from.collection_names())
      .take();
}

Json json_of(const pb::DescribeCollectionRequest& from) {
  return Writer()
      .put("collection_name", from.collection_name())
      .put("collectionID", from.collectionid())
      .put("db_name", from.db_name())
      .take();
}

Json json_of(const pb::GetReplicasRequest& from) {
  return Writer()
      .put("collectionID", from.collectionid())
      .put("collection_name", from.collection_name())
      .put("db_name", from.db_name())
      .put("with_shard_nodes", from.with_shard_nodes())
      .take();
}

Json json_of(const pb::GetQuerySegmentInfoRequest& from) {
  return Writer().put("collectionName", from.collectionname()).put("dbName", from.dbname()).take();
}

Json json_of(const pb::GetMetricsRequest& from) {
  return Writer().put("request", from.request()).take();
}

Json json_of(const pb::LoadBalanceRequest& from) {
  return Writer()
      .put("collectionName", from.collectionname())
      .put("db_name", from.db_name())
      .put("src_nodeID", from.src_nodeid())
      .put_all("dst_nodeIDs", from.dst_nodeids())
      .put_all("sealed_segmentIDs", from.sealed_segmentids())
      .take();
}

Json json_of(const pb::DescribeResourceGroupRequest& from) {
  return Writer().put("resource_group", from.resource_group()).take();
}

Json json_of(const pb::GetVersionRequest&) {
  return Json::object();
}
Json json_of(const pb::ListDatabasesRequest&) {
  return Json::object();
}
Json json_of(const pb::ListResourceGroupsRequest&) {
  return Json::object();
}

// Reads fields; those that are not there are empty.
std::string text(const Json& json, const char* key) {
  return json.value(key, std::string());
}

std::int64_t integer(const Json& json, const char* key) {
  return json.value(key, std::int64_t{0});
}

template <typename Enum>
Enum enumerated(const Json& json, const char* key) {
  return static_cast<Enum>(integer(json, key));
}

// Calls `take` for each element of a list.
template <typename Take>
void each(const Json& json, const char* key, const Take& take) {
  const auto list = json.find(key);
  if (list == json.end()) return;
  for (const auto& element : *list) take(element);
}

// Adds the numbers of a list to a field.
template <typename Field>
void add_integers(const Json& json, const char* key, Field* field) {
  each(json, key, [field](const Json& one) { field->Add(one.get<std::int64_t>()); });
}

template <typename Field>
void add_texts(const Json& json, const char* key, Field* field) {
  each(json, key, [field](const Json& one) { *field->Add() = one.get<std::string>(); });
}

void fill(const Json& from, common::Status& to) {
  to.set_error_code(enumerated<common::ErrorCode>(from, "error_code"));
  to.set_reason(text(from, "reason"));
  to.set_code(static_cast<std::int32_t>(integer(from, "code")));
  to.set_retriable(from.value("retriable", false));
  to.set_detail(text(from, "detail"));
}

// Fills the status, which all other answers begin with.
template <typename Response>
void fill_status(const Json& from, Response& to) {
  const auto status = from.find("status");
  if (status != from.end()) fill(*status, *to.mutable_status());
}

void fill(const Json& from, pb::ShowCollectionsResponse& to) {
  fill_status(from, to);
  add_texts(from, "collection_names", to.mutable_collection_names());
  add_integers(from, "collection_ids", to.mutable_collection_ids());
  add_integers(from, "inMemory_percentages", to.mutable_inmemory_percentages());
}

void fill(const Json& from, schema::FieldSchema& to) {
  to.set_name(text(from, "name"));
  to.set_data_type(enumerated<schema::DataType>(from, "data_type"));
  to.set_element_type(enumerated<schema::DataType>(from, "element_type"));
  each(from, "type_params", [&to](const Json& one) {
    auto* parameter = to.add_type_params();
    parameter->set_key(text(one, "key"));
    parameter->set_value(text(one, "value"));
  });
}

void fill(const Json& from, schema::CollectionSchema& to) {
  to.set_name(text(from, "name"));
  each(from, "fields", [&to](const Json& one) { fill(one, *to.add_fields()); });
  each(from, "struct_array_fields", [&to](const Json& one) {
    auto* group = to.add_struct_array_fields();
    group->set_name(text(one, "name"));
    each(one, "fields", [group](const Json& field) { fill(field, *group->add_fields()); });
  });
}

void fill(const Json& from, pb::DescribeCollectionResponse& to) {
  fill_status(from, to);
  const auto described = from.find("schema");
  if (described != from.end()) fill(*described, *to.mutable_schema());
  to.set_collectionid(integer(from, "collectionID"));
  to.set_shards_num(static_cast<std::int32_t>(integer(from, "shards_num")));
}

void fill(const Json& from, pb::ShardReplica& to) {
  to.set_leaderid(integer(from, "leaderID"));
  to.set_leader_addr(text(from, "leader_addr"));
  to.set_dm_channel_name(text(from, "dm_channel_name"));
  add_integers(from, "node_ids", to.mutable_node_ids());
}

void fill(const Json& from, pb::ReplicaInfo& to) {
  to.set_replicaid(integer(from, "replicaID"));
  to.set_collectionid(integer(from, "collectionID"));
  add_integers(from, "partition_ids", to.mutable_partition_ids());
  each(from, "shard_replicas", [&to](const Json& one) { fill(one, *to.add_shard_replicas()); });
  add_integers(from, "node_ids", to.mutable_node_ids());
  to.set_resource_group_name(text(from, "resource_group_name"));
  const auto outbound = from.find("num_outbound_node");
  if (outbound == from.end()) return;
  for (const auto& [group, count] : outbound->items()) {
    (*to.mutable_num_outbound_node())[group] = count.get<std::int32_t>();
  }
}

void fill(const Json& from, pb::GetReplicasResponse& to) {
  fill_status(from, to);
  each(from, "replicas", [&to](const Json& one) { fill(one, *to.add_replicas()); });
}

void fill(const Json& from, pb::QuerySegmentInfo& to) {
  to.set_segmentid(integer(from, "segmentID"));
  to.set_collectionid(integer(from, "collectionID"));
  to.set_partitionid(integer(from, "partitionID"));
  to.set_mem_size(integer(from, "mem_size"));
  to.set_num_rows(integer(from, "num_rows"));
  to.set_index_name(text(from, "index_name"));
  to.set_indexid(integer(from, "indexID"));
  to.set_nodeid(integer(from, "nodeID"));
  to.set_state(enumerated<common::SegmentState>(from, "state"));
  add_integers(from, "nodeIds", to.mutable_nodeids());
  to.set_level(enumerated<common::SegmentLevel>(from, "level"));
}

void fill(const Json& from, pb::GetQuerySegmentInfoResponse& to) {
  fill_status(from, to);
  each(from, "infos", [&to](const Json& one) { fill(one, *to.add_infos()); });
}

void fill(const Json& from, pb::GetMetricsResponse& to) {
  fill_status(from, to);
  to.set_response(text(from, "response"));
  to.set_component_name(text(from, "component_name"));
}

void fill(const Json& from, pb::GetVersionResponse& to) {
  fill_status(from, to);
  to.set_version(text(from, "version"));
}

void fill(const Json& from, pb::ListDatabasesResponse& to) {
  fill_status(from, to);
  add_texts(from, "db_names", to.mutable_db_names());
}

void fill(const Json& from, pb::ListResourceGroupsResponse& to) {
  fill_status(from, to);
  add_texts(from, "resource_groups", to.mutable_resource_groups());
}

void fill(const Json& from, pb::DescribeResourceGroupResponse& to) {
  fill_status(from, to);
  const auto group = from.find("resource_group");
  if (group == from.end()) return;
  to.mutable_resource_group()->set_name(text(*group, "name"));
  to.mutable_resource_group()->set_capacity(static_cast<std::int32_t>(integer(*group, "capacity")));
  to.mutable_resource_group()->set_num_available_node(
      static_cast<std::int32_t>(integer(*group, "num_available_node")));
  each(*group, "nodes", [&to](const Json& one) {
    auto* node = to.mutable_resource_group()->add_nodes();
    node->set_node_id(integer(one, "node_id"));
    node->set_address(text(one, "address"));
    node->set_hostname(text(one, "hostname"));
  });
}

// How the two messages of a method are read and written.
struct Method {
  std::string_view name;
  std::optional<std::string> (*read)(const std::string& bytes);
  std::string (*write)(std::string_view json);
};

template <typename Request, typename Response>
constexpr Method method(std::string_view name) {
  return {name,
          [](const std::string& bytes) -> std::optional<std::string> {
            Request request;
            if (!request.ParseFromString(bytes)) return {};
            return json_of(request).dump();
          },
          [](std::string_view json) {
            Response response;
            fill(Json::parse(json), response);
            return response.SerializeAsString();
          }};
}

constexpr Method kMethods[] = {
    method<pb::ShowCollectionsRequest, pb::ShowCollectionsResponse>("ShowCollections"),
    method<pb::DescribeCollectionRequest, pb::DescribeCollectionResponse>("DescribeCollection"),
    method<pb::GetReplicasRequest, pb::GetReplicasResponse>("GetReplicas"),
    method<pb::GetQuerySegmentInfoRequest, pb::GetQuerySegmentInfoResponse>("GetQuerySegmentInfo"),
    method<pb::GetMetricsRequest, pb::GetMetricsResponse>("GetMetrics"),
    method<pb::LoadBalanceRequest, common::Status>("LoadBalance"),
    method<pb::GetVersionRequest, pb::GetVersionResponse>("GetVersion"),
    method<pb::ListDatabasesRequest, pb::ListDatabasesResponse>("ListDatabases"),
    method<pb::ListResourceGroupsRequest, pb::ListResourceGroupsResponse>("ListResourceGroups"),
    method<pb::DescribeResourceGroupRequest, pb::DescribeResourceGroupResponse>(
        "DescribeResourceGroup"),
};

const Method* find(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kMethods), std::end(kMethods),
                                         [name](const Method& each) { return each.name == name; });
  return found == std::end(kMethods) ? nullptr : found;
}

}  // namespace

bool is_method(std::string_view method) {
  return find(method) != nullptr;
}

std::optional<std::string> request_json(std::string_view method, const std::string& bytes) {
  const auto* found = find(method);
  return found == nullptr ? std::nullopt : found->read(bytes);
}

std::string response_bytes(std::string_view method, std::string_view json) {
  const auto* found = find(method);
  return found == nullptr ? std::string() : found->write(json);
}

}  // namespace evenkeel::demo
