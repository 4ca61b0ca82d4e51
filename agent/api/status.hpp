#pragma once
// GET /api/v1/status: the state of the agent.

#include "agent/api/problem.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// `snapshot` must follow the first observation. `read_only`: no request for a change is taken.
[[nodiscard]] Json status_of(const loop::Snapshot& snapshot, bool read_only);

// Returns a text that changes with every published snapshot, over a restart too.
[[nodiscard]] std::string version_of(const loop::Snapshot& snapshot);

}  // namespace evenkeel::api
