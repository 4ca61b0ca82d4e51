#pragma once
// GET /api/v1/status: what the agent is and does now.

#include "agent/api/json.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// Of a snapshot after the first observation. `read_only`: nobody may ask for anything.
[[nodiscard]] Json status_of(const loop::Snapshot& snapshot, bool read_only);

// Changes with every published snapshot, over a restart too.
[[nodiscard]] std::string version_of(const loop::Snapshot& snapshot);

}  // namespace evenkeel::api
