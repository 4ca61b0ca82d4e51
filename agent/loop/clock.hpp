#pragma once
// Time as the loop sees it: the real one, or a simulation's.

#include <chrono>

#include "agent/util/asio.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual rules::TimePoint now() const = 0;
  // Returns early when the coroutine is cancelled.
  [[nodiscard]] virtual Awaitable<void> sleep(rules::Duration duration) = 0;
};

// The system's time at the process's start, carried on by the steady clock: it never steps (see
// agent/util/time.hpp for what is shown).
class SystemClock final : public Clock {
 public:
  [[nodiscard]] rules::TimePoint now() const override;
  [[nodiscard]] Awaitable<void> sleep(rules::Duration duration) override;
};

}  // namespace evenkeel::loop
