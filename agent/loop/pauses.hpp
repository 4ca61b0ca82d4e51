#pragma once
// Pauses of balancing: the one in force, and the schedule that takes up requests for them at once,
// also while a round is under way.

#include <functional>
#include <optional>
#include <variant>

#include "agent/loop/context.hpp"
#include "agent/loop/inbox.hpp"
#include "agent/loop/request.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Pauses {
 public:
  // Both must outlive it.
  Pauses(Context& context, Inbox& inbox) : context_(context), inbox_(inbox) {}

  // Takes requests up until the agent stops; `latest` gives the newest snapshot for the answers.
  [[nodiscard]] Awaitable<void> heed(std::function<SnapshotPtr()> latest);

  // Nothing is to be moved.
  [[nodiscard]] bool paused() const;
  // Only where paused().
  [[nodiscard]] std::optional<Pause> in_force() const;

 private:
  void take_up(const std::variant<PauseRequest, ResumeRequest>& request);
  [[nodiscard]] Awaitable<void> await_change();

  Context& context_;
  Inbox& inbox_;
  std::optional<Pause> pause_;
};

}  // namespace evenkeel::loop
