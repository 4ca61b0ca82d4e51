#include "agent/web/sessions.hpp"

#include <algorithm>
#include <tuple>

namespace evenkeel::web {

using Phase = Guest::Phase;

void Sessions::push_out(Guest& guest) {
  guest.phase = Phase::gone;
  let_go(guest);
  guest.push_out();
}

// All that are here, and how many of each address.
std::size_t Sessions::count() {
  std::size_t all = 0;
  for (const auto* guest : guests_) guest->shared_->here = 0;
  for (const auto* guest : guests_) {
    if (guest->phase == Phase::gone) continue;
    ++guest->shared_->here;
    ++all;
  }
  return all;
}

// Who is idle the longest, or else who keeps the server waiting the longest.
bool Sessions::push_one_out(const Guest::Address* address) {
  const auto goes_before = [](const Guest& a, const Guest& b) {
    // More of one address come first.
    return std::tie(b.shared_->here, a.phase, a.since) <
           std::tie(a.shared_->here, b.phase, b.since);
  };
  Guest* first = nullptr;
  for (auto* guest : guests_) {
    if (guest->phase >= Phase::busy || (address != nullptr && guest->shared_ != address)) continue;
    if (first == nullptr || goes_before(*guest, *first)) first = guest;
  }
  if (first == nullptr) return false;
  push_out(*first);
  traffic_.refused("pushed_out");
  return true;
}

bool Sessions::make_room(const std::string& address) {
  const auto all = count();
  const auto mine = addresses_.find(address);
  if (mine != addresses_.end() && mine->second.here >= limits_.connections_of_one) {
    return push_one_out(&mine->second);
  }
  return all < limits_.connections || push_one_out(nullptr);
}

void Sessions::enter(Guest& guest) {
  guest.shared_ = &addresses_[guest.address];
  ++guest.shared_->guests;
  guests_.push_back(&guest);
  traffic_.connections(guests_.size());
}

void Sessions::leave(Guest& guest) {
  std::erase(guests_, &guest);
  if (--guest.shared_->guests == 0) addresses_.erase(guest.address);
  traffic_.connections(guests_.size());
  if (guests_.empty() && on_empty_) on_empty_();
}

std::size_t Sessions::held() const {
  std::size_t all = 0;
  std::map<const void*, std::size_t> texts;
  for (const auto* guest : guests_) {
    all += guest->held;
    if (guest->shared_text != nullptr) texts[guest->shared_text] = guest->shared_bytes;
  }
  for (const auto& [text, bytes] : texts) all += bytes;
  return all;
}

bool Sessions::hold(Guest& guest, std::size_t bytes, const Text& text) {
  guest.held = bytes;
  guest.shared_text = text.id();
  guest.shared_bytes = text.size();
  while (held() > limits_.answers) {
    Guest* longest = nullptr;
    for (auto* other : guests_) {
      if (other == &guest || !other->holds() || other->phase >= Phase::busy) continue;
      if (longest == nullptr || other->since < longest->since) longest = other;
    }
    if (longest == nullptr) return false;
    push_out(*longest);
    traffic_.refused("pushed_out");
  }
  return true;
}

void Sessions::let_go(Guest& guest) {
  guest.held = 0;
  guest.shared_text = nullptr;
  guest.shared_bytes = 0;
}

void Sessions::finish_all() {
  for (auto* guest : std::vector(guests_)) guest->finish();
}

void Sessions::push_out_all() {
  for (auto* guest : std::vector(guests_)) push_out(*guest);
}

}  // namespace evenkeel::web
