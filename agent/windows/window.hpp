#pragma once
// Maintenance windows as values. The header is light: time zones are in schedule.cpp alone.

#include <bitset>
#include <chrono>
#include <optional>
#include <string>

#include "rules/cluster.hpp"

namespace evenkeel::windows {

// Days of the week, Monday first.
using Days = std::bitset<7>;

// A time of the week during which maintenance is welcome: on each of these days, from one time of a
// clock in that zone to another. One that ends before it begins ends on the next day.
struct Window {
  Days days = Days{}.set();          // on which it begins
  std::chrono::minutes from{0};      // since midnight, less than 24 hours
  std::chrono::minutes to{24 * 60};  // 1 minute to 24 hours; not `from`
  std::string time_zone = "UTC";     // a name of IANA's, such as "Europe/Berlin"

  bool operator==(const Window&) const = default;
};

// What windows say of one moment.
struct Opening {
  bool open = true;
  // When it closes; none: it is closed, or stays open for two weeks or longer.
  std::optional<rules::TimePoint> until;
  // When the next one opens; none: within two weeks none does that is not open already.
  std::optional<rules::TimePoint> next;

  bool operator==(const Opening&) const = default;
};

}  // namespace evenkeel::windows
