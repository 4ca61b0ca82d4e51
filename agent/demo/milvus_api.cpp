#include "agent/demo/milvus_api.hpp"

#include <unordered_set>
#include <utility>

#include "agent/demo/answers.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

constexpr int kInt64 = 5, kFloatVector = 101;  // schemapb.DataType
constexpr int kSealed = 3;                     // commonpb.SegmentState
constexpr int kLevelL0 = 1, kLevelL1 = 2;      // datapb.SegmentLevel
constexpr int kInMemory = 1;                   // milvuspb.ShowType: loaded collections alone
// The time when everything was created: Milvus's hybrid timestamp, and milliseconds.
constexpr std::int64_t kCreated = 470781422696661010, kCreatedMillis = 1795888605868;

Answer no_collection(const Simulation& simulation, const std::string& name,
                     const std::string& database) {
  return failed(collection_not_found(name, database), simulation.release());
}

Json timezone() {
  const Json pair{{"key", "timezone"}, {"value", "UTC"}};
  return Json::array({pair});
}

Json schema(const World::Collection& collection, const Release& release) {
  const Json key{{"fieldID", 100}, {"name", "id"}, {"is_primary_key", true}, {"data_type", kInt64}};
  const Json dim{{"key", "dim"}, {"value", std::to_string(collection.dim)}};
  const Json vector{{"fieldID", 101},
                    {"name", "v"},
                    {"data_type", kFloatVector},
                    {"type_params", Json::array({dim})}};
  Json written{{"name", collection.name}, {"fields", Json::array({key, vector})}};
  if (release.at_least(2, 6)) {
    written["properties"] = timezone();
    written["dbName"] = collection.database;
  }
  return written;
}

Json segment(const World::Collection& collection, const PlacedSegment& placed,
             const Release& release) {
  Json json{{"segmentID", number(placed.id)},
            {"collectionID", number(collection.id)},
            {"partitionID", partition(collection)}};
  if (placed.rows != 0) json["num_rows"] = placed.rows;
  if (release.has_levels() && !placed.l0) {
    json["index_name"] = collection.indexed ? "HNSW" : "FLAT";
    json["indexID"] = index_id(collection);
  }
  json["state"] = kSealed;
  json["nodeIds"] = Json::array();
  for (const auto node : placed.nodes) json["nodeIds"].push_back(number(node));
  if (release.has_levels()) json["level"] = placed.l0 ? kLevelL0 : kLevelL1;
  return json;
}

// Returns the node that watches the channel: a streaming one, if any.
rules::NodeId leader_of(const Simulation& simulation, const World::Replica& replica) {
  for (const auto id : replica.nodes) {
    if (simulation.node(id).streaming) return id;
  }
  return replica.nodes.front();
}

Json holders(const World::Collection& collection, const World::Replica& replica) {
  std::unordered_set<rules::NodeId> holding;
  for (const auto& segment : collection.segments) holding.insert(segment.node);
  Json nodes = Json::array();
  for (const auto node : replica.nodes) {
    if (holding.contains(node)) nodes.push_back(number(node));
  }
  return nodes;
}

Json replica_entry(const Simulation& simulation, const Directory& directory,
                   const World::Collection& collection, const World::Replica& replica,
                   bool with_shards) {
  const bool newer = simulation.release().at_least(2, 6);
  Json nodes = Json::array();
  for (const auto node : replica.nodes) nodes.push_back(number(node));
  Json one{{"replicaID", number(replica.id)}, {"collectionID", number(collection.id)}};
  if ((with_shards || newer) && !replica.nodes.empty()) {
    const auto leader = leader_of(simulation, replica);
    Json shard{{"leaderID", number(leader)},
               {"leader_addr", directory.addresses.at(simulation.index(leader))},
               {"dm_channel_name", first_channel(collection)}};
    if (!newer) {
      shard["node_ids"] = nodes;
    } else {
      shard["node_ids"] =
          with_shards ? holders(collection, replica) : Json::array({number(leader)});
    }
    one["shard_replicas"].push_back(std::move(shard));
  }
  one["node_ids"] = std::move(nodes);
  one["resource_group_name"] = kResourceGroup;
  return one;
}

}  // namespace

Answer answer_collections(const Simulation& simulation, std::string_view body) try {
  const Fields fields(body);
  const auto database = fields.text("db_name");
  const bool loaded_alone = fields.integer("type") == kInMemory;
  if (!simulation.has_database(database)) {
    return failed(
        {kUnexpectedError, kDatabaseNotFound, "database not found[database=" + database + "]"},
        simulation.release());
  }
  Json json{{"status", Json::object()}};
  for (const auto& collection : simulation.collections()) {
    if (collection.database != (database.empty() ? kDefaultDatabase : database)) continue;
    if (loaded_alone && collection.replicas.empty()) continue;
    json["collection_names"].push_back(collection.name);
    json["collection_ids"].push_back(number(collection.id));
    if (!simulation.release().has_levels()) continue;  // 2.3 says less of them
    json["created_timestamps"].push_back(kCreated);
    json["created_utc_timestamps"].push_back(kCreatedMillis);
    if (loaded_alone) {
      json["inMemory_percentages"].push_back(100);
      json["query_service_available"].push_back(true);
    }
    json["shards_num"].push_back(1);
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_collection(const Simulation& simulation, std::string_view body) try {
  const Fields fields(body);
  const auto name = fields.text("collection_name");
  const auto database = fields.text("db_name");
  const auto& release = simulation.release();
  const auto* collection = simulation.find(name, database);
  if (collection == nullptr) {
    if (!release.at_least(2, 6)) return no_collection(simulation, name, database);
    const Refusal refusal{
        kCollectionNotExists, 0,
        "can't find collection[database=" + database + "][collection=" + name + "]"};
    return ok({{"status", status_of(refusal, release)}, {"collection_name", name}});
  }
  Json json{{"status", Json::object()},
            {"schema", schema(*collection, release)},
            {"collectionID", number(collection->id)}};
  if (release.at_least(2, 6)) {
    json["virtual_channel_names"] = Json::array({first_channel(*collection)});
    json["physical_channel_names"] = Json::array({"by-dev-rootcoord-dml_0"});
    json["created_timestamp"] = kCreated;
    json["created_utc_timestamp"] = kCreatedMillis;
    json["shards_num"] = 1;
    json["consistency_level"] = 2;
    json["collection_name"] = collection->name;
    json["properties"] = timezone();
    json["num_partitions"] = 1;
    json["update_timestamp"] = kCreated;
    json["update_timestamp_str"] = std::to_string(kCreated);
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_segments(Simulation& simulation, Simulation::Time now, std::string_view body) try {
  const Fields fields(body);
  const auto name = fields.text("collectionName");
  const auto database = fields.text("dbName");  // not db_name, as everywhere else
  const auto* collection = simulation.find(name, database);
  if (collection == nullptr) return no_collection(simulation, name, database);
  Json json{{"status", Json::object()}};
  for (const auto& placed : simulation.segments(*collection, now)) {
    if (placed.l0 && !simulation.release().lists_l0()) continue;
    json["infos"].push_back(segment(*collection, placed, simulation.release()));
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

Answer answer_replicas(const Simulation& simulation, const Directory& directory,
                       std::string_view body) try {
  const Fields fields(body);
  const auto name = fields.text("collection_name");
  const auto database = fields.text("db_name");
  const auto id = rules::CollectionId{fields.integer("collectionID")};
  const auto* collection = name.empty() ? simulation.find(id) : simulation.find(name, database);
  Json json{{"status", Json::object()}};
  if (collection == nullptr) {
    // Later releases say nothing of an id that nobody knows.
    if (name.empty() && simulation.release().has_levels()) return ok(json);
    return no_collection(simulation, name.empty() ? to_string(id) : name, database);
  }
  const bool with_shards = fields.boolean("with_shard_nodes");
  for (const auto& replica : collection->replicas) {
    json["replicas"].push_back(
        replica_entry(simulation, directory, *collection, replica, with_shards));
  }
  return ok(json);
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

tl::expected<Transfer, Answer> read_load_balance(std::string_view body) try {
  const Fields fields(body);
  Transfer transfer;
  transfer.database = fields.text("db_name");
  transfer.collection = fields.text("collectionName");
  transfer.source = rules::NodeId{fields.integer("src_nodeID")};
  transfer.destinations = fields.ids<rules::NodeId>("dst_nodeIDs");
  transfer.segments = fields.ids<rules::SegmentId>("sealed_segmentIDs");
  return transfer;
} catch (const BadBody& mistake) {
  return tl::unexpected(bad_body(mistake));
}

Answer answer_refused(const Refusal& refusal, const Release& release) {
  return ok(status_of(refusal, release));
}

Answer answer_done() {
  return ok(Json::object());
}

Json status_of(const Refusal& refusal, const Release& release) {
  Json status{{"error_code", refusal.error_code}, {"reason", refusal.reason}};
  if (refusal.code != 0 && release.has_codes()) {
    status["code"] = refusal.code;
    status["detail"] = refusal.reason;
  }
  // From 2.6 on Milvus says whose fault it is.
  if (refusal.error_code == kCollectionNotExists && release.at_least(2, 6)) {
    status["extra_info"] = {{"is_input_error", "true"}};
  }
  return status;
}

Answer bad_body(const BadBody& mistake) {
  const Json json{{"error_code", kIllegalArgument},
                  {"reason", std::string("parse body failed: ") + mistake.what()}};
  return {400, json.dump()};
}

Answer failed(const Refusal& refusal, const Release& release) {
  return ok({{"status", status_of(refusal, release)}});
}

}  // namespace evenkeel::demo
