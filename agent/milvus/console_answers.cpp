// Reads the lists of Milvus's console (2.5 and later), and those of databases.

#include <algorithm>

#include "agent/milvus/answer_reader.hpp"
#include "agent/milvus/answers.hpp"
#include "agent/milvus/error_words.hpp"

namespace evenkeel::milvus {

namespace {

using rules::CollectionId;
using rules::NodeId;
using rules::SegmentId;

SegmentSize read_size(const JsonView& segment) {
  constexpr rules::Bytes kMost = rules::Bytes{1} << 50;  // sums of sizes cannot overflow
  SegmentSize size{.segment = SegmentId{segment["segment_id"].required_integer()},
                   .collection = CollectionId{segment["collection_id"].integer()},
                   .node = NodeId{segment["node_id"].required_integer()},
                   .rows = segment["loaded_insert_row_count"].count(),
                   .bytes = std::min(segment["mem_size"].count(), kMost),
                   .sealed = segment["state"].text() == "Sealed"};
  for (const auto& index : segment["index_fields"].items()) {
    if (!index["is_loaded"].boolean()) continue;
    size.bytes = std::min(size.bytes + std::min(index["index_size"].count(), kMost), kMost);
  }
  return size;
}

// Reads a list of nodes, or an object that has one.
std::vector<NodeId> channel_nodes(const JsonView& nodes) {
  return sorted_ids<NodeId>(nodes.is_object() ? nodes["rw_nodes"] : nodes);
}

ReplicaRoles read_roles(const JsonView& replica) {
  ReplicaRoles roles{.id = rules::ReplicaId{replica["ID"].required_integer()},
                     .collection = CollectionId{replica["collectionID"].integer()},
                     .nodes = sorted_ids<NodeId>(replica["rw_nodes"]),
                     .read_only = sorted_ids<NodeId>(replica["ro_nodes"]),
                     .channels = {}};
  // Milvus's rw_nodes are in truth all members. The union is right even if that ever changes.
  std::vector<NodeId> all;
  std::set_union(roles.nodes.begin(), roles.nodes.end(), roles.read_only.begin(),
                 roles.read_only.end(), std::back_inserter(all));
  roles.nodes = std::move(all);
  replica["channel_to_rw_nodes"].each_member([&roles](const auto& channel, const auto& nodes) {
    roles.channels.push_back({channel, channel_nodes(nodes)});
  });
  return roles;
}

Result<Databases> read_names(std::string_view text, std::string_view member) {
  const auto take = [](const JsonView& name, Databases& found) {
    found.names.push_back(name.text());
    return kept_of(found.names.back());
  };
  return read_long<Databases>(text, member, take,
                              [&](const JsonView& root, Databases& found) -> Result<void> {
                                if (auto answer = check_answer(root); !answer) return answer;
                                if (found.names.empty())
                                  root[member].expected("at least one database");
                                std::sort(found.names.begin(), found.names.end());
                                return {};
                              });
}

}  // namespace

Result<std::vector<SegmentSize>> parse_segment_sizes(std::string_view text) {
  return read_list<SegmentSize>(text, read_size);
}

Result<std::vector<ReplicaRoles>> parse_replica_roles(std::string_view text) {
  return read_list<ReplicaRoles>(text, read_roles);
}

Result<std::vector<ResourceGroup>> parse_resource_groups(std::string_view text) {
  return read_list<ResourceGroup>(text, [](const JsonView& group) {
    if (group["name"].text().empty()) group["name"].expected("the name of a resource group");
    return ResourceGroup{group["name"].text(), sorted_ids<NodeId>(group["nodes"])};
  });
}

Result<std::vector<SegmentChannel>> parse_segment_channels(std::string_view text) {
  return read_list<SegmentChannel>(text, [](const JsonView& segment) {
    return SegmentChannel{SegmentId{segment["segment_id"].required_integer()},
                          segment["channel"].text()};
  });
}

Result<bool> parse_balancer_active(std::string_view text) {
  return read_json<bool>(text, [](const JsonView& root) -> Result<bool> {
    if (!root.is_object()) root.expected("an object");
    const auto status = root["status"];
    if (status.is_text() && status.text() == "active") return true;
    if (status.is_text() && status.text() == "suspended") return false;
    if (status.is_null()) {
      if (auto message = check_message(root); !message) return tl::unexpected(message.error());
    }
    status.expected("\"active\" or \"suspended\"");
  });
}

Result<void> parse_management(std::string_view text) {
  return read_json<void>(text, [](const JsonView& root) -> Result<void> {
    if (!root.is_object()) root.expected("an object");
    if (root["msg"].is_text() && root["msg"].text() == "OK") return {};
    if (auto message = check_message(root); !message) return message;
    root["msg"].expected("\"OK\"");
  });
}

Result<Databases> parse_databases(std::string_view text) {
  return read_names(text, "db_names");
}

Result<Databases> parse_rest_databases(std::string_view text) {
  return read_names(text, "data");
}

Failure parse_refusal(std::string_view text) {
  const auto words = read_json<void>(text, [](const JsonView& root) -> Result<void> {
    if (!root.is_object()) root.expected("an object");
    if (auto status = check_status(root); !status) return status;
    return check_message(root);
  });
  if (!words) return words.error();
  return malformed("no words in it: " + beginning_of(text));
}

}  // namespace evenkeel::milvus
