#pragma once
// Ends the flights whose end was unknown, from what an observation shows. Pure but for the ledger.

#include <vector>

#include "agent/loop/decision.hpp"
#include "rules/cluster.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::loop {

struct FlightEnd {
  rules::Flight flight;
  MoveResult result = MoveResult::unknown;
};

// A flight still on its source fails once `patience` has passed since its start. Nothing is
// concluded about a collection that was not read in full.
std::vector<FlightEnd> reconcile(rules::Ledger& ledger, const rules::Cluster& cluster,
                                 rules::Duration patience, rules::TimePoint now,
                                 const rules::Policy& policy);

}  // namespace evenkeel::loop
