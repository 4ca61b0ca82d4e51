#pragma once
// What holds of every answer of Milvus that was read, on either road: the loop may rely on it. What
// is no answer is a failure in words.

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/milvus/coordinator.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace evenkeel::fuzz {

constexpr std::size_t kLongestMessage = 2000;  // bytes: it goes to the log

inline void check_failure(const milvus::Failure& failure) {
  require(!failure.message.empty(), "a failure without words");
  require(failure.message.size() <= kLongestMessage, "a failure with too many words");
  require(failure.kind != milvus::FailureKind::transport, "an answer that did not come");
}

// The value, where it is one.
template <typename T>
std::optional<T> checked(milvus::Result<T> result) {
  if (result) return *std::move(result);
  check_failure(result.error());
  return std::nullopt;
}

// The elements; none where it is a failure.
template <typename T>
std::vector<T> checked(milvus::Result<std::vector<T>> result) {
  if (result) return *std::move(result);
  check_failure(result.error());
  return {};
}

inline bool are_sorted(const std::vector<rules::NodeId>& nodes) {
  return std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal()) == nodes.end();
}

inline void check(milvus::Result<milvus::SystemInfo> result) {
  const auto system = checked(std::move(result));
  if (!system) return;
  for (std::size_t i = 0; i < system->nodes.size(); ++i) {
    const auto& node = system->nodes[i];
    require(node.memory >= 0 && node.memory_used >= 0, "memory below zero");
    require(i == 0 || system->nodes[i - 1].id <= node.id, "nodes that are not sorted");
  }
}

inline void check(milvus::Result<milvus::Databases> result) {
  const auto databases = checked(std::move(result));
  if (!databases) return;
  require(!databases->names.empty(), "no database at all");
  require(std::is_sorted(databases->names.begin(), databases->names.end()),
          "databases that are not sorted");
}

inline void check(milvus::Result<std::vector<milvus::CollectionInfo>> result) {
  for (const auto& collection : checked(std::move(result))) {
    require(collection.loaded_percentage >= 0 && collection.loaded_percentage <= 100,
            "a part that is none");
  }
}

inline void check(milvus::Result<std::vector<milvus::ReplicaInfo>> result) {
  for (const auto& replica : checked(std::move(result))) {
    require(are_sorted(replica.nodes) && are_sorted(replica.leaders), "nodes that are not sorted");
    require(replica.outbound >= 0, "nodes below zero");
  }
}

inline void check(milvus::Result<std::vector<milvus::SegmentInfo>> result) {
  for (const auto& segment : checked(std::move(result))) {
    require(are_sorted(segment.nodes), "nodes that are not sorted");
    require(segment.rows >= 0 && segment.memory_size >= 0, "a size below zero");
  }
}

inline void check_row(milvus::Result<rules::Bytes> result) {
  if (const auto row = checked(std::move(result))) require(*row > 0, "a row of no bytes");
}

inline void check(const milvus::Result<void>& status) {
  if (!status) check_failure(status.error());
}

}  // namespace evenkeel::fuzz
