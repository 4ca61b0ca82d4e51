#pragma once
// The plan of the running agent, by its evidence, rests and pauses, for `evenkeel plan`.

#include <string>
#include <tl/expected.hpp>

#include "agent/cli/options.hpp"

namespace evenkeel::cli {

// Prints the agent's plan, and returns the exit code; else says why there is none. Mistakes in the
// options are printed: that is kUsage.
[[nodiscard]] tl::expected<int, std::string> print_agents_plan(const PlanOptions& options);

}  // namespace evenkeel::cli
