#include "agent/demo/grpc_api.hpp"

#include <algorithm>

#include "agent/demo/console_api.hpp"
#include "agent/util/base64.hpp"

namespace evenkeel::demo {
namespace {

GrpcStatus not_authenticated(const char* why) {
  return {GrpcCode::unauthenticated, why};
}

// Returns what is wrong with the login of a call; ok: nothing.
GrpcStatus authenticate(const GrpcLogin& login, const GrpcMetadata& metadata) {
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return not_authenticated("missing authorization in header");
  const auto pair = decode_base64(found->second);
  if (!pair) return not_authenticated("invalid token format");
  if (pair->find(':') == std::string::npos) {
    return not_authenticated("auth check failure, please check api key is correct");
  }
  if (*pair != login.user + ":" + login.password) {
    return not_authenticated("auth check failure, please check username and password are correct");
  }
  return {};
}

// Returns the privilege that a method asks for; empty: none.
std::string privilege_of(std::string_view method) {
  constexpr std::string_view guarded[] = {"DescribeCollection", "LoadBalance", "ListResourceGroups",
                                          "DescribeResourceGroup"};
  const bool is_guarded =
      std::find(std::begin(guarded), std::end(guarded), method) != std::end(guarded);
  return is_guarded ? std::string(method) : std::string();
}

// The field of the requests that names the database; one message calls it otherwise.
const char* database_field(std::string_view method) {
  return method == "GetQuerySegmentInfo" ? "dbName" : "db_name";
}

// As the server says it of a method that a later release brought.
GrpcReply unimplemented(std::string_view method) {
  return tl::unexpected(GrpcStatus{
      GrpcCode::unimplemented,
      "unknown method " + std::string(method) + " for service milvus.proto.milvus.MilvusService"});
}

std::string answered(const Answer& answer) {
  return answer.body;
}

Json list_databases(const Simulation& simulation) {
  return {{"status", Json::object()}, {"db_names", simulation.databases()}};
}

Json list_resource_groups() {
  return {{"status", Json::object()}, {"resource_groups", Json::array({kResourceGroup})}};
}

Json describe_resource_group(const Simulation& simulation, const Directory& directory,
                             std::string_view request) {
  const auto name = Fields(request).text("resource_group");
  if (name != kResourceGroup) {
    const Refusal refusal{kIllegalArgument, kResourceGroupNotFound,
                          "resource group not found[rg=" + name + "]"};
    return {{"status", status_of(refusal, simulation.release())}};
  }
  Json nodes = Json::array();
  std::int64_t count = 0;
  for (std::size_t i = 0; i < simulation.nodes().size(); ++i) {
    const auto& node = simulation.nodes()[i];
    if (!in_resource_group(simulation, node)) continue;
    ++count;
    nodes.push_back({{"node_id", number(node.id)}, {"address", directory.addresses.at(i)}});
  }
  Json group{{"name", name}, {"capacity", count}, {"num_available_node", count}};
  if (simulation.release().groups_name_nodes()) group["nodes"] = std::move(nodes);
  return {{"status", Json::object()}, {"resource_group", std::move(group)}};
}

}  // namespace

std::string with_database(std::string_view method, std::string_view request,
                          const GrpcMetadata& metadata) {
  auto json = Json::parse(request);
  auto& database = json[database_field(method)];
  if (database.is_null()) {
    const auto found = metadata.find("dbname");
    database = found == metadata.end() ? kDefaultDatabase : found->second;
  }
  return json.dump();
}

GrpcStatus admit(const GrpcLogin& login, const GrpcMetadata& metadata, std::string_view method,
                 std::string_view request) {
  if (login.user.empty()) return {};
  if (auto refused = authenticate(login, metadata); refused.code != GrpcCode::ok) return refused;
  const auto privilege = privilege_of(method);
  if (std::find(login.denied.begin(), login.denied.end(), privilege) == login.denied.end()) {
    return {};
  }
  return {GrpcCode::permission_denied,
          "Privilege" + privilege + ": permission deny to " + login.user + " in the `" +
              Fields(request).text(database_field(method)) + "` database"};
}

GrpcReply answer_call(Simulation& simulation, Simulation::Time now, const Directory& directory,
                      std::string_view method, std::string_view request) {
  const auto& release = simulation.release();
  if (method == "ShowCollections") return answered(answer_collections(simulation, request));
  if (method == "DescribeCollection") return answered(answer_collection(simulation, request));
  if (method == "GetQuerySegmentInfo") return answered(answer_segments(simulation, now, request));
  if (method == "GetReplicas") return answered(answer_replicas(simulation, directory, request));
  if (method == "GetMetrics") return answered(answer_metrics(simulation, now, directory, request));
  if (method == "GetVersion") {
    return Json{{"status", Json::object()}, {"version", simulation.version()}}.dump();
  }
  if (method == "ListDatabases" && release.lists_databases()) {
    return list_databases(simulation).dump();
  }
  if (method == "ListResourceGroups" && release.has_resource_groups()) {
    return list_resource_groups().dump();
  }
  if (method == "DescribeResourceGroup" && release.has_resource_groups()) {
    return describe_resource_group(simulation, directory, request).dump();
  }
  return unimplemented(method);
}

}  // namespace evenkeel::demo
