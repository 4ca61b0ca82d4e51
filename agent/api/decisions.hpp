#pragma once
// GET /api/v1/decisions: the outcomes of the newest rounds.

#include <cstddef>

#include "agent/api/problem.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

inline constexpr std::size_t kMaxDecisions = 100;  // as many as a snapshot has

// Gives at most `limit` of them, newest first.
[[nodiscard]] Json decisions_of(const loop::Snapshot& snapshot, std::size_t limit);

}  // namespace evenkeel::api
