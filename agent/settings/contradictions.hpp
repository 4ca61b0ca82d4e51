#pragma once
// Finds values that are good alone and cannot be right together. Internal to settings.

#include <map>
#include <string>

#include "agent/settings/settings.hpp"
#include "agent/settings/value.hpp"

namespace evenkeel::settings {

// The source of a value; a key without one has its default.
struct Origin {
  Place at;
  bool good = true;  // false: the value was refused, and the one in Settings means nothing
};
using Origins = std::map<std::string, Origin>;  // by "section.key"

// Reports each contradiction once, at its first written key, with the place of the other.
void report_contradictions(const Settings& settings, const Origins& origins, Problems& problems);

}  // namespace evenkeel::settings
