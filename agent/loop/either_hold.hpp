#pragma once
// Holds Milvus's own balancer off by etcd where that can be used, else by balance/suspend.

#include <optional>
#include <string>

#include "agent/loop/balancer_hold.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/suspension.hpp"

namespace evenkeel::loop {

// Which holds an EitherHold may use.
struct HoldChoice {
  bool suspends = false;  // balance/suspend, where etcd is not configured or out of reach
  bool always = false;    // from the start on, and not just for moves
};

// Each new hold is taken by etcd if that is not known to fail. What an operator has set in etcd
// holds: it is no reason for the other way. A suspension that an earlier run has left is ended in
// any case. Where both hold, the suspension ends once Milvus goes by etcd.
class EitherHold final : public BalancerHold {
 public:
  // `by_etcd`: null if etcd is not used. All must outlive it.
  EitherHold(BalancerHold* by_etcd, Suspension& suspension, Clock& clock, HoldChoice choice);

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> take() override;
  void keep_until(rules::TimePoint moment) override;
  [[nodiscard]] std::optional<std::string> lost() const override;
  void set_acting(bool acting) override;
  [[nodiscard]] Awaitable<rules::Duration> tend() override;
  [[nodiscard]] Awaitable<void> let_go() override;
  [[nodiscard]] const BuiltinBalancer& state() const override { return state_; }

 private:
  using Outcome = tl::expected<void, std::string>;

  [[nodiscard]] bool etcd_fails() const;
  void use_suspension(bool use);
  void show();

  BalancerHold* by_etcd_;
  Suspension& suspension_;
  Clock& clock_;
  HoldChoice choice_;
  bool suspends_ = false;  // the suspension is what holds, or is to hold
  BuiltinBalancer state_;
};

}  // namespace evenkeel::loop
