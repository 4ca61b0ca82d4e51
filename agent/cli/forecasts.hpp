#pragma once
// When nodes will be overloaded, as the running agent forecasts it: one look at the cluster cannot
// tell.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "agent/cli/running_agent.hpp"

namespace evenkeel::cli {

// By a node's id and address, as the API writes them: ids may come again after a restart of Milvus.
using Forecasts = std::map<std::pair<std::string, std::string>, nlohmann::json>;

[[nodiscard]] RunningAgent::Result<Forecasts> forecasts_of(const RunningAgent& agent);

// "overloaded about 2026-01-31 09:05:00 UTC if its memory goes on as in the last hour (from …)".
[[nodiscard]] std::string forecast_words(const nlohmann::json& forecast);

}  // namespace evenkeel::cli
