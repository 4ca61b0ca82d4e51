#pragma once
// When maintenance windows open and close, by the machine's time zone database.
//
// A window begins and ends by the clock on the wall. Where that is put forward, a time that it
// skips stands for the moment at which it is put forward; a window of skipped times alone does not
// open on that day. Where it is put back, a time that it shows twice stands for the first.

#include <string>
#include <vector>

#include "agent/windows/window.hpp"

namespace evenkeel::windows {

// True if this machine knows the zone; "UTC" is known everywhere.
[[nodiscard]] bool is_known_time_zone(const std::string& name);
// False if this machine knows no zone but UTC: it has no database of time zones.
[[nodiscard]] bool has_time_zones();

// Says whether one of the windows is open at `now`, a moment of the wall clock. They may overlap or
// touch, and count as one then. Always open without any; a window whose zone is not known never
// opens.
[[nodiscard]] Opening opening_at(const std::vector<Window>& windows, rules::TimePoint now);

}  // namespace evenkeel::windows
