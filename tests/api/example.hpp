#pragma once
// A snapshot as the telemetry's tests have it, with what a round would need.

#include <memory>
#include <utility>

#include "tests/telemetry/example_snapshot.hpp"

namespace evenkeel::api {

inline loop::Snapshot example() {
  auto snapshot = loop::example_snapshot();
  rules::Ledger ledger;
  ledger.observe(*snapshot.cluster, snapshot.policy);
  snapshot.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
  return snapshot;
}

}  // namespace evenkeel::api
