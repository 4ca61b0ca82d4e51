#pragma once
// Answers of the HTTP port of 2.5 and later beside the old routes: the console's lists under
// /api/v1/_…, nodes and the switch of the built-in balancer under /management/querycoord, and the
// v2 list of databases. The console writes ids as strings, nodes as numbers.

#include <string>
#include <string_view>

#include "agent/demo/milvus_api.hpp"

namespace evenkeel::demo {

// `query` is the part of the request's target behind its question mark: "collection_id=7&in=qc".
[[nodiscard]] Answer answer_databases(const Simulation& simulation);
[[nodiscard]] Answer answer_node_segments(Simulation& simulation, Simulation::Time now,
                                          std::string_view query);
[[nodiscard]] Answer answer_coordinator_segments(Simulation& simulation, Simulation::Time now,
                                                 std::string_view query);
[[nodiscard]] Answer answer_console_replicas(const Simulation& simulation);
[[nodiscard]] Answer answer_resource_groups(const Simulation& simulation);

// Streaming nodes are called suspended, too, unless they are in the resource group (2.6.0).
[[nodiscard]] Answer answer_node_list(const Simulation& simulation, const Directory& directory);
[[nodiscard]] Answer answer_balance_status(const Simulation& simulation);
[[nodiscard]] Answer answer_switched();  // a balancer or a node
[[nodiscard]] Answer answer_no_such_node();

[[nodiscard]] Answer answer_v2_databases(const Simulation& simulation);
[[nodiscard]] Answer answer_not_authenticated();  // 401, as /api/v1 and /v2 have it

// Streaming nodes are in the resource group in 2.6.0 alone; suspended ones never.
[[nodiscard]] bool in_resource_group(const Simulation& simulation, const World::Node& node);

// Returns a parameter's value; empty: not there.
[[nodiscard]] std::string parameter(std::string_view query, std::string_view name);

}  // namespace evenkeel::demo
