#include "agent/loop/suspension.hpp"

#include <algorithm>
#include <utility>

#include "agent/loop/turns.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::loop {
namespace {

constexpr rules::Duration kNextAttempt = std::chrono::seconds{10};

std::string words_of(const milvus::Failure& failure) {
  if (failure.kind != milvus::FailureKind::unsupported) return failure.message;
  return "this Milvus does not say whether its balancer is suspended (balance/status, of 2.5 and "
         "later), so what an operator suspended could not be told from what this agent did";
}

tl::unexpected<std::string> unheeded(const std::string& call, const std::string& state) {
  return tl::unexpected("Milvus has answered balance/" + call + ", and its balancer is " + state +
                        " still");
}

}  // namespace

Suspension::Suspension(const asio::any_io_executor& executor, Context& context,
                       milvus::Coordinator& coordinator, Bookkeeper& bookkeeper)
    : context_(context),
      coordinator_(coordinator),
      bookkeeper_(bookkeeper),
      lasts_(context.settings.builtin_balancer.lease),
      mutex_(executor),
      state_{.hold = Hold::released, .since = context.now()} {}

void Suspension::become(Hold hold, std::string words) {
  state_ = state_after(state_, hold, std::move(words), HeldBy::suspend, context_.now());
}

Awaitable<Suspension::Outcome> Suspension::take() {
  wanted_until_ = rules::TimePoint::max();
  const auto lock = co_await mutex_.lock();
  auto outcome = co_await hold();
  if (!outcome) become(Hold::failed, outcome.error());
  co_return outcome;
}

std::optional<std::string> Suspension::lost() const {
  const bool off = state_.hold == Hold::held || state_.hold == Hold::by_operator;
  if (off && context_.may_act() && context_.now() < good_until_) return std::nullopt;
  return "the built-in balancer is no longer held off by balance/suspend" +
         (off ? "" : ": " + state_.words);
}

Awaitable<tl::expected<bool, std::string>> Suspension::look() {
  if (!context_.may_act()) co_return tl::unexpected(context_.parts.turns->state().words);
  if (const auto why = bookkeeper_.forgets(); !why.empty()) {
    co_return tl::unexpected(
        "what is suspended must be noted, or it would stay so if the agent "
        "died, and " +
        why);
  }
  const auto active = co_await coordinator_.balancer_active();
  if (!active) co_return tl::unexpected(words_of(active.error()));
  co_return *active;
}

Awaitable<Suspension::Outcome> Suspension::hold() {
  const auto asked = context_.now();
  const auto active = co_await look();
  if (!active) co_return tl::unexpected(active.error());
  if (*active) co_return co_await suspend();
  good_until_ = asked + lasts_;
  if (owed()) {
    become(Hold::held, std::string(kHeldWords));
  } else {
    become(Hold::by_operator, "somebody has suspended it (balance/suspend)");
  }
  co_return Outcome{};
}

// A balancer that is noted as suspended and is active was resumed by a restart of the coordinator,
// or by somebody: Milvus does not say which.
Awaitable<Suspension::Outcome> Suspension::suspend() {
  if (!owed()) {
    if (auto why = co_await bookkeeper_.note_suspension(true)) co_return tl::unexpected(*why);
  } else if (state_.hold == Hold::held) {
    log::info(
        "the built-in balancer is no longer suspended, as after a restart of the query coordinator",
        {});
  }
  if (auto sent = co_await send(false); !sent) co_return sent;
  const auto asked = context_.now();
  const auto active = co_await coordinator_.balancer_active();
  if (!active) co_return tl::unexpected(words_of(active.error()));
  if (*active) co_return unheeded("suspend", "active");
  good_until_ = asked + lasts_;
  become(Hold::held, std::string(kHeldWords));
  co_return Outcome{};
}

Awaitable<Suspension::Outcome> Suspension::send(bool on) {
  Turns* const turns = context_.parts.turns;
  milvus::BalancerSwitch request{.on = on};
  if (turns != nullptr) {
    if (auto why = co_await turns->check()) co_return tl::unexpected(*std::move(why));
    request.may_send = [turns] { return turns->in_time(); };
  }
  auto sent = co_await coordinator_.switch_balancer(request);
  if (!sent) co_return tl::unexpected(std::move(sent.error().message));
  co_return Outcome{};
}

// The note goes once the balancer was seen active: what Milvus answered does not suffice.
Awaitable<Suspension::Outcome> Suspension::resume() {
  auto active = co_await coordinator_.balancer_active();
  if (active && !*active) {
    if (auto sent = co_await send(true); !sent) co_return sent;
    active = co_await coordinator_.balancer_active();
  }
  if (!active) co_return tl::unexpected(words_of(active.error()));
  if (!*active) co_return unheeded("resume", "suspended");
  if (const auto why = co_await bookkeeper_.note_suspension(false)) {
    log::warn("the built-in balancer goes on, but the journal still says that it is suspended",
              {{"why", *why}});
  }
  co_return Outcome{};
}

Awaitable<rules::Duration> Suspension::tend() {
  const auto lock = co_await mutex_.lock();
  if (context_.now() >= wanted_until_) co_return co_await rest();
  if (!context_.may_act()) co_return kNextAttempt;
  auto outcome = co_await hold();
  if (!outcome) {
    become(Hold::failed, std::move(outcome.error()));
    co_return kNextAttempt;
  }
  const rules::Duration left = wanted_until_ - context_.now();
  co_return std::clamp<rules::Duration>(left, rules::Duration::zero(), lasts_ / 3);
}

// What failed stays failed until nothing stands in the way of a hold any more.
Awaitable<rules::Duration> Suspension::rest() {
  if (!context_.may_act()) {
    if (state_.hold != Hold::released) become(Hold::released, {});
    co_return kNextAttempt;
  }
  if (owed()) {
    if (const auto outcome = co_await resume(); !outcome) {
      become(Hold::held, std::string(kHeldWords) + ", and cannot be resumed: " + outcome.error());
      co_return kNextAttempt;
    }
  } else if (state_.hold == Hold::failed && !co_await look()) {
    co_return kNextAttempt;
  }
  if (state_.hold != Hold::released) become(Hold::released, {});
  co_return std::min<rules::Duration>(kNextAttempt, lasts_ / 3);
}

Awaitable<void> Suspension::let_go() {
  const auto lock = co_await mutex_.lock();
  wanted_until_ = {};
  co_await rest();
}

}  // namespace evenkeel::loop
