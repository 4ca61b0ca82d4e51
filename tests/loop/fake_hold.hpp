#pragma once

#include <optional>
#include <string>

#include "agent/loop/balancer_hold.hpp"
#include "agent/loop/clock.hpp"

namespace evenkeel::test {

// A hold that does as the test says, and notes what is asked of it.
class FakeHold final : public loop::BalancerHold {
 public:
  explicit FakeHold(loop::Clock& clock) : clock_(clock) {}

  std::string failure;              // empty: take() succeeds
  std::optional<std::string> gone;  // what lost() says
  rules::Duration takes{};          // how long take() takes
  bool unreachable = false;         // why it fails: what it holds by does not answer
  bool acting = true;
  int taken = 0, let_gone = 0;
  rules::TimePoint kept_until{};

  Awaitable<tl::expected<void, std::string>> take() override {
    ++taken;
    kept_until = rules::TimePoint::max();
    if (takes > rules::Duration{}) co_await clock_.sleep(takes);
    state_ = {failure.empty() ? loop::Hold::held : loop::Hold::failed, failure, clock_.now(),
              failure.empty() ? loop::HeldBy::etcd : loop::HeldBy::nothing};
    if (!failure.empty()) co_return tl::unexpected(failure);
    co_return tl::expected<void, std::string>{};
  }
  void keep_until(rules::TimePoint moment) override { kept_until = moment; }
  [[nodiscard]] std::optional<std::string> lost() const override {
    return gone || state_.hold != loop::Hold::failed ? gone : failure;
  }
  [[nodiscard]] bool out_of_reach() const override {
    return state_.hold == loop::Hold::failed && unreachable;
  }
  void set_acting(bool acts) override { acting = acts; }
  Awaitable<rules::Duration> tend() override {
    if (state_.hold == loop::Hold::failed && failure.empty()) {
      state_ = {
          kept_until > clock_.now() ? loop::Hold::held : loop::Hold::released, {}, clock_.now()};
    }
    co_return rules::Duration{std::chrono::seconds{10}};
  }
  Awaitable<void> let_go() override {
    ++let_gone;
    co_return;
  }
  [[nodiscard]] const loop::BuiltinBalancer& state() const override { return state_; }

 private:
  loop::Clock& clock_;
  loop::BuiltinBalancer state_;
};

}  // namespace evenkeel::test
