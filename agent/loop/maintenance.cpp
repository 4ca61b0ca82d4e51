#include "agent/loop/maintenance.hpp"

#include "agent/util/time.hpp"
#include "agent/windows/schedule.hpp"

namespace evenkeel::loop {
namespace {

// Writes "2026-01-31 22:00 UTC".
std::string minute_text(rules::TimePoint moment) {
  const std::string text = rfc3339(wall_time(moment));
  return text.substr(0, 10) + ' ' + text.substr(11, 5) + " UTC";
}

}  // namespace

Maintenance maintenance_at(const settings::Settings& settings, rules::TimePoint now) {
  Maintenance maintenance{.has_windows = !settings.windows.empty(),
                          .relief_outside = settings.balance.outside_windows == "relief",
                          .opening = windows::opening_at(settings.windows, wall_time(now))};
  windows::Opening& opening = maintenance.opening;
  if (opening.until) opening.until = loop_time(*opening.until);
  if (opening.next) opening.next = loop_time(*opening.next);
  return maintenance;
}

void set_windows(rules::Conditions& conditions, const Maintenance& maintenance) {
  const windows::Opening& opening = maintenance.opening;
  conditions.relief_outside_windows = maintenance.relief_outside;
  conditions.outside_windows = opening.open ? ""
                               : opening.next
                                   ? "the next window opens at " + minute_text(*opening.next)
                                   : "none opens within two weeks";
}

}  // namespace evenkeel::loop
