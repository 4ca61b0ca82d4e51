#pragma once
// Moves that nobody tells of, from what an observation shows: the ends of those whose end was
// unknown, and those that were under way before. Pure but for the ledger.

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

// Copies of one segment on two nodes of its replica, as moves from the fuller of them (by its share
// of memory) to the other, begun when the picture was: which way they go nobody says.
[[nodiscard]] std::vector<rules::Flight> transits_in(const rules::Cluster& cluster);

}  // namespace evenkeel::loop
