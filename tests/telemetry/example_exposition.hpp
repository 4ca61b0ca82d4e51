#pragma once
// What is exported of a snapshot, beside the example's counters and those of a server.

#include <memory>
#include <string>

#include "agent/telemetry/telemetry.hpp"
#include "agent/web/traffic.hpp"
#include "tests/telemetry/example_snapshot.hpp"

namespace evenkeel::telemetry {

inline std::string exposition(const loop::Snapshot& snapshot) {
  return exposition(&snapshot, {loop::example_instruments(), std::make_shared<web::Traffic>()});
}

}  // namespace evenkeel::telemetry
