#include "agent/cli/forecasts.hpp"

namespace evenkeel::cli {

using nlohmann::json;

RunningAgent::Result<Forecasts> forecasts_of(const RunningAgent& agent) {
  if (const auto health = agent.health(); !health) return tl::unexpected(health.error());
  const auto nodes = agent.read("/api/v1/nodes");
  if (!nodes) return tl::unexpected(nodes.error());
  Forecasts forecasts;
  for (const auto& node : list_in(*nodes, "nodes")) {
    const auto& forecast = object_in(node, "forecast");
    if (forecast.empty()) continue;
    forecasts[{text_in(node, "id"), text_in(node, "address")}] = forecast;
  }
  return forecasts;
}

std::string forecast_words(const json& forecast) {
  const auto earliest = moment(text_in(forecast, "earliest"));
  const auto latest = moment(text_in(forecast, "latest"));
  return "overloaded about " + moment(text_in(forecast, "overloaded_at")) +
         " if its memory goes on as in the last hour (" +
         (latest.empty() ? "at the earliest " + earliest + ", perhaps not"
                         : "from " + earliest + " to " + latest) +
         ')';
}

}  // namespace evenkeel::cli
