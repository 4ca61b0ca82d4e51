#pragma once
// The verbs: one file each. All return an exit code of options.hpp and print for people on standard
// output, errors on standard error.

#include <string>

#include "agent/cli/options.hpp"

namespace evenkeel::cli {

int run(const RunOptions& options);
int plan(const PlanOptions& options);
int show_nodes(const ShowOptions& options);
int show_query_segment(const ShowOptions& options);
int load_balance(const LoadBalanceOptions& options);
int check_config(const std::string& file);
int health(const Common& common);  // asks the agent with the same settings

}  // namespace evenkeel::cli
