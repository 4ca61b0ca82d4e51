#pragma once
// Values that are good by themselves and cannot be right together. Internal to settings.

#include <map>
#include <string>

#include "agent/settings/settings.hpp"
#include "agent/settings/value.hpp"

namespace evenkeel::settings {

// Where the value of a key comes from; a key that is not there has its default.
struct Origin {
  Place at;
  bool good = true;  // false: the value was refused, and what Settings has instead means nothing
};
using Origins = std::map<std::string, Origin>;  // by "section.key"

// Each is reported once, where its first written key stands, and names the others' places.
void report_contradictions(const Settings& settings, const Origins& origins, Problems& problems);

}  // namespace evenkeel::settings
