// `evenkeel drain` and `undrain`: have the running agent empty a node, and tell how far it is.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "agent/cli/held_signals.hpp"
#include "agent/cli/node_switch.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/cli/waiting.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostReasons = 5;

std::string node_name(const std::string& node) {
  return "node " + node;
}

std::string how_to_undo(const std::string& node) {
  return "`evenkeel undrain " + node + '`';
}

// The drain of this node in the agent's status; empty: the node is not drained.
json drain_in(const json& status, const std::string& node) {
  for (const auto& drain : list_in(status, "drains")) {
    if (text_in(drain, "node") == node) return drain;
  }
  return json::object();
}

// Prints how far a drain is, whenever that has changed.
class Emptying {
 public:
  void show(const json& drain) {
    const auto segments = number_in(drain, "segments").value_or(0);
    const auto bytes = number_in(drain, "bytes").value_or(0);
    most_segments_ = std::max(most_segments_, segments);
    most_bytes_ = std::max(most_bytes_, bytes);
    std::string line = "moved " + std::to_string(std::llround(most_segments_ - segments)) + " (" +
                       rules::format_bytes(std::llround(most_bytes_ - bytes)) + "), " +
                       left_on(drain);
    if (line != std::exchange(line_, line)) {
      std::cout << line << ", " << duration_of(Clock::now() - begun_) << std::endl;
    }
    auto reasons = texts_in(drain, "waits_for");
    if (reasons == reasons_) return;
    reasons_ = std::move(reasons);
    show_reasons(std::cout);
  }

  void show_reasons(std::ostream& out) const {
    const auto shown = std::min(reasons_.size(), kMostReasons);
    for (std::size_t i = 0; i < shown; ++i) out << "  waits: " << reasons_[i] << std::endl;
    if (reasons_.size() > shown) out << "  and " << reasons_.size() - shown << " more" << std::endl;
  }

  [[nodiscard]] Clock::duration time() const { return Clock::now() - begun_; }

 private:
  Clock::time_point begun_ = Clock::now();
  double most_segments_ = 0;
  double most_bytes_ = 0;
  std::string line_;
  std::vector<std::string> reasons_;
};

int is_empty(const json& drain, const std::string& node, const Emptying& progress) {
  const auto growing = number_in(drain, "growing").value_or(0);
  std::cout << "Node " << node << " is empty after " << duration_of(progress.time())
            << ", and takes no segments until " << how_to_undo(node) << ".\n";
  if (growing > 0) {
    std::cout << std::llround(growing)
              << " growing segments stay: Milvus takes them off when the node stops.\n";
  }
  return kDone;
}

// Its end: nothing comes back to the node, whoever sends it.
int suspend(const DrainOptions& options) {
  const std::string node = std::to_string(options.node);
  const auto why_not = switch_node(options.agent.common, options.node, false);
  if (!why_not.empty()) {
    std::cerr << "evenkeel: node " << node
              << " is empty, but it is not known to be suspended: " << why_not
              << ". Milvus itself may give it segments again\n";
    return kFailed;
  }
  std::cout << "Milvus suspended node " << node << ": it gives it nothing until `evenkeel undrain "
            << node
            << " --resume`, or a restart of Milvus's query coordinator, which forgets it.\n";
  return kDone;
}

int gives_up(const std::string& why, const std::string& node, const Emptying& progress) {
  std::cerr << "evenkeel: " << why << "; the agent goes on emptying node " << node << ". "
            << how_to_undo(node) << " ends that, `evenkeel status` says what is left\n";
  progress.show_reasons(std::cerr);
  return kFailed;
}

// The drain as the agent tells of it; none: it does not answer now.
tl::expected<json, AgentProblem> look(const RunningAgent& agent, const std::string& node) {
  return agent.read("/api/v1/status").map([&](const json& status) {
    return drain_in(status, node);
  });
}

int watch(const RunningAgent& agent, const std::string& node, json drain,
          std::chrono::milliseconds timeout, const HeldSignals& signals) {
  Emptying progress;
  PassingTrouble trouble;
  bool known = !drain.empty();
  for (;;) {
    if (!drain.empty()) {
      progress.show(drain);
      if (!flag_in(drain, "listed")) {
        std::cerr << "evenkeel: " << node_name(node)
                  << " is gone from Milvus's list of nodes, so there is nothing to empty\n";
        return kFailed;
      }
      if (number_in(drain, "segments").value_or(0) == 0) return is_empty(drain, node, progress);
    } else if (known) {
      std::cerr << "evenkeel: " << node_name(node)
                << " is no longer drained: somebody ended that\n";
      return kFailed;
    }
    if (progress.time() >= timeout) {
      return gives_up("not empty within " + duration_of(timeout), node, progress);
    }
    if (signals.sleep(kPoll)) return gives_up("interrupted", node, progress);
    auto next = look(agent, node);
    trouble.show(next ? "" : next.error().words);
    if (!next) continue;
    drain = *std::move(next);
    known = known || !drain.empty();
  }
}

}  // namespace

int drain(const DrainOptions& options) {
  const auto timeout = timeout_in(options.timeout);
  if (!timeout) return kUsage;
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const std::string node = std::to_string(options.node);
  json body = {{"node", node}};
  if (!options.reason.empty()) body["reason"] = options.reason;
  const HeldSignals signals;
  const auto response = agent->post("/api/v1/drain", body);
  if (!response) return failed(response.error());
  std::cout << "Node " << node << " is drained: it takes no segments until " << how_to_undo(node)
            << ", also after a restart of the agent." << std::endl;
  const auto status = body_of(*response);
  const int code = watch(*agent, node, drain_in(status, node), *timeout, signals);
  return code == kDone && options.suspend ? suspend(options) : code;
}

int undrain(const UndrainOptions& options) {
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const std::string node = std::to_string(options.node);
  const auto response = agent->post("/api/v1/undrain", {{"node", node}});
  if (!response) return failed(response.error());
  std::cout << "Node " << node << " takes segments again, as the next rounds see fit.\n";
  if (!options.resume) return kDone;
  if (const auto why_not = switch_node(options.agent.common, options.node, true);
      !why_not.empty()) {
    std::cerr << "evenkeel: node " << node
              << " is no longer drained, but Milvus may still suspend it: " << why_not << '\n';
    return kFailed;
  }
  std::cout << "Milvus resumed it.\n";
  return kDone;
}

}  // namespace evenkeel::cli
