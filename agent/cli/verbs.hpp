#pragma once
// The command line of `evenkeel` and its verbs, one file each but for agent_verbs.cpp. All verbs
// return an exit code of options.hpp and print for people on standard output, errors on standard
// error.

#include <string>

#include "agent/cli/options.hpp"

namespace CLI {
class App;
}

namespace evenkeel::cli {

// Parses the command line and runs the verb. Never throws.
int main(int argc, char** argv);

int run(const RunOptions& options);
int plan(const PlanOptions& options);
int apply(const ApplyOptions& options);  // kUsage also where the file is no plan
int show_nodes(const ShowOptions& options);
int show_query_segment(const ShowOptions& options);
int load_balance(const LoadBalanceOptions& options);
int check_config(const std::string& file);
int health(const Common& common);  // asks the agent with the same settings

// These ask a running agent, which running_agent.hpp finds.
int status(const StatusOptions& options);  // kUnbalanced also where the cluster cannot be judged
int pause(const PauseOptions& options);
int resume(const AgentOptions& options);
int rebalance(const RebalanceOptions& options);
// Watches until the node is empty. kFailed: not in time, interrupted, or the drain was ended.
int drain(const DrainOptions& options);
int undrain(const UndrainOptions& options);
int reload(const AgentOptions& options);  // kUsage: the new configuration has mistakes
int history(const HistoryOptions& options);
int explain(const ExplainOptions& options);

// Lets the agent level a simulated Milvus cluster that is badly skewed.
// Ends when the cluster is balanced, after 55 s, or by SIGINT or SIGTERM. kDone only if balanced.
int run_demo(const DemoOptions& options);

// Runs the simulated Milvus of `demo` alone, to point an agent at.
// Serves until SIGINT or SIGTERM. Prints first where it serves, and what to try on it.
int simulate_milvus(const SimulateMilvusOptions& options);

// Returns shell completion, made from the command line's own description so that it cannot drift.
// `shell`: bash, zsh or fish.
[[nodiscard]] std::string completion(const CLI::App& app, const std::string& shell);

}  // namespace evenkeel::cli
