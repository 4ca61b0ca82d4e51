#include "agent/loop/pulse.hpp"

namespace evenkeel::loop {

namespace {

std::size_t index(Pulse::Part part) {
  return static_cast<std::size_t>(part);
}

long long whole_seconds(rules::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

void Pulse::start(rules::TimePoint now) {
  for (Schedule& schedule : schedules_) schedule.last = now;
  started_ = true;
}

void Pulse::allow(Part part, rules::Duration longest) {
  schedules_.at(index(part)).longest = longest;
}

void Pulse::beat(Part part, rules::TimePoint now) {
  schedules_.at(index(part)).last = now;
}

std::string Pulse::trouble(rules::TimePoint now) const {
  if (!started_) return {};
  for (const Part part : {Part::observation, Part::round}) {
    const Schedule& schedule = schedules_.at(index(part));
    const rules::Duration silent = now - schedule.last.load();
    const rules::Duration longest = schedule.longest.load();
    if (silent <= longest) continue;
    std::string words = part == Part::observation ? "the nodes were not looked at for "
                                                  : "the schedule of rounds stands still for ";
    words += std::to_string(whole_seconds(silent)) + " s (at most ";
    words += std::to_string(whole_seconds(longest)) + " s is usual)";
    return words;
  }
  return {};
}

}  // namespace evenkeel::loop
