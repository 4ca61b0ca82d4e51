// Whatever Milvus may answer over gRPC, by any reader of a message, which the first byte chooses:
// values that the loop may rely on, or a failure in words.
#include <iterator>

#include "agent/milvus/grpc_messages.hpp"
#include "tests/fuzz/milvus_checks.hpp"

using evenkeel::fuzz::check;
using evenkeel::fuzz::checked;
using evenkeel::fuzz::require;
namespace message = evenkeel::milvus::grpc_message;

namespace {

void check_resource_group(std::string_view bytes) {
  const auto group = checked(message::read_resource_group(bytes));
  if (group) require(evenkeel::fuzz::are_sorted(group->nodes), "nodes that are not sorted");
}

constexpr void (*kReaders[])(std::string_view) = {
    [](std::string_view bytes) { check(message::read_system_info(bytes)); },
    [](std::string_view bytes) { check(message::read_collections(bytes)); },
    [](std::string_view bytes) { check(message::read_replicas(bytes)); },
    [](std::string_view bytes) { check(message::read_segments(bytes)); },
    [](std::string_view bytes) { evenkeel::fuzz::check_row(message::read_row_bytes(bytes)); },
    [](std::string_view bytes) { check(message::read_databases(bytes)); },
    [](std::string_view bytes) { check(message::read_status(bytes)); },
    [](std::string_view bytes) { (void)checked(message::read_version(bytes)); },
    [](std::string_view bytes) { (void)checked(message::read_resource_groups(bytes)); },
    check_resource_group,
};

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto reader = static_cast<unsigned char>(bytes.front()) % std::size(kReaders);
  kReaders[reader](bytes.substr(1));
}
