#pragma once
// A decision as the journal keeps it.

#include <string>

#include "agent/loop/decision.hpp"

namespace evenkeel::journal {

// A line of JSON: the decision as the API has it, its plan with what was rejected, and the digest
// of what it was decided by, unless that is not known any more. `cluster` gives the names.
[[nodiscard]] std::string record_of(const loop::Decision& decision, const rules::Cluster& cluster,
                                    const rules::Policy& policy);

// SHA-256, in hex, of the nodes' memory and capacity and of the place and size of each segment.
[[nodiscard]] std::string digest_of(const rules::Cluster& cluster);

}  // namespace evenkeel::journal
