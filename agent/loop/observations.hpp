#pragma once
// The schedule of observations: periodic ones, and one before each round. Results go to the
// picture.

#include "agent/loop/context.hpp"
#include "agent/loop/observer.hpp"
#include "agent/loop/picture.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Observations {
 public:
  // All must outlive it.
  Observations(Context& context, Picture& picture, milvus::Coordinator& coordinator,
               const asio::any_io_executor& executor);

  // Observes every [scrape] interval until the agent stops, also while moves are made.
  [[nodiscard]] Awaitable<void> on_schedule();
  // Observes before a round, unless the newest observation began less than half an interval ago.
  // Joins an observation that is under way.
  [[nodiscard]] Awaitable<void> refresh();
  [[nodiscard]] const Observer& observer() const { return observer_; }

 private:
  [[nodiscard]] Awaitable<void> observe();
  [[nodiscard]] Awaitable<void> scrape_meanwhile();

  Context& context_;
  Picture& picture_;
  Observer observer_;
  Event observed_;  // set when the observation under way has ended
  bool observing_ = false;
  rules::TimePoint begun_{};  // when the newest observation began
};

}  // namespace evenkeel::loop
