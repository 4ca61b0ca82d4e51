// Whatever Milvus may answer, by any reader of an answer, which the first byte chooses: values that
// the loop may rely on, or a failure in words.

#include "agent/milvus/answers.hpp"

#include <algorithm>
#include <iterator>

#include "tests/fuzz/milvus_checks.hpp"

using evenkeel::fuzz::are_sorted;
using evenkeel::fuzz::check;
using evenkeel::fuzz::check_failure;
using evenkeel::fuzz::checked;
using evenkeel::fuzz::require;
namespace milvus = evenkeel::milvus;

namespace {

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

constexpr void (*kReaders[])(std::string_view) = {
    [](std::string_view text) { check(milvus::parse_system_info(text)); },
    [](std::string_view text) { check(milvus::parse_collections(text)); },
    [](std::string_view text) { check(milvus::parse_replicas(text)); },
    [](std::string_view text) { check(milvus::parse_segments(text)); },
    [](std::string_view text) { evenkeel::fuzz::check_row(milvus::parse_row_bytes(text)); },
    [](std::string_view text) { check(milvus::parse_status(text)); },
    check_segment_sizes,
    check_replica_roles,
    check_resource_groups,
    [](std::string_view text) { (void)checked(milvus::parse_segment_channels(text)); },
    [](std::string_view text) { (void)checked(milvus::parse_balancer_active(text)); },
    [](std::string_view text) { check(milvus::parse_management(text)); },
    [](std::string_view text) { check(milvus::parse_databases(text)); },
    [](std::string_view text) { check(milvus::parse_rest_databases(text)); },
    [](std::string_view text) { check_failure(milvus::parse_refusal(text)); },
};

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto reader = static_cast<unsigned char>(bytes.front()) % std::size(kReaders);
  kReaders[reader](bytes.substr(1));
}
