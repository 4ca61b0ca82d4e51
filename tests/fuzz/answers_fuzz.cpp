// Whatever Milvus may answer, by any reader of an answer, which the first byte chooses: values that
// the loop may rely on, or a failure in words.

#include "agent/milvus/answers.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>

#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
namespace milvus = evenkeel::milvus;

namespace {

constexpr std::size_t kLongest = 2000;  // bytes of a message: it goes to the log

void check_failure(const milvus::Failure& failure) {
  require(!failure.message.empty(), "a failure without words");
  require(failure.message.size() <= kLongest, "a failure with too many words");
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

bool are_sorted(const std::vector<evenkeel::rules::NodeId>& nodes) {
  return std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal()) == nodes.end();
}

void check_system_info(std::string_view text) {
  const auto system = checked(milvus::parse_system_info(text));
  if (!system) return;
  for (std::size_t i = 0; i < system->nodes.size(); ++i) {
    const auto& node = system->nodes[i];
    require(node.memory >= 0 && node.memory_used >= 0, "memory below zero");
    require(i == 0 || system->nodes[i - 1].id <= node.id, "nodes that are not sorted");
  }
}

void check_databases(milvus::Result<milvus::Databases> result) {
  const auto databases = checked(std::move(result));
  if (!databases) return;
  require(!databases->names.empty(), "no database at all");
  require(std::is_sorted(databases->names.begin(), databases->names.end()),
          "databases that are not sorted");
}

void check_collections(std::string_view text) {
  for (const auto& collection : checked(milvus::parse_collections(text))) {
    require(collection.loaded_percentage >= 0 && collection.loaded_percentage <= 100,
            "a part that is none");
  }
}

void check_replicas(std::string_view text) {
  for (const auto& replica : checked(milvus::parse_replicas(text))) {
    require(are_sorted(replica.nodes) && are_sorted(replica.leaders), "nodes that are not sorted");
    require(replica.outbound >= 0, "nodes below zero");
  }
}

void check_segments(std::string_view text) {
  for (const auto& segment : checked(milvus::parse_segments(text))) {
    require(are_sorted(segment.nodes), "nodes that are not sorted");
    require(segment.rows >= 0 && segment.memory_size >= 0, "a size below zero");
  }
}

void check_segment_sizes(std::string_view text) {
  for (const auto& size : checked(milvus::parse_segment_sizes(text))) {
    require(size.rows >= 0 && size.bytes >= 0, "a size below zero");
  }
}

void check_replica_roles(std::string_view text) {
  for (const auto& replica : checked(milvus::parse_replica_roles(text))) {
    require(are_sorted(replica.nodes) && are_sorted(replica.read_only),
            "nodes that are not sorted");
    require(std::includes(replica.nodes.begin(), replica.nodes.end(), replica.read_only.begin(),
                          replica.read_only.end()),
            "a node that leaves a replica and is not in it");
    for (const auto& channel : replica.channels) {
      require(are_sorted(channel.nodes), "nodes that are not sorted");
    }
  }
}

void check_resource_groups(std::string_view text) {
  for (const auto& group : checked(milvus::parse_resource_groups(text))) {
    require(!group.name.empty() && are_sorted(group.nodes), "a group without name or order");
  }
}

void check_row_bytes(std::string_view text) {
  if (const auto row = checked(milvus::parse_row_bytes(text))) {
    require(*row > 0, "a row of no bytes");
  }
}

void check_status(std::string_view text) {
  if (const auto status = milvus::parse_status(text); !status) check_failure(status.error());
}

constexpr void (*kReaders[])(std::string_view) = {
    check_system_info,
    check_collections,
    check_replicas,
    check_segments,
    check_row_bytes,
    check_status,
    check_segment_sizes,
    check_replica_roles,
    check_resource_groups,
    [](std::string_view text) { (void)checked(milvus::parse_segment_channels(text)); },
    [](std::string_view text) { (void)checked(milvus::parse_balancer_active(text)); },
    [](std::string_view text) { (void)checked(milvus::parse_management(text)); },
    [](std::string_view text) { check_databases(milvus::parse_databases(text)); },
    [](std::string_view text) { check_databases(milvus::parse_rest_databases(text)); },
    [](std::string_view text) { check_failure(milvus::parse_refusal(text)); },
};

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto reader = static_cast<unsigned char>(bytes.front()) % std::size(kReaders);
  kReaders[reader](bytes.substr(1));
}
