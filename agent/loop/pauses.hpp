#pragma once
// Pauses of balancing: the one in force, and the coroutine that handles requests for pauses and
// drains at once, even during a round.

#include <functional>
#include <optional>
#include <utility>

#include "agent/loop/context.hpp"
#include "agent/loop/inbox.hpp"
#include "agent/loop/picture.hpp"
#include "agent/loop/request.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Pauses {
 public:
  // All must outlive it.
  Pauses(Context& context, Inbox& inbox, Picture& picture)
      : context_(context), inbox_(inbox), picture_(picture) {}

  // Takes up the pause of an earlier run.
  void recall(Pause pause) { pause_ = std::move(pause); }

  // Takes up the pause of another agent, or that it has none.
  void take_over(std::optional<Pause> pause);

  // Handles requests until the agent stops. `latest` gives the newest snapshot, which answers them.
  [[nodiscard]] Awaitable<void> heed(std::function<SnapshotPtr()> latest);

  // True if nothing may be moved now.
  [[nodiscard]] bool paused() const;
  // The pause in force; nullopt unless paused().
  [[nodiscard]] std::optional<Pause> in_force() const;

 private:
  void take_up(const PauseRequest& asked);
  void take_up(const ResumeRequest& asked);
  void take_up(const DrainRequest& asked);
  [[nodiscard]] Awaitable<void> await_change();

  Context& context_;
  Inbox& inbox_;
  Picture& picture_;
  std::optional<Pause> pause_;
};

}  // namespace evenkeel::loop
