#pragma once
// What was meant by a name that does not exist: for settings, verbs, collections and nodes.

#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

// Returns the `names` that `written` may be meant for: the same but for case and separators, else
// those that it begins or that begin it, else those with the fewest edits (at most 3). More than
// three give none.
[[nodiscard]] std::vector<std::string> nearest(std::string_view written,
                                               const std::vector<std::string>& names);

// Returns those of the `names` with the fewest edits, all alike near; empty: none has few.
[[nodiscard]] std::vector<std::string> fewest_edits(std::string_view word,
                                                    const std::vector<std::string>& names);

// Turns "autoBalance", "auto-balance" and "AUTO_BALANCE" into "auto_balance".
[[nodiscard]] std::string snake_case(std::string_view text);

// Returns "; did you mean 'a' or 'b'?", or nothing without a candidate.
[[nodiscard]] std::string did_you_mean(const std::vector<std::string>& candidates);

// "a, b and 12 more": the first ten of them; "none" without any.
[[nodiscard]] std::string first_of(const std::vector<std::string>& names);

// What to take instead of `written`, which is none of the names: "; did you mean 'a'?", or, where
// none is near, `there_are` and the names: "; loaded are a, b and 12 more".
[[nodiscard]] std::string instead_of(std::string_view written,
                                     const std::vector<std::string>& names,
                                     const std::string& there_are);

// The same for a query node, and for a loaded collection.
[[nodiscard]] std::string instead_of_node(const Cluster& cluster, NodeId id);
[[nodiscard]] std::string instead_of_collection(const Cluster& cluster, std::string_view name);

}  // namespace evenkeel::rules
