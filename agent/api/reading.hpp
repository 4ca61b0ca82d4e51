#pragma once
// The GET endpoints but for the plan: the state of the agent, the cluster as it was last observed,
// and what the newest rounds came to.

#include <string_view>

#include "agent/api/response.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// Every `snapshot` here must follow the first observation. `query` is as sent.

[[nodiscard]] web::Response nodes(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response replicas(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response segments(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response decisions(const loop::Snapshot& snapshot, std::string_view query);

// `read_only`: no request for a change is taken.
[[nodiscard]] Json status_of(const loop::Snapshot& snapshot, bool read_only);

}  // namespace evenkeel::api
