#pragma once
// A move as the plan and the decisions show it.

#include "agent/api/json.hpp"
#include "agent/telemetry/cluster_view.hpp"
#include "rules/plan.hpp"

namespace evenkeel::api {

[[nodiscard]] Json json_of(const rules::Move& move, telemetry::CollectionNames& names);

}  // namespace evenkeel::api
