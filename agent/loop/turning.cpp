#include "agent/loop/turning.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "agent/loop/turns.hpp"

namespace evenkeel::loop {
namespace {

// The agent must end within 5 s.
constexpr rules::Duration kWorkEndsWithin = std::chrono::milliseconds{3'800};
constexpr rules::Duration kResignsWithin = std::chrono::milliseconds{500};
constexpr rules::Duration kLook = std::chrono::milliseconds{50};

}  // namespace

Awaitable<void> Turning::on_schedule() {
  Turns* const turns = context_.parts.turns;
  if (turns == nullptr) co_return;
  while (!context_.stopping.is_set()) {
    const auto tended = co_await race(turns->tend(), context_.stopping.wait());
    if (turns->state().standing == Standing::taking_over) co_await take_over();
    publish_changes();
    if (tended.index() == 0) co_await context_.pause(std::get<0>(tended));
  }
  co_await let_work_end();
  co_await race(turns->resign(), context_.parts.clock.sleep(kResignsWithin));
  context_.resigned.set();
}

void Turning::publish_changes() {
  const Turn& turn = context_.parts.turns->state();
  if (published_ == turn) return;
  begun_ = begun_ || (turn.ours() && !published_.ours());
  published_ = turn;
  context_.publish();
}

// The next agent begins at once where this one resigns: what is under way should have an end then,
// the hold of Milvus's own balancer too, and what a person has asked of this one be handed over.
Awaitable<void> Turning::let_work_end() {
  const rules::TimePoint latest = context_.now() + kWorkEndsWithin;
  while ((picture_.moving() || context_.holding) && context_.now() < latest) {
    co_await context_.parts.clock.sleep(kLook);
  }
  const rules::Duration left = std::max(latest - context_.now(), rules::Duration::zero());
  co_await race(bookkeeper_.finished(), context_.parts.clock.sleep(left));
}

// A round of an earlier turn of this agent ends first: it writes into the memory that is replaced.
Awaitable<void> Turning::take_over() {
  Turns& turns = *context_.parts.turns;
  const std::int64_t term = turns.state().term;
  if (known_term_ == term || picture_.moving()) co_return;
  auto left = co_await turns.handed_over();
  if (turns.state().term != term || context_.stopping.is_set()) co_return;
  bookkeeper_.take_over(std::move(left));
  known_term_ = term;
  turns.took_over();
}

std::string Turning::not_ours() const {
  if (context_.may_act()) return {};
  return context_.parts.turns->state().words;
}

Awaitable<std::optional<std::string>> Turning::check() const {
  if (context_.parts.turns == nullptr) co_return std::nullopt;
  co_return co_await context_.parts.turns->check();
}

bool Turning::in_time() const {
  return context_.parts.turns == nullptr || context_.parts.turns->in_time();
}

}  // namespace evenkeel::loop
