#pragma once
// What the answers of Milvus's HTTP API mean: text in, value out, no sockets.
//
// Each gives a Failure where the text is not that answer (malformed, with the path of what is
// wrong), or where it is one that carries an error, as a 200 may: its kind and code are those that
// Milvus gives. A failure's message says what came back and what it means; whoever asked puts in
// front of it what was asked of whom.

#include <string_view>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// GET /api/v1/metrics for system_info.
[[nodiscard]] Result<SystemInfo> parse_system_info(std::string_view text);

// GET /api/v1/collections. Of more than kMostCollections none is taken: what is kept of each would
// outgrow the answer. Milvus itself has at most 65,536 where its limits are not raised.
inline constexpr std::size_t kMostCollections = 1u << 18;
[[nodiscard]] Result<std::vector<CollectionInfo>> parse_collections(std::string_view text);

// GET /api/v1/replicas.
[[nodiscard]] Result<std::vector<ReplicaInfo>> parse_replicas(std::string_view text);

// GET /api/v1/query-segment-info. Segments of deletes (level 0, listed by 2.4 and 2.5) are left
// out: they are no one's to move.
[[nodiscard]] Result<std::vector<SegmentInfo>> parse_segments(std::string_view text);

// GET /api/v1/collection: bytes of one row of its schema.
[[nodiscard]] Result<rules::Bytes> parse_row_bytes(std::string_view text);

// What bytes a row has that its schema does not fix.
inline constexpr rules::Bytes kRowOverhead = 16;     // row id and timestamp, as Milvus adds them
inline constexpr rules::Bytes kVarCharAtMost = 256;  // half of max_length, but at most this
inline constexpr rules::Bytes kJsonField = 256;
inline constexpr rules::Bytes kTextField = 1024;     // a text without max_length: a long one
inline constexpr rules::Bytes kGeometryField = 128;  // a polygon of some seven points
// Of an array of values or of vectors: half of max_capacity, at most this.
inline constexpr rules::Bytes kArrayElementsAtMost = 64;
// 100 values that are not zero, as models for words give them, each with its index.
inline constexpr rules::Bytes kSparseVector = 800;
inline constexpr rules::Bytes kUnknownField = 64;  // of a type that is not known here

// POST /api/v1/load-balance, and whatever else answers with nothing but a status.
[[nodiscard]] Result<void> parse_status(std::string_view text);

// The lists of 2.5 and later, which the console has: a list at the top, null where it is empty.
//
// GET /api/v1/_qn/segments: of all nodes and databases.
[[nodiscard]] Result<std::vector<SegmentSize>> parse_segment_sizes(std::string_view text);

// GET /api/v1/_qc/replica.
[[nodiscard]] Result<std::vector<ReplicaRoles>> parse_replica_roles(std::string_view text);

// GET /api/v1/_qc/resource_group.
[[nodiscard]] Result<std::vector<ResourceGroup>> parse_resource_groups(std::string_view text);

// GET /api/v1/_qc/segments?in=qc.
[[nodiscard]] Result<std::vector<SegmentChannel>> parse_segment_channels(std::string_view text);

// GET /management/querycoord/balance/status, of 2.5 and later.
[[nodiscard]] Result<bool> parse_balancer_active(std::string_view text);

// GET /api/v1/_db/list, of 2.5 and later.
[[nodiscard]] Result<Databases> parse_databases(std::string_view text);

// POST /v2/vectordb/databases/list on the REST port, of 2.4 and later.
[[nodiscard]] Result<Databases> parse_rest_databases(std::string_view text);

// Milvus's words in the body of an answer other than 200; malformed where there are none.
[[nodiscard]] Failure parse_refusal(std::string_view text);

}  // namespace evenkeel::milvus
