#include "agent/demo/milvus_api.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

Json hardware(const std::string& address, rules::Bytes memory, rules::Bytes used) {
  return {{"ip", address},        {"cpu_core_count", 2},  {"cpu_core_usage", 12.5},
          {"memory", memory},     {"memory_usage", used}, {"disk", 104857600},
          {"disk_usage", 2097152}};
}

Json link(rules::NodeId id, const char* kind, const char* role) {
  return {{"connected_identifier", number(id)}, {"type", kind}, {"target_type", role}};
}

// Writes the entries of one system_info.
class SystemInfo {
 public:
  SystemInfo(Simulation& simulation, Simulation::Time now, const Directory& directory)
      : simulation_(simulation), now_(now), directory_(directory) {}

  [[nodiscard]] Json written() {
    // Since 2.6 the coordinators are one process, and share its id and its memory.
    const bool mixed = simulation_.release().at_least(2, 6);
    if (mixed) {
      add_proxy();
      add_coordinator("rootcoord", Json::array({forward("datacoord"), forward("querycoord")}));
      add_coordinator("datacoord", Json::array({forward("rootcoord"), forward("querycoord")}));
    }
    Json managed =
        mixed ? Json::array({forward("rootcoord"), forward("datacoord")}) : Json::array();
    const auto& nodes = simulation_.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      add_node(i);
      managed.push_back(link(nodes[i].id, "manage", role(nodes[i])));
    }
    add_coordinator("querycoord", std::move(managed));
    if (!mixed) add_proxy();
    return {{"nodes_info", std::move(entries_)}};
  }

 private:
  [[nodiscard]] const char* role(const World::Node& node) const {
    const bool named = node.streaming && simulation_.release().names_streaming_nodes();
    return named ? "streamingnode" : "querynode";
  }
  [[nodiscard]] Json forward(const char* role) const {
    return link(directory_.coordinator, "forward", role);
  }

  void add_proxy() {
    add("proxy", directory_.proxy, hardware("127.0.0.1:19529", rules::Bytes{16} << 30, 73011200),
        Json::array());
  }
  void add_coordinator(const char* name, Json connected) {
    add(name, directory_.coordinator,
        hardware("127.0.0.1:19531", rules::Bytes{16} << 30, 122126336), std::move(connected));
  }
  void add_node(std::size_t i) {
    const auto& node = simulation_.nodes()[i];
    const auto used = simulation_.memory(i, now_) - node.file_backed;
    add(role(node), node.id, hardware(directory_.addresses.at(i), node.capacity, used), nullptr);
  }

  // This writes zeros, unlike the answers around it.
  void add(const char* role, rules::NodeId id, Json hardware_infos, Json connected) {
    const Json system{{"system_version", "evenkeel"},
                      {"deploy_mode", "DISTRIBUTED"},
                      {"build_version", simulation_.version()},
                      {"build_time", ""},
                      {"used_go_version", ""}};
    Json infos{{"has_error", false},
               {"error_reason", ""},
               {"name", role + to_string(id)},
               {"hardware_infos", std::move(hardware_infos)},
               {"system_info", system},
               {"type", role},
               {"id", number(id)}};
    entries_.push_back({{"identifier", number(id)},
                        {"connected", std::move(connected)},
                        {"infos", std::move(infos)}});
  }

  Simulation& simulation_;
  Simulation::Time now_;
  const Directory& directory_;
  Json entries_ = Json::array();
};

// Returns the kind that the request inside the request names; empty if it names none.
std::string metric_type(const std::string& request) try {
  return Fields(request).text("metric_type");
} catch (const BadBody&) {
  return {};
}

}  // namespace

Answer answer_metrics(Simulation& simulation, Simulation::Time now, const Directory& directory,
                      std::string_view body) try {
  const auto type = metric_type(Fields(body).text("request"));
  if (type != "system_info") {
    return failed({kUnexpectedError, kServiceInternal, "metric type '" + type + "' is not known"},
                  simulation.release());
  }
  return ok({{"status", Json::object()},
             {"response", SystemInfo(simulation, now, directory).written().dump()},
             {"component_name", "proxy" + to_string(directory.proxy)}});
} catch (const BadBody& mistake) {
  return bad_body(mistake);
}

}  // namespace evenkeel::demo
