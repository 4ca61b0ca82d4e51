#include "agent/milvus/answers.hpp"

#include <algorithm>

#include "agent/milvus/answer_reader.hpp"

namespace evenkeel::milvus {

namespace {

using rules::NodeId;

QueryNode read_query_node(const JsonView& node) {
  const auto infos = node["infos"];
  const auto hardware = infos["hardware_infos"];
  return {.id = NodeId{node["identifier"].required_integer()},
          .address = hardware["ip"].text(),
          .memory = hardware["memory"].count(),
          .memory_used = hardware["memory_usage"].count(),
          .version = infos["system_info"]["build_version"].text(),
          .has_error = infos["has_error"].boolean(),
          .error = infos["error_reason"].text()};
}

SegmentInfo read_segment(const JsonView& segment) {
  SegmentInfo info{.id = rules::SegmentId{segment["segmentID"].required_integer()},
                   .collection = rules::CollectionId{segment["collectionID"].integer()},
                   .partition = rules::PartitionId{segment["partitionID"].integer()},
                   .rows = segment["num_rows"].count(),
                   .memory_size = segment["mem_size"].count(),
                   .state = segment_state(segment["state"].integer()),
                   .nodes = sorted_ids<NodeId>(segment["nodeIds"])};
  // 2.1 names its one node in a field of its own.
  const auto single = segment["nodeID"].integer();
  if (info.nodes.empty() && single != 0) info.nodes.push_back(NodeId{single});
  return info;
}

ReplicaInfo read_replica(const JsonView& replica) {
  std::vector<NodeId> leaders;
  for (const auto& shard : replica["shard_replicas"].items()) {
    // 0 means a shard without a leader.
    if (const auto leader = shard["leaderID"].integer(); leader != 0) {
      leaders.push_back(NodeId{leader});
    }
  }
  std::sort(leaders.begin(), leaders.end());
  leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
  leaders.shrink_to_fit();
  std::int64_t outbound = 0;
  replica["num_outbound_node"].each_member([&outbound](const auto&, const auto& nodes) {
    outbound += std::min(nodes.count(), kMostNodes);
  });
  return {.id = rules::ReplicaId{replica["replicaID"].required_integer()},
          .collection = rules::CollectionId{replica["collectionID"].integer()},
          .resource_group = replica["resource_group_name"].text(),
          .nodes = sorted_ids<NodeId>(replica["node_ids"]),
          .leaders = std::move(leaders),
          .outbound = outbound};
}

}  // namespace

rules::SegmentState segment_state(std::int64_t state) {
  switch (state) {
    case 2:
      return rules::SegmentState::growing;
    case 3:  // Sealed
    case 4:  // Flushed; a query node holds both as sealed
      return rules::SegmentState::sealed;
    default:  // None, NotExist, Flushing, Dropped, Importing
      return rules::SegmentState::other;
  }
}

Result<SystemInfo> parse_system_info(std::string_view text) {
  // The figures are a JSON text within the answer.
  const auto inner =
      read_answer<std::string>(text, [](const JsonView& root) { return root["response"].text(); });
  if (!inner) return tl::unexpected(inner.error());
  return parse_system_figures(*inner, text.size());
}

Result<SystemInfo> parse_system_figures(std::string_view text, std::size_t beside) {
  std::string of_coordinator;
  const auto take = [&](const JsonView& node, SystemInfo& found) {
    const auto type = node["infos"]["type"].text();
    const auto version = node["infos"]["system_info"]["build_version"].text();
    if (type == "proxy" && found.version.empty()) found.version = version;
    if (type == "querycoord") of_coordinator = version;
    if (type != "querynode" && type != "streamingnode") return std::size_t{0};
    found.nodes.push_back(read_query_node(node));
    found.nodes.back().streaming = type == "streamingnode";
    return kept_of(found.nodes.back());
  };
  auto system = read_long<SystemInfo>(
      text, "nodes_info", take,
      [&](const JsonView& root, SystemInfo& found) {
        if (found.version.empty()) found.version = of_coordinator;
        return check_answer(root);
      },
      beside);
  if (!system) {
    system.error().message = "in its field 'response': " + system.error().message;
    return system;
  }
  std::sort(system->nodes.begin(), system->nodes.end(),
            [](auto& a, auto& b) { return a.id < b.id; });
  return system;
}

Result<std::vector<CollectionInfo>> parse_collections(std::string_view text) {
  return read_answer<std::vector<CollectionInfo>>(text, [](const JsonView& root) {
    const auto names = root["collection_names"].items();
    const auto ids = root["collection_ids"].items();
    const auto percentages = root["inMemory_percentages"].items();
    if (names.size() != ids.size() || (!percentages.empty() && percentages.size() != ids.size())) {
      throw Malformed("collection_names, collection_ids and inMemory_percentages: of " +
                      std::to_string(names.size()) + ", " + std::to_string(ids.size()) + " and " +
                      std::to_string(percentages.size()) + " elements");
    }
    if (ids.size() > kMostCollections) {
      throw Malformed("lists " + std::to_string(ids.size()) + " collections, of which " +
                      std::to_string(kMostCollections) + " are taken at most");
    }
    std::vector<CollectionInfo> collections;
    collections.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      CollectionInfo info{rules::CollectionId{ids[i].required_integer()}, names[i].text()};
      if (!percentages.empty()) {
        info.loaded_percentage =
            static_cast<int>(std::min<std::int64_t>(percentages[i].count(), 100));
      }
      collections.push_back(std::move(info));
    }
    return collections;
  });
}

Result<std::vector<ReplicaInfo>> parse_replicas(std::string_view text) {
  const auto take = [](const JsonView& replica, std::vector<ReplicaInfo>& into) {
    into.push_back(read_replica(replica));
    return kept_of(into.back());
  };
  return read_answer_list<ReplicaInfo>(text, "replicas", take);
}

Result<std::vector<SegmentInfo>> parse_segments(std::string_view text) {
  const auto take = [](const JsonView& segment, std::vector<SegmentInfo>& into) {
    if (segment["level"].integer() == kLevelZero) return std::size_t{0};
    into.push_back(read_segment(segment));
    return kept_of(into.back());
  };
  return read_answer_list<SegmentInfo>(text, "infos", take);
}

Result<void> parse_status(std::string_view text) {
  return read_answer<void>(text, [](const JsonView&) { return Result<void>{}; });
}

}  // namespace evenkeel::milvus
