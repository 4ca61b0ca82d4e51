#pragma once
// Holds Milvus's own balancer off by /management/querycoord/balance/suspend, for where its etcd
// cannot be used. Milvus forgets it when its coordinator restarts, so it is asked again and again;
// and keeps it when the agent dies, so it is noted in the journal before it is sent, and whoever
// finds the note lets the balancer go on.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "agent/loop/balancer_hold.hpp"
#include "agent/loop/bookkeeper.hpp"
#include "agent/loop/context.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/util/async_mutex.hpp"

namespace evenkeel::loop {

// A balancer that is suspended without a note of ours was suspended by an operator: that is as good
// as a hold, and is never resumed. Where agents take turns, only the one that acts switches
// anything, and the note goes with the turn.
class Suspension final : public BalancerHold {
 public:
  static constexpr std::string_view kHeldWords = "by balance/suspend";

  // All but the executor must outlive it.
  Suspension(const asio::any_io_executor& executor, Context& context,
             milvus::Coordinator& coordinator, Bookkeeper& bookkeeper);

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> take() override;
  void keep_until(rules::TimePoint moment) override { wanted_until_ = moment; }
  [[nodiscard]] std::optional<std::string> lost() const override;
  [[nodiscard]] Awaitable<rules::Duration> tend() override;
  [[nodiscard]] Awaitable<void> let_go() override;
  [[nodiscard]] const BuiltinBalancer& state() const override { return state_; }

  // It is noted that the balancer is suspended by an agent, so it must be resumed some time.
  [[nodiscard]] bool owed() const { return bookkeeper_.suspension().suspended; }

 private:
  using Outcome = tl::expected<void, std::string>;

  // Whether the balancer is active; or why this hold cannot be used.
  [[nodiscard]] Awaitable<tl::expected<bool, std::string>> look();
  [[nodiscard]] Awaitable<Outcome> hold();
  [[nodiscard]] Awaitable<Outcome> suspend();
  [[nodiscard]] Awaitable<Outcome> resume();
  [[nodiscard]] Awaitable<Outcome> send(bool on);
  [[nodiscard]] Awaitable<rules::Duration> rest();
  void become(Hold hold, std::string words);

  Context& context_;
  milvus::Coordinator& coordinator_;
  Bookkeeper& bookkeeper_;
  std::chrono::milliseconds lasts_;  // what was seen holds good for so long
  AsyncMutex mutex_;                 // of who asks and switches
  BuiltinBalancer state_;
  rules::TimePoint wanted_until_{};
  rules::TimePoint good_until_{};  // the balancer was seen suspended, and is taken for that so long
};

}  // namespace evenkeel::loop
