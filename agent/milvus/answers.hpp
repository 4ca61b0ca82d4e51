#pragma once
// What the answers of Milvus 2.1 to 2.3 mean: text in, value out, no sockets.
//
// Each gives a Failure where the text is not that answer (malformed, with the path of what is
// wrong), or where it is one that carries an error (refused or not_found), as a 200 may. A
// failure's message says what came back; whoever asked puts in front of it what was asked of whom.

#include <string_view>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// GET /api/v1/metrics for system_info.
[[nodiscard]] Result<SystemInfo> parse_system_info(std::string_view text);

// GET /api/v1/collections.
[[nodiscard]] Result<std::vector<CollectionInfo>> parse_collections(std::string_view text);

// GET /api/v1/replicas.
[[nodiscard]] Result<std::vector<ReplicaInfo>> parse_replicas(std::string_view text);

// GET /api/v1/query-segment-info.
[[nodiscard]] Result<std::vector<SegmentInfo>> parse_segments(std::string_view text);

// GET /api/v1/collection: bytes of one row of its schema.
[[nodiscard]] Result<rules::Bytes> parse_row_bytes(std::string_view text);

// What bytes a row has that its schema does not fix.
inline constexpr rules::Bytes kRowOverhead = 16;     // row id and timestamp, as Milvus adds them
inline constexpr rules::Bytes kVarCharAtMost = 256;  // half of max_length, but at most this
inline constexpr rules::Bytes kJsonField = 256;
inline constexpr rules::Bytes kArrayElementsAtMost = 64;  // half of max_capacity, at most this
inline constexpr rules::Bytes kUnknownField = 64;         // of a type that is not known here

// POST /api/v1/load-balance, and whatever else answers with nothing but a status.
[[nodiscard]] Result<void> parse_status(std::string_view text);

}  // namespace evenkeel::milvus
