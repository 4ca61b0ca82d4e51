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

// How long after its start a flight may still be on its source.
struct Patience {
  rules::Duration usual{};
  // Of those that were under way when the agent died or another took over: nobody has heard the
  // answers of their calls.
  rules::Duration unheard{};
  rules::TimePoint unheard_before{};  // when the last of those may have started

  [[nodiscard]] rules::Duration with(const rules::Flight& flight) const {
    return flight.started < unheard_before ? unheard : usual;
  }
};

// A flight still on its source fails once that has passed. Nothing is concluded about a collection
// that was not read in full.
std::vector<FlightEnd> reconcile(rules::Ledger& ledger, const rules::Cluster& cluster,
                                 const Patience& patience, rules::TimePoint now,
                                 const rules::Policy& policy);

// Segments with copies on two nodes of a replica, as flights since the observation. The direction
// is unknown; the node that is fuller by its share of memory counts as the source.
[[nodiscard]] std::vector<rules::Flight> transits_in(const rules::Cluster& cluster);

}  // namespace evenkeel::loop
