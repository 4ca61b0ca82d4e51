// `evenkeel rebalance`: a round of the running agent now, and what it came to.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>

#include "agent/cli/explained.hpp"
#include "agent/cli/held_signals.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/cli/waiting.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr const char* kStatus = "/api/v1/status";
// A round takes longer than one poll, so that no more than these come between two of them.
constexpr const char* kNewest = "/api/v1/decisions?limit=20";

// A round that was asked for.
struct Request {
  std::string number;   // as the agent counts requests since its start
  std::string started;  // when that was, as its API writes moments
};

tl::expected<std::string, AgentProblem> ask_for_round(const RunningAgent& agent,
                                                      const RebalanceOptions& options) {
  json body = json::object();
  if (!options.collection.empty()) body["collection"] = options.collection;
  if (options.node) body["node"] = std::to_string(*options.node);
  return agent.post("/api/v1/rebalance", body).map([](const AgentResponse& response) {
    return text_in(body_of(response), "request");
  });
}

void say_that_it_comes(const std::string& number, const std::string& what_then) {
  std::cout << "A round comes now, or right after the present one, as request " << number
            << ". The same gates hold; " << what_then << '.' << std::endl;
}

bool answers(const json& decision, const Request& request) {
  const auto requests = texts_in(decision, "requests");
  // Moments of the API are all of one length and in UTC, so their texts are in their order.
  return text_in(decision, "at") >= request.started &&
         std::find(requests.begin(), requests.end(), request.number) != requests.end();
}

// What the agent tells of the request.
struct Look {
  bool forgotten = false;       // the agent has been started since
  json round = json::object();  // empty: it has not ended
};

RunningAgent::Result<Look> look(const RunningAgent& agent, const Request& request) {
  const auto status = agent.read(kStatus);
  if (!status) return tl::unexpected(status.error());
  if (text_in(*status, "started") != request.started) return Look{.forgotten = true};
  const auto newest = agent.read(kNewest);
  if (!newest) return tl::unexpected(newest.error());
  for (const auto& decision : list_in(*newest, "decisions")) {
    if (answers(decision, request)) return Look{.round = decision};
  }
  return Look{};
}

int code_of(const std::string& outcome) {
  if (outcome == "moved" || outcome == "balanced") return kDone;
  return outcome == "failed" || outcome == "cannot_judge" ? kFailed : kUnbalanced;
}

int gives_up(const std::string& why) {
  std::cerr << "evenkeel: " << why
            << "; the agent makes the round all the same, and `evenkeel history` says what became "
               "of it\n";
  return kFailed;
}

int await_round(const RunningAgent& agent, const Request& request,
                std::chrono::milliseconds timeout, const HeldSignals& signals) {
  const auto begun = Clock::now();
  PassingTrouble trouble;
  for (;;) {
    const auto seen = look(agent, request);
    trouble.show(seen ? "" : seen.error().words);
    if (seen && seen->forgotten) {
      std::cerr
          << "evenkeel: the agent was started anew and has forgotten the request; ask again\n";
      return kFailed;
    }
    if (seen && !seen->round.empty()) {
      std::cout << '\n';
      print_explained(seen->round);
      return code_of(text_in(seen->round, "outcome"));
    }
    if (Clock::now() - begun >= timeout) {
      return gives_up("the round has not ended within " + duration_of(timeout));
    }
    if (signals.sleep(kPoll)) return gives_up("interrupted");
  }
}

int ask_and_wait(const RunningAgent& agent, const RebalanceOptions& options,
                 std::chrono::milliseconds timeout) {
  const HeldSignals signals;
  const auto status = agent.read(kStatus);
  if (!status) return failed(status.error());
  auto number = ask_for_round(agent, options);
  if (!number) return failed(number.error());
  say_that_it_comes(*number, "what became of it follows");
  return await_round(agent, {*std::move(number), text_in(*status, "started")}, timeout, signals);
}

}  // namespace

int rebalance(const RebalanceOptions& options) {
  const auto timeout = timeout_in(options.timeout);
  if (!timeout) return kUsage;
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  if (options.wait) return ask_and_wait(*agent, options, *timeout);
  const auto number = ask_for_round(*agent, options);
  if (!number) return failed(number.error());
  say_that_it_comes(*number, "`evenkeel history` says what became of it");
  return kDone;
}

}  // namespace evenkeel::cli
