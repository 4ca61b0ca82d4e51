#include "agent/demo/milvus_api.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace evenkeel::demo {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kInt64 = 5, kFloatVector = 101;  // schemapb.DataType
constexpr int kSealed = 3;                     // commonpb.SegmentState
constexpr const char* kResourceGroup = "__default_resource_group";

template <typename Id>
std::int64_t number(Id id) {
  return static_cast<std::int64_t>(id);
}

// A request body that is not what the endpoint takes.
struct BadBody : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The body's fields, read by their Go types. No body at all counts as an empty object, as in
// Milvus.
class Fields {
 public:
  explicit Fields(std::string_view body) {
    if (body.empty()) return;
    object_ = Json::parse(body, nullptr, false);
    if (object_.is_discarded()) throw BadBody("invalid JSON");
    if (!object_.is_object()) throw BadBody("not a JSON object");
  }

  [[nodiscard]] std::string text(const char* key) const {
    const auto* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string()) throw BadBody(std::string(key) + " is not a string");
    return value->get<std::string>();
  }
  [[nodiscard]] std::int64_t integer(const char* key) const {
    const auto* value = find(key);
    return value == nullptr ? 0 : integer(*value, key);
  }
  [[nodiscard]] bool boolean(const char* key) const {
    const auto* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) throw BadBody(std::string(key) + " is not a boolean");
    return value->get<bool>();
  }
  template <typename Id>
  [[nodiscard]] std::vector<Id> ids(const char* key) const {
    std::vector<Id> ids;
    const auto* value = find(key);
    if (value == nullptr) return ids;
    if (!value->is_array()) throw BadBody(std::string(key) + " is not an array");
    for (const auto& each : *value) ids.push_back(Id{integer(each, key)});
    return ids;
  }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    const auto it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }
  static std::int64_t integer(const Json& value, const char* key) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
    if (!fits) throw BadBody(std::string(key) + " is not an int64");
    return value.get<std::int64_t>();
  }

  Json object_ = Json::object();
};

Json status_of(const Refusal& refusal) {
  return {{"error_code", refusal.error_code},
          {"reason", refusal.reason},
          {"code", refusal.code},
          {"detail", refusal.reason}};
}

Answer ok(const Json& json) {
  return {200, json.dump()};
}

Answer bad_body(const BadBody& mistake) {
  const Json json{{"error_code", kIllegalArgument},
                  {"reason", std::string("bad request: parse body failed: ") + mistake.what()}};
  return {400, json.dump()};
}

// An answer whose error is inside: HTTP says 200.
Answer failed(const Refusal& refusal) {
  return ok({{"status", status_of(refusal)}});
}

Answer no_collection(const std::string& name) {
  return failed({kCollectionNotExists, kCollectionNotFound,
                 "collection not found[database=default][collection=" + name + "]"});
}

Json schema(const World::Collection& collection) {
  const Json key{{"fieldID", 100}, {"name", "id"}, {"is_primary_key", true}, {"data_type", kInt64}};
  const Json dim{{"key", "dim"}, {"value", std::to_string(collection.dim)}};
  const Json vector{{"fieldID", 101},
                    {"name", "v"},
                    {"data_type", kFloatVector},
                    {"type_params", Json::array({dim})}};
  return {{"name", collection.name}, {"fields", Json::array({key, vector})}};
}

Json segment(const World::Collection& collection, const PlacedSegment& placed) {
  Json json{{"segmentID", number(placed.id)},
            {"collectionID", number(collection.id)},
            {"partitionID", number(collection.id) + 1}};
  if (placed.rows != 0) json["num_rows"] = placed.rows;
  json["state"] = kSealed;
  json["nodeIds"] = Json::array();
  for (const auto node : placed.nodes) json["nodeIds"].push_back(number(node));
  return json;
}

std::string address_of(const Simulation& simulation, const Directory& directory,
                       rules::NodeId node) {
  const auto& nodes = simulation.nodes();
  const auto it = std::find_if(nodes.begin(), nodes.end(), [&](auto& n) { return n.id == node; });
  return directory.addresses.at(static_cast<std::size_t>(it - nodes.begin()));
}

Json hardware(const std::string& address, rules::Bytes memory, rules::Bytes used) {
  return {{"ip", address},        {"cpu_core_count", 2},  {"cpu_core_usage", 12.5},
          {"memory", memory},     {"memory_usage", used}, {"disk", 104857600},
          {"disk_usage", 2097152}};
}

// One entry of system_info: unlike the answers around it, with its zeros.
Json system_entry(const char* role, rules::NodeId id, Json hardware_infos, Json connected) {
  const Json system{{"system_version", "evenkeel"},
                    {"deploy_mode", "DISTRIBUTED"},
                    {"build_version", "v2.3.5-simulated"},
                    {"build_time", ""},
                    {"used_go_version", ""}};
  Json infos{{"has_error", false},
             {"error_reason", ""},
             {"name", role + std::to_string(number(id))},
             {"hardware_infos", std::move(hardware_infos)},
             {"system_info", system},
             {"type", role},
             {"id", number(id)}};
  return {
      {"identifier", number(id)}, {"connected", std::move(connected)}, {"infos", std::move(infos)}};
}

Json system_info(Simulation& simulation, Simulation::Time now, const Directory& directory) {
  Json entries = Json::array();
  Json connected = Json::array();
  const auto& nodes = simulation.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto figures =
        hardware(directory.addresses.at(i), nodes[i].capacity, simulation.memory(i, now));
    entries.push_back(system_entry("querynode", nodes[i].id, std::move(figures), nullptr));
    connected.push_back({{"connected_identifier", number(nodes[i].id)},
                         {"type", "manage"},
                         {"target_type", "querynode"}});
  }
  entries.push_back(system_entry("querycoord", directory.coordinator,
                                 hardware("127.0.0.1:19531", rules::Bytes{16} << 30, 122126336),
                                 std::move(connected)));
  return {{"nodes_info", std::move(entries)}};
}

// The kind that the request inside the request names; empty where it names none.
std::string metric_type(const std::string& request) try {
  return Fields(request).text("metric_type");
} catch (const BadBody&) {
  return {};
}

}  // namespace

Answer answer_collections(const Simulation& simulation) {
  Json json{{"status", Json::object()}};
  for (const auto& collection : simulation.collections()) {
    json["collection_names"].push_back(collection.name);
    json["collection_ids"].push_back(number(collection.id));
  }
  return ok(json);
}

Answer answer_collection(const Simulation& simulation, std::string_view body) try {
  const auto name = Fields(body).text("collection_name");
  const auto* collection = simulation.find(name);
  if (collection == nullptr) return no_collection(name);
  return ok({{"status", Json::object()},
             {"schema", schema(*collection)},
             {"collectionID", number(collection->id)}});
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_segments(Simulation& simulation, Simulation::Time now, std::string_view body) try {
  const auto name = Fields(body).text("collectionName");
  const auto* collection = simulation.find(name);
  if (collection == nullptr) return no_collection(name);
  Json json{{"status", Json::object()}};
  for (const auto& placed : simulation.segments(*collection, now)) {
    json["infos"].push_back(segment(*collection, placed));
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_replicas(const Simulation& simulation, const Directory& directory,
                       std::string_view body) try {
  const Fields fields(body);
  const auto name = fields.text("collection_name");
  const auto id = rules::CollectionId{fields.integer("collectionID")};
  const auto* collection = name.empty() ? simulation.find(id) : simulation.find(name);
  if (collection == nullptr) return no_collection(name.empty() ? std::to_string(number(id)) : name);
  const bool with_shards = fields.boolean("with_shard_nodes");

  Json json{{"status", Json::object()}};
  for (const auto& replica : collection->replicas) {
    Json nodes = Json::array();
    for (const auto node : replica.nodes) nodes.push_back(number(node));
    Json one{{"replicaID", number(replica.id)}, {"collectionID", number(collection->id)}};
    if (with_shards && !replica.nodes.empty()) {
      const auto leader = replica.nodes.front();
      Json shard{{"leaderID", number(leader)},
                 {"leader_addr", address_of(simulation, directory, leader)},
                 {"dm_channel_name",
                  "by-dev-rootcoord-dml_0_" + std::to_string(number(collection->id)) + "v0"},
                 {"node_ids", nodes}};
      one["shard_replicas"].push_back(std::move(shard));
    }
    one["node_ids"] = std::move(nodes);
    one["resource_group_name"] = kResourceGroup;
    json["replicas"].push_back(std::move(one));
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_metrics(Simulation& simulation, Simulation::Time now, const Directory& directory,
                      std::string_view body) try {
  const auto type = metric_type(Fields(body).text("request"));
  if (type != "system_info") {
    return failed({kUnexpectedError, kServiceInternal, "metric type '" + type + "' is not known"});
  }
  return ok({{"status", Json::object()},
             {"response", system_info(simulation, now, directory).dump()},
             {"component_name", "proxy" + std::to_string(number(directory.coordinator))}});
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

tl::expected<Transfer, Answer> read_load_balance(std::string_view body) try {
  const Fields fields(body);
  Transfer transfer;
  transfer.collection = fields.text("collectionName");
  transfer.source = rules::NodeId{fields.integer("src_nodeID")};
  transfer.destinations = fields.ids<rules::NodeId>("dst_nodeIDs");
  transfer.segments = fields.ids<rules::SegmentId>("sealed_segmentIDs");
  return transfer;
} catch (const BadBody& mistake) {
  return tl::unexpected(bad_body(mistake));
}

Answer answer_refused(const Refusal& refusal) {
  return ok(status_of(refusal));
}

Answer answer_done() {
  return ok(Json::object());
}

}  // namespace evenkeel::demo
