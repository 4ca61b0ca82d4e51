#include "agent/loop/either_hold.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel::loop {
namespace {

// How soon a note that came with a turn is seen.
constexpr rules::Duration kNextLook = std::chrono::seconds{10};
// Milvus goes by a value in etcd within some 5 s.
constexpr rules::Duration kReadWithin = std::chrono::seconds{10};

}  // namespace

EitherHold::EitherHold(BalancerHold* by_etcd, Suspension& suspension, Clock& clock,
                       HoldChoice choice)
    : by_etcd_(by_etcd), suspension_(suspension), clock_(clock), choice_(choice) {
  show();
}

bool EitherHold::etcd_fails() const {
  return by_etcd_ == nullptr || by_etcd_->out_of_reach();
}

// What is shown is the hold in use; and a suspension for as long as there is one.
void EitherHold::show() {
  const bool suspended = suspends_ || suspension_.owed() || by_etcd_ == nullptr;
  state_ = suspended ? suspension_.state() : by_etcd_->state();
  if (!suspended || by_etcd_ == nullptr || !etcd_fails()) return;
  const std::string& why = by_etcd_->state().words;
  if (state_.words == Suspension::kHeldWords) {
    state_.words += ", since etcd cannot be used: " + why;
  } else if (state_.hold == Hold::failed) {
    state_.words = "by etcd: " + why + "; by balance/suspend: " + state_.words;
  }
}

void EitherHold::use_suspension(bool use) {
  suspends_ = use;
  suspension_.keep_until(use ? rules::TimePoint::max() : rules::TimePoint{});
}

Awaitable<EitherHold::Outcome> EitherHold::take() {
  Outcome outcome;
  const bool known_to_fail = choice_.suspends && etcd_fails();
  if (by_etcd_ != nullptr && !known_to_fail) outcome = co_await by_etcd_->take();
  const bool falls_back = choice_.suspends && etcd_fails();
  use_suspension(falls_back);
  if (falls_back) outcome = co_await suspension_.take();
  show();
  if (falls_back && !outcome) co_return tl::unexpected(state_.words);
  co_return outcome;
}

void EitherHold::keep_until(rules::TimePoint moment) {
  if (by_etcd_ != nullptr) by_etcd_->keep_until(moment);
  if (suspends_ && !choice_.always) suspension_.keep_until(moment);
}

std::optional<std::string> EitherHold::lost() const {
  if (suspends_) return suspension_.lost();
  return by_etcd_ == nullptr ? "the built-in balancer is not held off" : by_etcd_->lost();
}

// The suspension knows by itself whose turn it is.
void EitherHold::set_acting(bool acting) {
  if (by_etcd_ != nullptr) by_etcd_->set_acting(acting);
}

Awaitable<rules::Duration> EitherHold::tend() {
  rules::Duration next = kNextLook;
  if (by_etcd_ != nullptr) next = co_await by_etcd_->tend();
  if (choice_.suspends && choice_.always && etcd_fails()) use_suspension(true);
  if (suspends_ && by_etcd_ != nullptr && !by_etcd_->lost() &&
      clock_.now() - by_etcd_->state().since >= kReadWithin) {
    use_suspension(false);
  }
  next = std::min(next, co_await suspension_.tend());
  show();
  co_return std::min(next, kNextLook);
}

Awaitable<void> EitherHold::let_go() {
  suspends_ = false;
  co_await suspension_.let_go();
  if (by_etcd_ != nullptr) co_await by_etcd_->let_go();
  show();
}

}  // namespace evenkeel::loop
