#pragma once
// A blocking client for the verbs that speak to a running agent.

#include <chrono>
#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "agent/http/client.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::cli {

// The URL of the agent with these settings on its own machine. `target`: path and query,
// percent-encoded.
[[nodiscard]] http::Url agent_url(const settings::Settings::Web& web, std::string target);

// What an agent's certificate must be, where it is asked by https.
struct AgentTrust {
  // False: any certificate will do. On its own machine an agent is asked as 127.0.0.1, but its
  // certificate names it to other machines.
  bool verify = false;
  std::string ca_file{};  // PEM, of the authorities to trust; empty: the system's
};

// A request to the agent, and the bounds of the call.
struct AgentRequest {
  std::string method = "GET";
  http::Url url{};
  std::string body{};
  std::string content_type{};  // set if there is a body
  std::string authorization{};  // the header's value, "Bearer …" or "Basic …"; empty: none is sent
  AgentTrust trust{};
  // Covers the whole call, from the look-up of the host's name to the last byte.
  std::chrono::milliseconds deadline{3'000};
  std::size_t max_body = 1u << 20;  // bytes of the answer; more is an error
};

// The agent's response.
struct AgentResponse {
  int status = 0;
  std::string body;
};

// Blocks until there is a response, of any status, or an error that says what and where: "GET
// http://127.0.0.1:10931/-/healthy: no connection; is the agent running?". Follows no redirect.
[[nodiscard]] tl::expected<AgentResponse, std::string> ask_agent(const AgentRequest& request);

}  // namespace evenkeel::cli
