#include "agent/loop/pauses.hpp"

#include <algorithm>
#include <variant>

#include "agent/util/log.hpp"

namespace evenkeel::loop {

void Pauses::take_over(std::optional<Pause> pause) {
  pause_ = std::move(pause);
  inbox_.arrived().set();  // heed() waits for another pause's end
}

Awaitable<void> Pauses::heed(std::function<SnapshotPtr()> latest) {
  while (!context_.stopping.is_set()) {
    co_await await_change();
    inbox_.arrived().reset();
    auto all_asked = inbox_.take_pauses();
    for (const auto& asked : all_asked) {
      std::visit([this](const auto& request) { take_up(request); }, asked.request);
    }
    const bool over = pause_ && !paused();
    if (over) {
      log::info("the pause is over", {{"reason", pause_->reason}});
      pause_.reset();
    }
    if (all_asked.empty() && !over) continue;
    context_.publish();
    for (auto& asked : all_asked) asked.taken_up.set_value(latest());
  }
}

// Waits for a request, the end of the pause or the agent's stop.
Awaitable<void> Pauses::await_change() {
  if (!pause_ || !pause_->until) {
    co_await race(inbox_.arrived().wait(), context_.stopping.wait());
    co_return;
  }
  const auto left = std::max(*pause_->until - context_.now(), rules::Duration::zero());
  co_await race(context_.pause(left), inbox_.arrived().wait());
}

void Pauses::take_up(const ResumeRequest& asked) {
  if (pause_) log::warn("resumed", {{"by", asked.by}});
  pause_.reset();
}

// What the API has found may have changed since.
void Pauses::take_up(const DrainRequest& asked) {
  if (!asked.drained) {
    if (picture_.undrain(asked.node)) {
      log::warn("a node is no longer drained", {{"node", asked.node}, {"by", asked.by}});
    }
    return;
  }
  if (const std::string why = picture_.drain(asked); !why.empty()) {
    log::warn("a node is not drained", {{"node", asked.node}, {"why", why}});
    return;
  }
  log::warn("a node is drained",
            {{"node", asked.node}, {"by", asked.by}, {"reason", asked.reason}});
}

void Pauses::take_up(const PauseRequest& asked) {
  pause_.emplace();
  pause_->reason = asked.reason;
  pause_->by = asked.by;
  pause_->since = context_.now();
  if (asked.length) pause_->until = context_.now() + *asked.length;
  log::warn("paused", {{"by", asked.by},
                       {"reason", asked.reason},
                       {"seconds", asked.length ? asked.length->count() : 0}});
}

bool Pauses::paused() const {
  return pause_ && (!pause_->until || context_.now() < *pause_->until);
}

std::optional<Pause> Pauses::in_force() const {
  return paused() ? pause_ : std::nullopt;
}

}  // namespace evenkeel::loop
