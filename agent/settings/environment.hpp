#pragma once
// Settings from environment variables. Internal to settings.

#include <optional>
#include <string>
#include <vector>

#include "agent/settings/keys.hpp"
#include "agent/settings/settings.hpp"
#include "agent/settings/value.hpp"

namespace evenkeel::settings {

// Returns the value of `entry`'s variable; none if that is not set.
[[nodiscard]] std::optional<Value> read_variable(const Entry& entry,
                                                 const Environment& environment);

// Reports the variables that begin with EVENKEEL_ and set nothing.
void report_unknown_variables(const Environment& environment, Problems& problems);

}  // namespace evenkeel::settings
