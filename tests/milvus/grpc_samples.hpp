#pragma once
// What real servers answered over HTTP, as gRPC carries it: the same messages in another encoding.

#include <nlohmann/json.hpp>
#include <string>

#include "agent/milvus/proto/milvus.pb.h"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus {

namespace pb = ::milvus::proto::milvus;

inline std::int64_t number(const nlohmann::json& object, const char* key) {
  return object.value(key, std::int64_t{0});
}

template <typename Message>
Message with_status(const nlohmann::json& root) {
  Message message;
  const auto status = root.value("status", nlohmann::json::object());
  auto& into = *message.mutable_status();
  into.set_error_code(
      static_cast<::milvus::proto::common::ErrorCode>(number(status, "error_code")));
  into.set_code(static_cast<int>(number(status, "code")));
  into.set_reason(status.value("reason", ""));
  return message;
}

inline std::string segments_over_grpc(const std::string& text) {
  const auto root = nlohmann::json::parse(text);
  auto message = with_status<pb::GetQuerySegmentInfoResponse>(root);
  for (const auto& from : root.value("infos", nlohmann::json::array())) {
    auto& info = *message.add_infos();
    info.set_segmentid(number(from, "segmentID"));
    info.set_collectionid(number(from, "collectionID"));
    info.set_partitionid(number(from, "partitionID"));
    info.set_mem_size(number(from, "mem_size"));
    info.set_num_rows(number(from, "num_rows"));
    info.set_index_name(from.value("index_name", ""));
    info.set_indexid(number(from, "indexID"));
    info.set_nodeid(number(from, "nodeID"));
    info.set_state(static_cast<::milvus::proto::common::SegmentState>(number(from, "state")));
    for (const auto& node : from.value("nodeIds", nlohmann::json::array())) {
      info.add_nodeids(node.get<std::int64_t>());
    }
    info.set_level(static_cast<::milvus::proto::common::SegmentLevel>(number(from, "level")));
  }
  return message.SerializeAsString();
}

inline std::string replicas_over_grpc(const std::string& text) {
  const auto root = nlohmann::json::parse(text);
  auto message = with_status<pb::GetReplicasResponse>(root);
  for (const auto& from : root.value("replicas", nlohmann::json::array())) {
    auto& replica = *message.add_replicas();
    replica.set_replicaid(number(from, "replicaID"));
    replica.set_collectionid(number(from, "collectionID"));
    replica.set_resource_group_name(from.value("resource_group_name", ""));
    for (const auto& node : from["node_ids"]) replica.add_node_ids(node.get<std::int64_t>());
    for (const auto& shard : from.value("shard_replicas", nlohmann::json::array())) {
      replica.add_shard_replicas()->set_leaderid(number(shard, "leaderID"));
    }
  }
  return message.SerializeAsString();
}

inline std::string collections_over_grpc(const std::string& text) {
  const auto root = nlohmann::json::parse(text);
  auto message = with_status<pb::ShowCollectionsResponse>(root);
  for (const auto& name : root["collection_names"]) {
    message.add_collection_names(name.get<std::string>());
  }
  for (const auto& id : root["collection_ids"]) {
    message.add_collection_ids(id.get<std::int64_t>());
  }
  for (const auto& part : root.value("inMemory_percentages", nlohmann::json::array())) {
    message.add_inmemory_percentages(part.get<std::int64_t>());
  }
  return message.SerializeAsString();
}

inline std::string system_info_over_grpc(const std::string& text) {
  const auto root = nlohmann::json::parse(text);
  auto message = with_status<pb::GetMetricsResponse>(root);
  message.set_response(root.value("response", ""));
  return message.SerializeAsString();
}

inline std::string schema_over_grpc(const std::string& text) {
  const auto root = nlohmann::json::parse(text);
  auto message = with_status<pb::DescribeCollectionResponse>(root);
  for (const auto& from : root["schema"]["fields"]) {
    auto& field = *message.mutable_schema()->add_fields();
    field.set_name(from.value("name", ""));
    field.set_data_type(static_cast<::milvus::proto::schema::DataType>(number(from, "data_type")));
    for (const auto& param : from.value("type_params", nlohmann::json::array())) {
      auto& into = *field.add_type_params();
      into.set_key(param.value("key", ""));
      into.set_value(param.value("value", ""));
    }
  }
  return message.SerializeAsString();
}

}  // namespace evenkeel::milvus
