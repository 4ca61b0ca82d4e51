#pragma once
// The outcome of a round, as data and in words. Pure.

#include <string>

#include "agent/loop/decision.hpp"

namespace evenkeel::loop {

// Judges by the decision's judgement, plan, admission and moves.
[[nodiscard]] Outcome outcome_of(const Decision& decision, const rules::Policy& policy);

// One sentence for an operator, without a full stop. `refusal`: why a call was not sent after all.
[[nodiscard]] std::string words_of(const Decision& decision, const rules::Cluster& cluster,
                                   const rules::Policy& policy, const std::string& refusal);

}  // namespace evenkeel::loop
