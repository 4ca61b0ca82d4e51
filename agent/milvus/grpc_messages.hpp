#pragma once
// The messages of Milvus's gRPC interface as bytes: requests are written, answers are read, without
// sockets. Readers fail as those of answers.hpp do, and keep to the same bounds of memory. Internal
// to milvus.

#include <string>
#include <string_view>
#include <vector>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus::grpc_message {

[[nodiscard]] std::string system_info();
[[nodiscard]] std::string collections(const std::string& database);
[[nodiscard]] std::string replicas(const CollectionInfo& collection);
[[nodiscard]] std::string segments(const CollectionInfo& collection);
[[nodiscard]] std::string schema(const CollectionInfo& collection);
[[nodiscard]] std::string load_balance(const LoadBalance& move);
[[nodiscard]] std::string resource_group(const std::string& name);

// GetMetrics, for system_info.
[[nodiscard]] Result<SystemInfo> read_system_info(std::string_view bytes);
// GetVersion.
[[nodiscard]] Result<std::string> read_version(std::string_view bytes);
// ListDatabases.
[[nodiscard]] Result<Databases> read_databases(std::string_view bytes);
// ShowCollections; the caller says of which database they are.
[[nodiscard]] Result<std::vector<CollectionInfo>> read_collections(std::string_view bytes);
// GetReplicas.
[[nodiscard]] Result<std::vector<ReplicaInfo>> read_replicas(std::string_view bytes);
// GetQuerySegmentInfo, without the segments of deletes (level 0).
[[nodiscard]] Result<std::vector<SegmentInfo>> read_segments(std::string_view bytes);
// DescribeCollection: bytes of one row of its schema.
[[nodiscard]] Result<rules::Bytes> read_row_bytes(std::string_view bytes);
// ListResourceGroups.
[[nodiscard]] Result<std::vector<std::string>> read_resource_groups(std::string_view bytes);
// DescribeResourceGroup. A version that names no nodes of a group that has some is `unsupported`.
[[nodiscard]] Result<ResourceGroup> read_resource_group(std::string_view bytes);
// LoadBalance.
[[nodiscard]] Result<void> read_status(std::string_view bytes);

}  // namespace evenkeel::milvus::grpc_message
