#pragma once
// Readers of the answers of Milvus's HTTP API: text in, value out, no sockets.
//
// A reader fails if the text is not that answer (malformed, with the path of the mistake) or
// carries an error, as even a 200 may, with Milvus's kind and code. The message says what came back
// and what it means; the caller prepends what was asked of whom.

#include <string_view>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// GET /api/v1/metrics for system_info.
[[nodiscard]] Result<SystemInfo> parse_system_info(std::string_view text);

// GET /api/v1/collections. A list of more than kMostCollections is malformed: its values would
// outgrow the answer. Milvus itself has at most 65,536 unless its limits are raised.
inline constexpr std::size_t kMostCollections = 1u << 18;
[[nodiscard]] Result<std::vector<CollectionInfo>> parse_collections(std::string_view text);

// GET /api/v1/replicas.
[[nodiscard]] Result<std::vector<ReplicaInfo>> parse_replicas(std::string_view text);

// GET /api/v1/query-segment-info. Segments of deletes (level 0, listed by 2.4 and 2.5) are left
// out, since nobody may move them.
[[nodiscard]] Result<std::vector<SegmentInfo>> parse_segments(std::string_view text);

// GET /api/v1/collection: bytes of one row of its schema.
[[nodiscard]] Result<rules::Bytes> parse_row_bytes(std::string_view text);

// Bytes assumed where the schema does not fix the size.
inline constexpr rules::Bytes kRowOverhead = 16;     // row id and timestamp, which Milvus adds
inline constexpr rules::Bytes kVarCharAtMost = 256;  // half of max_length, but at most this
inline constexpr rules::Bytes kJsonField = 256;
inline constexpr rules::Bytes kTextField = 1024;     // a long text: these fields have no max_length
inline constexpr rules::Bytes kGeometryField = 128;  // a polygon of some seven points
// Elements assumed in an array of values or of vectors: half of max_capacity, at most this.
inline constexpr rules::Bytes kArrayElementsAtMost = 64;
// Assumes 100 values that are not zero, as language models give them, each with its index.
inline constexpr rules::Bytes kSparseVector = 800;
inline constexpr rules::Bytes kUnknownField = 64;  // of a type that is unknown here

// POST /api/v1/load-balance, and other requests answered by a status alone.
[[nodiscard]] Result<void> parse_status(std::string_view text);

// The console's lists (2.5 and later) stand at the top of the answer; an empty one is null.
//
// GET /api/v1/_qn/segments: the segments of all nodes and databases.
[[nodiscard]] Result<std::vector<SegmentSize>> parse_segment_sizes(std::string_view text);

// GET /api/v1/_qc/replica.
[[nodiscard]] Result<std::vector<ReplicaRoles>> parse_replica_roles(std::string_view text);

// GET /api/v1/_qc/resource_group.
[[nodiscard]] Result<std::vector<ResourceGroup>> parse_resource_groups(std::string_view text);

// GET /api/v1/_qc/segments?in=qc.
[[nodiscard]] Result<std::vector<SegmentChannel>> parse_segment_channels(std::string_view text);

// GET /management/querycoord/balance/status, of 2.5 and later.
[[nodiscard]] Result<bool> parse_balancer_active(std::string_view text);

// POST /management/querycoord/balance/suspend and …/resume, of 2.4 and later.
[[nodiscard]] Result<void> parse_management(std::string_view text);

// GET /api/v1/_db/list, of 2.5 and later.
[[nodiscard]] Result<Databases> parse_databases(std::string_view text);

// POST /v2/vectordb/databases/list on the REST port, of 2.4 and later.
[[nodiscard]] Result<Databases> parse_rest_databases(std::string_view text);

// Returns Milvus's words in the body of an answer other than 200; malformed if there are none.
[[nodiscard]] Failure parse_refusal(std::string_view text);

}  // namespace evenkeel::milvus
