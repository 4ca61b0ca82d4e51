#include "agent/web/sessions.hpp"

#include <algorithm>
#include <tuple>

namespace evenkeel::web {

using Phase = Guest::Phase;

void Sessions::push_out(Guest& guest) {
  guest.phase = Phase::gone;
  guest.held = 0;
  guest.push_out();
}

bool Sessions::make_room() {
  const auto here = std::count_if(guests_.begin(), guests_.end(),
                                  [](const Guest* guest) { return guest->phase != Phase::gone; });
  if (static_cast<std::size_t>(here) < limits_.connections) return true;
  const auto first =
      std::min_element(guests_.begin(), guests_.end(), [](const Guest* a, const Guest* b) {
        return std::tie(a->phase, a->since) < std::tie(b->phase, b->since);
      });
  if ((*first)->phase >= Phase::busy) return false;
  push_out(**first);
  traffic_.refused("pushed_out");
  return true;
}

void Sessions::enter(Guest& guest) {
  guests_.push_back(&guest);
  traffic_.connections(guests_.size());
}

void Sessions::leave(Guest& guest) {
  std::erase(guests_, &guest);
  traffic_.connections(guests_.size());
  if (guests_.empty() && on_empty_) on_empty_();
}

void Sessions::hold(Guest& guest, std::size_t bytes) {
  guest.held = bytes;
  std::size_t all = 0;
  std::vector<Guest*> holding;
  for (auto* other : guests_) {
    all += other->held;
    if (other != &guest && other->held > 0) holding.push_back(other);
  }
  if (all <= limits_.answers) return;
  std::sort(holding.begin(), holding.end(),
            [](const Guest* a, const Guest* b) { return a->since < b->since; });
  for (auto* other : holding) {
    if (all <= limits_.answers) return;
    all -= other->held;
    push_out(*other);
    traffic_.refused("pushed_out");
  }
}

void Sessions::finish_all() {
  for (auto* guest : std::vector(guests_)) guest->finish();
}

void Sessions::push_out_all() {
  for (auto* guest : std::vector(guests_)) push_out(*guest);
}

}  // namespace evenkeel::web
