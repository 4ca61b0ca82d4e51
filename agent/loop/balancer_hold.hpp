#pragma once
// The port by which the loop holds Milvus's own balancer off.

#include <optional>
#include <string>
#include <utility>

#include "agent/loop/builtin_balancer.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/log.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// What a hold is from now on, held by `by` if it is held. Logs what is new.
[[nodiscard]] inline BuiltinBalancer state_after(const BuiltinBalancer& before, Hold hold,
                                                 std::string words, HeldBy by,
                                                 rules::TimePoint now) {
  const bool same = before.hold == hold;
  if (!same || before.words != words) {
    log::write(hold == Hold::failed ? log::Level::warn : log::Level::info, "built-in balancer",
               {{"state", name(hold)}, {"words", words}});
  }
  return {hold, std::move(words), same ? before.since : now,
          hold == Hold::held ? by : HeldBy::nothing};
}

// A hold that does not outlast the agent for long: it ends by itself, or is noted and ended by the
// agent's next run. All functions are for the loop's thread; a coroutine that is cancelled leaves a
// hold that ends like that, or by let_go().
class BalancerHold {
 public:
  virtual ~BalancerHold() = default;

  // Returns when the balancer is held off, until keep_until(); or why it cannot be, in words.
  [[nodiscard]] virtual Awaitable<tl::expected<void, std::string>> take() = 0;
  // What take() held may be let go at that moment.
  virtual void keep_until(rules::TimePoint moment) = 0;
  // Why the balancer may move segments after all, though take() held it; nullopt: it is held.
  [[nodiscard]] virtual std::optional<std::string> lost() const = 0;

  // True if it fails since what it holds by does not answer or may not be used, and not since
  // somebody has decided otherwise.
  [[nodiscard]] virtual bool out_of_reach() const { return false; }

  // Where agents take turns: one that does not act keeps what it holds for its time, and takes
  // nothing from the one that does.
  virtual void set_acting(bool /*acting*/) {}
  // Renews or lets go what is due, and returns how long it can be left alone.
  [[nodiscard]] virtual Awaitable<rules::Duration> tend() = 0;
  // Lets go at once.
  [[nodiscard]] virtual Awaitable<void> let_go() = 0;

  [[nodiscard]] virtual const BuiltinBalancer& state() const = 0;
};

}  // namespace evenkeel::loop
