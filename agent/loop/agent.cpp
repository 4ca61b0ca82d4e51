#include "agent/loop/agent.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/loop/chronicle.hpp"
#include "agent/loop/either_hold.hpp"
#include "agent/loop/holding.hpp"
#include "agent/loop/observations.hpp"
#include "agent/loop/pauses.hpp"
#include "agent/loop/picture.hpp"
#include "agent/loop/rounds.hpp"
#include "agent/loop/suspension.hpp"
#include "agent/loop/turning.hpp"
#include "agent/milvus/wrapped_coordinator.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::loop {

using namespace asio::experimental::awaitable_operators;

namespace {

// A schedule that an exception ended restarts after this long.
constexpr std::chrono::milliseconds kAfterAnException{100};
// Where nothing may be changed, a hold by etcd is not even made.
HoldChoice choice(const Context& context) {
  const auto& balancer = context.settings.builtin_balancer;
  return {.suspends = balancer.mode == "hold" && balancer.via != "etcd" && !context.dry_run,
          .always = balancer.hold_for == "always"};
}

// A schedule that is late by more than this counts as stuck.
constexpr rules::Duration kSlack = std::chrono::seconds{30};

}  // namespace

struct Agent::Impl {
  Impl(const asio::any_io_executor& executor, Parts parts, settings::Settings settings,
       bool dry_run)
      : context(executor, parts, std::move(settings), dry_run),
        inbox(executor, *context.instruments),
        picture(context),
        pauses(context, inbox, picture),
        coordinator(parts.coordinator, [this](const auto* failure) { count(failure); }),
        observations(context, picture, coordinator, executor),
        chronicle(context, picture, pauses),
        bookkeeper(executor, context, picture, pauses, chronicle),
        suspension(executor, context, coordinator, bookkeeper),
        hold(parts.hold, suspension, parts.clock, choice(context)),
        holding(context, picture),
        turning(context, picture, bookkeeper),
        rounds({context, observations, picture, pauses, chronicle, bookkeeper, holding, turning},
               coordinator) {
    for (const auto kind : milvus::kFailureKinds) {
      context.instruments->expect_coordinator_failure(milvus::name(kind));
    }
    context.publish = [this] { publish(); };
    context.hold = &hold;
    context.holds = parts.hold != nullptr || choice(context).suspends;
    bookkeeper.recall();
    alert_round_at = chronicle.last_alert_round();
    allow_silence();
  }

  Context context;
  Inbox inbox;
  Picture picture;
  Pauses pauses;
  milvus::CountedCoordinator coordinator;
  Observations observations;
  Chronicle chronicle;
  Bookkeeper bookkeeper;
  Suspension suspension;
  EitherHold hold;
  Holding holding;
  Turning turning;
  Rounds rounds;
  rules::TimePoint alert_round_at{};  // the start of the last round that an alert caused

  // Runs a schedule until the agent stops, even if it throws.
  template <typename Schedule>
  [[nodiscard]] Awaitable<void> persist(const char* what, Schedule schedule);
  [[nodiscard]] Awaitable<void> balance_on_schedule();
  [[nodiscard]] Awaitable<void> balance_once(rules::TimePoint& due);
  [[nodiscard]] Awaitable<void> await_request(rules::Duration duration);
  [[nodiscard]] std::optional<Trigger> wanted(rules::TimePoint due) const;
  void allow_silence();
  void count(const milvus::Failure* failure);
  void publish();
};

Agent::Agent(const asio::any_io_executor& executor, Parts parts, settings::Settings settings,
             bool dry_run)
    : impl_(std::make_unique<Impl>(executor, parts, std::move(settings), dry_run)) {}

Agent::~Agent() = default;

Awaitable<void> Agent::run() {
  Impl& own = *impl_;
  own.context.pulse.start(own.context.started);
  co_await (own.persist("observations", [&own] { return own.observations.on_schedule(); }) &&
            own.persist("rounds", [&own] { return own.balance_on_schedule(); }) &&
            own.persist("journal", [&own] { return own.bookkeeper.keep(); }) &&
            own.persist("the hold", [&own] { return own.holding.on_schedule(); }) &&
            own.persist("turns", [&own] { return own.turning.on_schedule(); }) &&
            own.persist("pauses", [&own] {
              return own.pauses.heed([&own] { return own.chronicle.latest(); });
            }));
}

void Agent::stop() {
  impl_->inbox.close();
  impl_->context.stopping.set();
}

void Agent::reload(settings::Settings settings) {
  impl_->context.settings = std::move(settings);
  impl_->picture.adapt_policy();
  impl_->allow_silence();
  impl_->chronicle.reloaded(true);
}

void Agent::reload_failed() {
  impl_->chronicle.reloaded(false);
}

std::string Agent::unwell() const {
  return impl_->context.pulse.trouble(impl_->context.now());
}

SnapshotPtr Agent::snapshot() const {
  return impl_->chronicle.latest();
}

std::shared_ptr<const Instruments> Agent::instruments() const {
  return impl_->context.instruments;
}

Control::Answer Agent::ask(RoundRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(TransferRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(PauseRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(ResumeRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(DrainRequest request) {
  return impl_->inbox.put(std::move(request));
}

void Agent::count(AlertResult result, std::uint64_t times) {
  impl_->context.instruments->alerts_came(result, times);
}

void Agent::on_publish(std::function<void(const SnapshotPtr&)> callback) {
  impl_->chronicle.on_publish(std::move(callback));
}

void Agent::on_plan(Planned callback) {
  impl_->rounds.on_plan(std::move(callback));
}

void Agent::on_move(std::function<void(const MoveRecord&)> callback) {
  impl_->rounds.on_move(std::move(callback));
}

template <typename Schedule>
Awaitable<void> Agent::Impl::persist(const char* what, Schedule schedule) {
  while (!context.stopping.is_set()) {
    try {
      co_await schedule();
      co_return;
    } catch (...) {
      log::error("a schedule ended by an exception, it goes on",
                 {{"of", what}, {"error", words_of_current_exception()}});
    }
    // The wait does not use the context's clock, which may be what threw.
    asio::steady_timer timer(co_await asio::this_coro::executor, kAfterAnException);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

// An observation beats when it begins and at each scrape meanwhile; the schedule of rounds beats
// every second, except during an observation or one call.
void Agent::Impl::allow_silence() {
  const settings::Settings& settings = context.settings;
  const rules::Duration scrape = settings.scrape.interval + settings.scrape.timeout;
  context.pulse.allow(Pulse::Part::observation, scrape + settings.scrape.interval + kSlack);
  const rules::Duration call = settings.milvus.move_timeout;
  context.pulse.allow(Pulse::Part::round,
                      std::max(Observer::longest_look(settings), call) + kSlack);
}

Awaitable<void> Agent::Impl::await_request(rules::Duration duration) {
  co_await race(context.pause(duration), inbox.arrived().wait());
}

// The trigger of a round to make now; nullopt: none is due.
std::optional<Trigger> Agent::Impl::wanted(rules::TimePoint due) const {
  if (inbox.wants_round()) return Trigger::manual;
  if (inbox.alerts() && context.now() >= alert_round_at + context.settings.alerts.min_interval) {
    return Trigger::alert;
  }
  return context.now() >= due ? std::optional(Trigger::interval) : std::nullopt;
}

Awaitable<void> Agent::Impl::balance_on_schedule() {
  rules::TimePoint due = context.now() + context.settings.balance.interval;
  while (!context.stopping.is_set()) {
    // A reload may have shortened the interval.
    due = std::min<rules::TimePoint>(due, context.now() + context.settings.balance.interval);
    chronicle.expect_round(due);
    context.pulse.beat(Pulse::Part::round, context.now());
    try {
      co_await balance_once(due);
    } catch (...) {
      log::error("round ended by an exception", {{"error", words_of_current_exception()}});
      due = context.now() + context.settings.balance.interval;
    }
  }
}

// Makes a transfer or a round if one is due, else waits for at most a second.
Awaitable<void> Agent::Impl::balance_once(rules::TimePoint& due) {
  if (auto asked = inbox.take_transfer()) {
    co_await rounds.transfer(*std::move(asked));
    co_return;
  }
  if (turning.has_begun()) due = context.now();
  const auto trigger = wanted(due);
  if (!trigger) {
    co_await await_request(std::min<rules::Duration>(due - context.now(), std::chrono::seconds{1}));
    co_return;
  }
  AskedRound asked;
  if (trigger != Trigger::interval) asked = inbox.take_round().value_or(AskedRound{});
  if (trigger == Trigger::alert) alert_round_at = context.now();
  // A request with a focus must not delay the scheduled round, which is of the whole cluster.
  if (context.now() >= due) asked.focus = {};
  const bool whole = asked.focus.everything();
  chronicle.expect_round(std::nullopt);
  co_await rounds.round(*trigger, std::move(asked));
  if (whole) due = context.now() + context.settings.balance.interval;
}

void Agent::Impl::count(const milvus::Failure* failure) {
  context.instruments->coordinator_called(failure == nullptr ? "" : milvus::name(failure->kind));
  if (picture.moving()) context.pulse.beat(Pulse::Part::round, context.now());
}

void Agent::Impl::publish() {
  const auto& cluster = picture.cluster();
  if (cluster != nullptr && cluster->coordinator_complete) inbox.open();
  chronicle.publish();
  bookkeeper.changed();
}

}  // namespace evenkeel::loop
