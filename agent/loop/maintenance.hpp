#pragma once
// What the maintenance windows of the settings say at one moment, in the loop's time.

#include <string>

#include "agent/settings/settings.hpp"
#include "agent/windows/window.hpp"
#include "rules/admit.hpp"

namespace evenkeel::loop {

struct Maintenance {
  bool has_windows = false;    // false: it is always open
  bool relief_outside = true;  // outside of them, overload is relieved all the same
  windows::Opening opening;

  // True if nothing is moved before the next window.
  [[nodiscard]] bool stops_everything() const { return !opening.open && !relief_outside; }
};

[[nodiscard]] Maintenance maintenance_at(const settings::Settings& settings, rules::TimePoint now);

// Puts what admit() goes by into `conditions`.
void set_windows(rules::Conditions& conditions, const Maintenance& maintenance);

}  // namespace evenkeel::loop
