#pragma once
// The running agent as the verbs ask it: where it is, whether it is one, and what its refusals
// mean.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/options.hpp"

namespace evenkeel::cli {

// The reason why the agent did not do what it was asked.
struct AgentProblem {
  int status = 0;     // of its response; 0: there was none, or somebody else answered
  std::string words;  // what, where and what to do
};

// What the agent says of its health, as a line of text.
struct AgentHealth {
  bool good = false;
  std::string words;
};

class RunningAgent {
 public:
  template <typename T>
  using Result = tl::expected<T, AgentProblem>;

  // Finds out where it is, and asks nothing yet. Mistakes in the options and the settings are
  // printed; then there is no agent, which is kUsage.
  [[nodiscard]] static std::optional<RunningAgent> find(const AgentOptions& options);

  [[nodiscard]] std::string address() const;  // "http://127.0.0.1:10931"

  // Asks /-/healthy. A response that does not begin as an agent's does is a problem: something else
  // listens there.
  [[nodiscard]] Result<AgentHealth> health() const;

  // GET of a path with its query, without a credential. read() takes an object of JSON with status
  // 200 alone; get() takes everything.
  [[nodiscard]] Result<AgentResponse> get(const std::string& target) const;
  [[nodiscard]] Result<nlohmann::json> read(const std::string& target) const;

  // POST of JSON. Sends the credential, if there is one, but only after health() has found an
  // agent. Returns a response of 200 to 299; others are a problem.
  [[nodiscard]] Result<AgentResponse> post(const std::string& target,
                                           const nlohmann::json& body) const;
  // POST to /-/reload, likewise. Returns also a response of 422, whose body has every mistake in
  // the new configuration on a line of its own.
  [[nodiscard]] Result<AgentResponse> reload() const;

 private:
  RunningAgent() = default;

  [[nodiscard]] static Result<AgentResponse> send(const AgentRequest& request);
  // A POST with the credential, whatever comes back.
  struct Asked {
    AgentRequest request;
    AgentResponse response;
  };
  [[nodiscard]] Result<Asked> ask(const std::string& target, const nlohmann::json& body) const;
  [[nodiscard]] AgentRequest request(std::string method, const std::string& target) const;
  // Words for a response that is not the one hoped for.
  [[nodiscard]] AgentProblem problem(const AgentRequest& request,
                                     const AgentResponse& response) const;
  // The Authorization header; empty: no token is set.
  [[nodiscard]] Result<std::string> authorization() const;

  http::Url url_;
  AgentTrust trust_;
  std::string token_file_;   // empty: none
  std::string token_where_;  // who named it: "--token-file" or "[web] token_file"
};

// True if these options may mean the Milvus of the running agent: no flag names another one.
[[nodiscard]] bool may_be_the_agents(const AgentOptions& options);

// Prints the problem on standard error, and returns kFailed.
int failed(const AgentProblem& problem);

// Members of the agent's JSON. One that is missing, or of another type, reads as empty: the agent
// may be of another version.
[[nodiscard]] std::string text_in(const nlohmann::json& object, const char* key);
[[nodiscard]] std::optional<double> number_in(const nlohmann::json& object, const char* key);
[[nodiscard]] bool flag_in(const nlohmann::json& object, const char* key);
[[nodiscard]] const nlohmann::json& list_in(const nlohmann::json& object, const char* key);
// The texts in a list; what is no text is left out.
[[nodiscard]] std::vector<std::string> texts_in(const nlohmann::json& object, const char* key);
[[nodiscard]] const nlohmann::json& object_in(const nlohmann::json& object, const char* key);

// The agent's answer as JSON; null if it is none, where the words do not depend on it.
[[nodiscard]] nlohmann::json body_of(const AgentResponse& response);

// Turns "2026-01-31T09:05:00.250Z" into "2026-01-31 09:05:00 UTC".
[[nodiscard]] std::string moment(const std::string& rfc3339);
// What a drained node still holds: "5 segments (1.2 GiB) are left on it", or that it is empty.
[[nodiscard]] std::string left_on(const nlohmann::json& drain);
// Says what ends a pause: "until 2026-01-31 09:05:00 UTC", or the verb that does.
[[nodiscard]] std::string end_of_pause(const nlohmann::json& pause);

}  // namespace evenkeel::cli
