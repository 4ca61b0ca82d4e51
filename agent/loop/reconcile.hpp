#pragma once
// Conclusions from an observation about moves that nobody reports: how moves of unknown end ended,
// and which were under way before the start. Pure except for the ledger.

#include <vector>

#include "agent/loop/decision.hpp"
#include "rules/cluster.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::loop {

// A flight, and how it ended.
struct FlightEnd {
  rules::Flight flight;
  MoveResult result = MoveResult::unknown;
};

// A flight still on its source fails once `patience` has passed since its start. Nothing is
// concluded about a collection that was not read in full.
std::vector<FlightEnd> reconcile(rules::Ledger& ledger, const rules::Cluster& cluster,
                                 rules::Duration patience, rules::TimePoint now,
                                 const rules::Policy& policy);

// Segments with copies on two nodes of a replica, as flights since the observation. The direction
// is unknown; the node that is fuller by its share of memory counts as the source.
[[nodiscard]] std::vector<rules::Flight> transits_in(const rules::Cluster& cluster);

}  // namespace evenkeel::loop
