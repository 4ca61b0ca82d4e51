#pragma once
// The words for why something cannot be judged. Internal to rules/: see explain.hpp.

#include <string>

#include "rules/judge.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// What an overloaded node whose memory does not fall is told.
extern const char* const kMemoryStays;

[[nodiscard]] std::string samples(int count);  // "3 samples"
// Completes "… cannot be judged: " and "…, but ".
[[nodiscard]] std::string words(Reason reason, const Policy& policy);

}  // namespace evenkeel::rules
