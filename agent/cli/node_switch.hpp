#pragma once
// Suspending a query node in Milvus itself, and resuming it.

#include <cstdint>
#include <string>

#include "agent/cli/options.hpp"

namespace evenkeel::cli {

// Has the Milvus of these settings give the node nothing more (false), or take it back (true).
// Returns why that failed, with what was asked of whom; empty: it is done.
[[nodiscard]] std::string switch_node(const Common& common, std::int64_t node, bool on);

}  // namespace evenkeel::cli
