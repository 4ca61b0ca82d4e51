#include "agent/demo/console_api.hpp"

#include <algorithm>
#include <utility>

#include "agent/demo/answers.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

// Only the first database has a small id, as in Milvus.
std::int64_t database_id(const Simulation& simulation, std::string_view name) {
  constexpr std::int64_t first_of_others = 470781385398694247;
  const auto& all = simulation.databases();
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i] == name) return first_of_others + static_cast<std::int64_t>(i);
  }
  return 1;
}

std::string text(std::int64_t value) {
  return std::to_string(value);
}

bool asked_for(const World::Collection& collection, std::string_view query) {
  const auto id = parameter(query, "collection_id");
  return id.empty() || id == to_string(collection.id);
}

Json index_of(const World::Collection& collection) {
  return {{"field_id", "101"},
          {"index_id", text(index_id(collection))},
          {"build_id", text(index_id(collection) + 1)},
          {"is_loaded", "true"}};
}

// Calls `write` for each copy of each segment that was asked for, at both ends of a move.
template <typename Write>
Json each_copy(Simulation& simulation, Simulation::Time now, std::string_view query,
               const Write& write) {
  Json list = Json::array();
  for (const auto& collection : simulation.collections()) {
    if (!asked_for(collection, query)) continue;
    for (const auto& placed : simulation.segments(collection, now)) {
      if (placed.l0 && !simulation.release().lists_l0()) continue;
      for (const auto node : placed.nodes) list.push_back(write(collection, placed, node));
    }
  }
  return list;
}

Json start_of_segment(const World::Collection& collection, const PlacedSegment& placed) {
  return {{"segment_id", to_string(placed.id)},
          {"collection_id", to_string(collection.id)},
          {"partition_id", text(partition(collection))}};
}

Json numbers(const std::vector<rules::NodeId>& nodes) {
  Json list = Json::array();
  for (const auto node : nodes) list.push_back(number(node));
  return list;
}

}  // namespace

bool in_resource_group(const Simulation& simulation, const World::Node& node) {
  return !node.suspended && (!node.streaming || simulation.release().groups_streaming_nodes());
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return std::string(pair.substr(name.size() + 1));
    }
  }
  return {};
}

Answer answer_databases(const Simulation& simulation) {
  Json json{{"db_names", Json::array()},
            {"db_ids", Json::array()},
            {"created_timestamps", Json::array()}};
  for (const auto& name : simulation.databases()) {
    json["db_names"].push_back(name);
    json["db_ids"].push_back(text(database_id(simulation, name)));
    json["created_timestamps"].push_back("2026-11-28 17:54:23");
  }
  return ok(json);
}

// The nodes' own list of their segments is the one list with bytes.
Answer answer_node_segments(Simulation& simulation, Simulation::Time now, std::string_view query) {
  return ok(each_copy(simulation, now, query, [](auto& collection, auto& placed, auto node) {
    auto json = start_of_segment(collection, placed);
    json["state"] = "Sealed";
    json["node_id"] = number(node);
    const auto all = placed.rows * row_bytes(collection.dim);
    const auto raw = collection.indexed ? placed.rows * row_bytes(0) : all;
    if (!placed.l0) {
      auto index = index_of(collection);
      if (all != raw) index["index_size"] = text(all - raw);
      index["has_raw_data"] = true;
      json["index_fields"] = Json::array({std::move(index)});
    }
    json["resource_group"] = kResourceGroup;
    if (placed.rows != 0) {
      json["loaded_insert_row_count"] = text(placed.rows);
      json["mem_size"] = text(raw);
    }
    return json;
  }));
}

Answer answer_coordinator_segments(Simulation& simulation, Simulation::Time now,
                                   std::string_view query) {
  if (parameter(query, "in") != "qc") return answer_node_segments(simulation, now, query);
  return ok(each_copy(simulation, now, query, [](auto& collection, auto& placed, auto node) {
    auto json = start_of_segment(collection, placed);
    json["channel"] = placed.channel;
    if (placed.rows != 0) json["num_of_rows"] = text(placed.rows);
    json["state"] = "SegmentStateNone";
    json["level"] = placed.l0 ? "L0" : "L1";
    json["node_id"] = number(node);
    json["loaded_timestamp"] = "\"1970-01-01 00:00:00\"";
    if (!placed.l0) json["index_fields"] = Json::array({index_of(collection)});
    return json;
  }));
}

Answer answer_console_replicas(const Simulation& simulation) {
  Json list = Json::array();
  for (const auto& collection : simulation.collections()) {
    for (const auto& replica : collection.replicas) {
      Json json{{"ID", to_string(replica.id)},
                {"collectionID", to_string(collection.id)},
                {"database_id", text(database_id(simulation, collection.database))},
                {"rw_nodes", numbers(replica.nodes)},  // in truth all members
                {"resource_group", kResourceGroup}};
      for (const auto node : replica.nodes) {
        if (simulation.node(node).suspended) json["ro_nodes"].push_back(number(node));
      }
      for (const auto& channel : replica.channels) {
        json["channel_to_rw_nodes"][channel.name] = numbers(channel.nodes);
      }
      list.push_back(std::move(json));
    }
  }
  return ok(list);
}

Answer answer_resource_groups(const Simulation& simulation) {
  Json nodes = Json::array();
  for (const auto& node : simulation.nodes()) {
    if (in_resource_group(simulation, node)) nodes.push_back(number(node.id));
  }
  const Json group{{"name", kResourceGroup},
                   {"nodes", std::move(nodes)},
                   {"cfg", {{"requests", Json::object()}, {"limits", {{"node_num", 1'000'000}}}}}};
  return ok(Json::array({group}));
}

Answer answer_node_list(const Simulation& simulation, const Directory& directory) {
  Json list = Json::array();
  const auto& nodes = simulation.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    list.push_back({{"ID", number(nodes[i].id)},
                    {"address", directory.addresses.at(i)},
                    {"state", in_resource_group(simulation, nodes[i]) ? "active" : "suspended"}});
  }
  return ok({{"nodeInfos", std::move(list)}});
}

// Milvus writes these by hand, with a blank after each colon.
Answer answer_balance_status(const Simulation& simulation) {
  const char* state = simulation.balance_suspended() ? "suspended" : "active";
  return {200, std::string(R"({"msg": "OK", "status": ")") + state + "\"}"};
}

Answer answer_switched() {
  return {200, R"({"msg": "OK"})"};
}

Answer answer_no_such_node() {
  return {500, R"({"msg": "failed to switch node, there is no such node"})"};
}

Answer answer_v2_databases(const Simulation& simulation) {
  return ok({{"code", 0}, {"data", simulation.databases()}});
}

Answer answer_not_authenticated() {
  const Json json{{"code", kNeedAuthenticate}, {"message", "user hasn't authenticated"}};
  return {401, json.dump()};
}

}  // namespace evenkeel::demo
