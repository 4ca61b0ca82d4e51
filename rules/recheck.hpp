#pragma once
// recheck: whether moves that were planned a while ago may still be made. Pure.

#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// What has changed since these moves were planned, so that they may not all be made as they are:
// one sentence each, by the same law as a plan (rules/room.hpp). Empty: they may be made.
[[nodiscard]] std::vector<std::string> changed_since(const Cluster& cluster,
                                                     const Judgement& judgement,
                                                     const std::vector<Move>& moves,
                                                     const Policy& policy);

}  // namespace evenkeel::rules
