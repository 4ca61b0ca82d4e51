#pragma once
// The client of the verbs that speak to a running agent: the one on this machine that has the same
// settings.

#include <chrono>
#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "agent/http/client.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::cli {

// Where an agent with these settings is reached from its own machine. `target` is path and query,
// percent-encoded.
[[nodiscard]] http::Url agent_url(const settings::Settings::Web& web, std::string target);

struct AgentRequest {
  std::string method = "GET";
  http::Url url{};
  std::string body{};
  std::string content_type{};  // set where there is a body
  std::string authorization{};  // the header's value, "Bearer …" or "Basic …"; empty: none is sent
  // For the whole call, from the look-up of the host's name to the last byte.
  std::chrono::milliseconds deadline{3'000};
  std::size_t max_body = 1u << 20;  // bytes of the answer; more is an error
};

struct AgentResponse {
  int status = 0;
  std::string body;
};

// Blocks until there is an answer, of whatever status, or an error, which says what and where:
// "GET http://127.0.0.1:10931/-/healthy: no connection; is the agent running?". No redirect is
// followed. The agent's certificate is not verified: it names the agent to other machines, not as
// 127.0.0.1 to its own.
[[nodiscard]] tl::expected<AgentResponse, std::string> ask_agent(const AgentRequest& request);

}  // namespace evenkeel::cli
