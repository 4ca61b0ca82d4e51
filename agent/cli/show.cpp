#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/cli/session.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

std::map<rules::CollectionId, std::string> names_of(const rules::Cluster& cluster) {
  std::map<rules::CollectionId, std::string> names;
  for (const auto& collection : cluster.collections) names[collection.id] = collection.name;
  return names;
}

std::string ratio_of(const rules::Node& node) {
  if (node.health != rules::NodeHealth::up || node.capacity <= 0) return "-";
  return rules::format_percent(static_cast<double>(node.used) / static_cast<double>(node.capacity));
}

void print_json(const Json& json) {
  std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

int show_nodes(const ShowOptions& options) {
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  Session session(*std::move(settings));
  const auto cluster = session.observe();
  const bool complete = report_problems(*cluster);
  std::map<rules::NodeId, std::size_t> segments;
  for (const auto& segment : cluster->segments) ++segments[segment.node];
  std::vector<rules::Node> nodes = cluster->nodes;
  std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });

  Json json = {{"milvus_version", cluster->version},
               {"memory_source", cluster->memory_source},
               {"memory_why", cluster->memory_why},
               {"nodes", Json::array()}};
  Table table({{"NODE", Align::right},
               {"ROLE"},
               {"ADDRESS"},
               {"VERSION"},
               {"USED", Align::right},
               {"CAPACITY", Align::right},
               {"RATIO", Align::right},
               {"SEGMENTS", Align::right},
               {"HEALTH"}});
  for (const auto& node : nodes) {
    const bool sampled = node.health == rules::NodeHealth::up;
    Json entry = {{"node_id", to_string(node.id)},
                  {"role", rules::name(node.role)},
                  {"address", node.address},
                  {"version", node.version}};
    if (sampled) entry["used_bytes"] = node.used;
    if (node.capacity > 0) {
      entry["capacity_bytes"] = node.capacity;
      entry["capacity_source"] = rules::name(node.capacity_source);
    }
    if (sampled && node.capacity > 0) {
      entry["ratio"] = static_cast<double>(node.used) / static_cast<double>(node.capacity);
    }
    entry["segments"] = segments[node.id];
    entry["health"] = rules::name(node.health);
    if (!node.problem.empty()) entry["problem"] = node.problem;
    json["nodes"].push_back(std::move(entry));
    table.add({to_string(node.id), std::string(rules::name(node.role)), node.address,
               node.version.empty() ? "-" : node.version,
               sampled ? rules::format_bytes(node.used) : "-",
               node.capacity > 0 ? rules::format_bytes(node.capacity) : "-", ratio_of(node),
               std::to_string(segments[node.id]), std::string(rules::name(node.health))});
  }
  if (options.format == OutputFormat::json) {
    print_json(json);
  } else {
    std::cout << (nodes.empty() ? "no query nodes\n" : table.str());
  }
  return complete ? kDone : kFailed;
}

int show_query_segment(const ShowOptions& options) {
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  Session session(*std::move(settings));
  const auto cluster = session.observe();
  const bool complete = report_problems(*cluster);
  const auto names = names_of(*cluster);
  std::optional<rules::CollectionId> only;
  if (!options.collection.empty()) {
    const auto found = rules::find_collection(*cluster, options.collection);
    if (const auto* declined = std::get_if<rules::Declined>(&found)) {
      std::cerr << "evenkeel: " << declined->why << '\n';
      return kFailed;
    }
    only = std::get<rules::CollectionId>(found);
  }
  const auto wanted = [&](const rules::Segment& segment) {
    return !only || segment.collection == *only;
  };
  std::vector<rules::Segment> segments;
  std::copy_if(cluster->segments.begin(), cluster->segments.end(), std::back_inserter(segments),
               wanted);
  std::sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) {
    return std::tie(a.collection, a.replica, a.node, a.id) <
           std::tie(b.collection, b.replica, b.node, b.id);
  });

  Json json = {{"segments", Json::array()}};
  Table table({{"COLLECTION"},
               {"REPLICA", Align::right},
               {"NODE", Align::right},
               {"SEGMENT", Align::right},
               {"ROWS", Align::right},
               {"BYTES", Align::right},
               {"SIZE FROM"},
               {"STATE"}});
  for (const auto& segment : segments) {
    const std::string& name = names.at(segment.collection);
    json["segments"].push_back({{"collection", name},
                                {"collection_id", to_string(segment.collection)},
                                {"replica_id", to_string(segment.replica)},
                                {"partition_id", to_string(segment.partition)},
                                {"segment_id", to_string(segment.id)},
                                {"node_id", to_string(segment.node)},
                                {"rows", segment.rows},
                                {"bytes", segment.bytes},
                                {"size_source", rules::name(segment.size_source)},
                                {"state", rules::name(segment.state)}});
    table.add({name, to_string(segment.replica), to_string(segment.node), to_string(segment.id),
               std::to_string(segment.rows), rules::format_bytes(segment.bytes),
               std::string(rules::name(segment.size_source)),
               std::string(rules::name(segment.state))});
  }
  if (options.format == OutputFormat::json) {
    print_json(json);
  } else {
    std::cout << (segments.empty() ? "no segments are loaded\n" : table.str());
  }
  return complete ? kDone : kFailed;
}

}  // namespace evenkeel::cli
