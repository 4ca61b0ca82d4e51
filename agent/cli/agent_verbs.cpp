// The verbs that ask the running agent for one thing, and print what it answers.

#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/settings/units.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

// Whole seconds, a part of one counting as one; prints the mistake.
std::optional<std::int64_t> seconds_of(const std::string& text, const char* option) {
  const auto duration = settings::parse_duration(text);
  if (duration && duration->count() > 0) {
    return std::chrono::ceil<std::chrono::seconds>(*duration).count();
  }
  std::cerr << "evenkeel: " << option << ": "
            << (duration ? "must be longer than nothing" : duration.error()) << '\n';
  return std::nullopt;
}

}  // namespace

int health(const Common& common) {
  const auto settings = settings_or_report(common);
  if (!settings) return kUsage;
  const AgentRequest request{.url = agent_url(settings->web, "/-/healthy")};
  const auto response = ask_agent(request);
  if (!response) {
    std::cerr << "evenkeel: " << response.error() << '\n';
    return kFailed;
  }
  if (response->status != 200) {
    std::cerr << "evenkeel: GET " << request.url.str() << ": status " << response->status << '\n';
    return kFailed;
  }
  std::cout << response->body;
  return kDone;
}

int pause(const PauseOptions& options) {
  json body = json::object();
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (!options.length.empty()) {
    const auto seconds = seconds_of(options.length, "--for");
    if (!seconds) return kUsage;
    body["seconds"] = *seconds;
  }
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const auto response = agent->post("/api/v1/pause", body);
  if (!response) return failed(response.error());
  const auto status = body_of(*response);
  const auto& paused = object_in(status, "pause");
  if (response->status != 200 || paused.empty()) {
    std::cout << "The agent will be paused in a moment; `evenkeel status` tells.\n";
    return kDone;
  }
  std::cout << "Paused " << end_of_pause(paused)
            << ": nothing is moved, not even off an overloaded node.\n";
  const auto& flights = list_in(status, "moves_in_flight");
  if (!flights.empty()) {
    std::cout << "Moves that were sent before and go on: " << flights.size() << ".\n";
  }
  return kDone;
}

int resume(const AgentOptions& options) {
  const auto agent = RunningAgent::find(options);
  if (!agent) return kUsage;
  const auto response = agent->post("/api/v1/resume", json::object());
  if (!response) return failed(response.error());
  const auto status = body_of(*response);
  if (response->status != 200) {
    std::cout << "The pause will end in a moment; `evenkeel status` tells.\n";
  } else if (flag_in(status, "acting")) {
    std::cout << "Resumed: segments may be moved again.\n";
  } else {
    std::cout << "Resumed, but the agent moves nothing all the same; `evenkeel status` says why.\n";
  }
  return kDone;
}

int reload(const AgentOptions& options) {
  const auto agent = RunningAgent::find(options);
  if (!agent) return kUsage;
  const auto response = agent->reload();
  if (!response) return failed(response.error());
  if (response->status == 200) {
    std::cout << response->body;
    return kDone;
  }
  std::cerr << response->body;
  return kUsage;
}

}  // namespace evenkeel::cli
