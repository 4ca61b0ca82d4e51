#include "agent/loop/observations.hpp"

#include <cassert>
#include <string>
#include <utility>

#include "agent/loop/instruments.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::loop {

Observations::Observations(Context& context, Picture& picture, milvus::Coordinator& coordinator,
                           const asio::any_io_executor& executor)
    : context_(context),
      picture_(picture),
      observer_(
          coordinator, context.parts.scraper, [&context] { return context.now(); },
          *context.instruments),
      observed_(executor) {}

Awaitable<void> Observations::on_schedule() {
  while (!context_.stopping.is_set()) {
    const rules::TimePoint due = begun_ + context_.settings.scrape.interval;
    if (context_.now() >= due) {
      co_await observe();
    } else {
      co_await context_.pause(due - context_.now());
    }
  }
}

Awaitable<void> Observations::refresh() {
  const bool old = context_.now() - begun_ > context_.settings.scrape.interval / 2;
  if (observing_ || old) co_await observe();
}

// Only one observation runs at a time; concurrent callers wait for it.
Awaitable<void> Observations::observe() {
  if (observing_) {
    co_await race(observed_.wait(), context_.stopping.wait());
    co_return;
  }
  observing_ = true;
  observed_.reset();
  try {
    const StageTimer timer(*context_.instruments, Stage::observe);
    begun_ = context_.now();
    context_.pulse.beat(Pulse::Part::observation, begun_);
    auto outcome = co_await race(observer_.observe(context_.settings, picture_.known_weights()),
                                 race(scrape_meanwhile(), context_.stopping.wait()));
    if (outcome.index() == 0) picture_.take(std::get<0>(std::move(outcome)));
  } catch (...) {
    log::error("observation ended by an exception", {{"error", words_of_current_exception()}});
  }
  assert(observing_ && "only one observation runs at a time");
  observing_ = false;
  observed_.set();
}

// Keeps reading the nodes while the coordinator is slow or hangs.
Awaitable<void> Observations::scrape_meanwhile() {
  rules::Duration wait = context_.settings.scrape.timeout;
  for (;;) {
    co_await context_.parts.clock.sleep(wait);
    wait = context_.settings.scrape.interval;
    context_.pulse.beat(Pulse::Part::observation, context_.now());
    if (picture_.cluster() == nullptr) continue;
    std::string error;
    try {
      picture_.take_nodes(co_await observer_.scrape_again(context_.settings, picture_.cluster()));
    } catch (...) {
      error = words_of_current_exception();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;  // the look has ended
    if (!error.empty()) log::error("reading the nodes ended by an exception", {{"error", error}});
  }
}

}  // namespace evenkeel::loop
