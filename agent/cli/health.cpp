#include <iostream>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"

namespace evenkeel::cli {

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

}  // namespace evenkeel::cli
