#include "tests/sim/turns.hpp"

#include <algorithm>
#include <utility>

#include "agent/journal/codec.hpp"

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;
using loop::Standing;

constexpr Duration kAfterFailure = 1s;
constexpr Duration kLook = 1s;
// From the last moment at which a call may be written to the end of the turn.
constexpr Duration kOnTheWay = 1s;

}  // namespace

Awaitable<void> ProcessClock::sleep(Duration duration) {
  co_await clock_.sleep(duration);
  while (clock_.now() < stopped_until_) co_await clock_.sleep(stopped_until_ - clock_.now());
}

// ---- the keeper

const Turntaker* TurnKeeper::actor(TimePoint now) const {
  return now < until_ ? actor_ : nullptr;
}

std::int64_t TurnKeeper::term(TimePoint now) const {
  return now < until_ ? term_ : 0;
}

std::int64_t TurnKeeper::claim(const Turntaker& who, TimePoint now) {
  if (term(now) != 0) return 0;
  actor_ = &who;
  until_ = now + lease_;
  return ++term_;
}

bool TurnKeeper::renew(std::int64_t term, TimePoint now) {
  if (this->term(now) != term) return false;
  until_ = now + lease_;
  return true;
}

bool TurnKeeper::leave(std::int64_t term, loop::Memory memory, TimePoint now) {
  if (this->term(now) != term) return false;
  left_ = std::move(memory);
  return true;
}

void TurnKeeper::give_up(std::int64_t term, TimePoint now) {
  if (this->term(now) == term) until_ = now;
}

// ---- the agents

Turntaker::Turntaker(TurnKeeper& keeper, loop::Clock& clock, Duration answer)
    : keeper_(keeper),
      clock_(clock),
      answer_(answer),
      state_{Standing::watching, {}, "it is not known yet whose turn it is", 0, clock.now()} {}

void Turntaker::become(Standing standing, std::string words) {
  if (standing == Standing::watching) {
    state_.term = 0;
    knows_ = false;
  }
  const TimePoint since = state_.standing == standing ? state_.since : clock_.now();
  state_ = {standing, {}, std::move(words), state_.term, since};
}

void Turntaker::end_turn() {
  become(Standing::watching, "this agent's turn has ended");
}

// What is asked while the keeper cannot be reached waits for nothing.
Awaitable<bool> Turntaker::reach() {
  const bool cut_off = clock_.now() < cut_off_until_;
  const Duration wait = cut_off ? Duration(keeper_.lease() / 5) : answer_;
  co_await clock_.sleep(wait);
  co_return !cut_off && clock_.now() >= cut_off_until_;
}

Awaitable<Duration> Turntaker::tend() {
  if (state_.term == 0) co_return co_await seek();
  co_return co_await renew();
}

Awaitable<Duration> Turntaker::seek() {
  const TimePoint asked = clock_.now();
  if (!co_await reach()) {
    become(Standing::watching, "it cannot be known whose turn it is");
    co_return kAfterFailure;
  }
  const std::int64_t term = keeper_.claim(*this, clock_.now());
  if (term == 0) {
    become(Standing::watching, "another agent acts");
    co_return kLook;
  }
  lasts_until_ = asked + keeper_.lease();
  acts_from_ = clock_.now() + margin();
  knows_ = false;
  state_.term = term;
  become(Standing::taking_over, "what the last one sent may still be on its way");
  co_return 0ms;
}

Awaitable<Duration> Turntaker::renew() {
  const TimePoint asked = clock_.now();
  const std::int64_t term = state_.term;
  if (!co_await reach()) {
    if (clock_.now() >= lasts_until_) end_turn();
    co_return kAfterFailure;
  }
  if (!keeper_.renew(term, clock_.now())) {
    end_turn();
    co_return 0ms;
  }
  lasts_until_ = asked + keeper_.lease();
  const bool due = knows_ && clock_.now() >= acts_from_;
  if (state_.standing == Standing::taking_over && due) become(Standing::acting, {});
  if (state_.standing == Standing::acting) co_return keeper_.lease() / 3;
  co_return std::clamp<Duration>(acts_from_ - clock_.now(), 100ms, kLook);
}

std::optional<std::string> Turntaker::too_late() const {
  if (!state_.ours()) return state_.words;
  if (clock_.now() + margin() < lasts_until_) return std::nullopt;
  return "too little is left of this agent's turn";
}

Awaitable<std::optional<std::string>> Turntaker::check() {
  if (auto late = too_late()) co_return late;
  if (!co_await reach()) co_return "it cannot be known whose turn it is";
  if (state_.ours() && keeper_.term(clock_.now()) != state_.term) end_turn();
  co_return too_late();
}

bool Turntaker::in_time() const {
  return state_.ours() && clock_.now() + kOnTheWay < lasts_until_;
}

Awaitable<void> Turntaker::resign() {
  const std::int64_t term = state_.term;
  become(Standing::watching, "the agent is stopping");
  if (term == 0) co_return;
  const bool reached = co_await reach();
  if (reached) keeper_.give_up(term, clock_.now());
}

// By way of its text: what is written wrongly is read wrongly, too.
Awaitable<tl::expected<loop::Memory, std::string>> Turntaker::handed_over() {
  // Not within the condition: GCC 12 then puts the coroutine's frame together wrongly.
  const bool reached = co_await reach();
  if (!reached) co_return tl::unexpected(std::string("the keeper does not answer"));
  if (!keeper_.left()) co_return tl::unexpected(std::string("nothing was left"));
  co_return journal::decode<loop::Memory>(journal::encode(*keeper_.left()));
}

void Turntaker::took_over() {
  knows_ = state_.term != 0;
  if (on_taken_over) on_taken_over();
}

Awaitable<tl::expected<void, std::string>> Turntaker::hand_over(loop::Memory memory) {
  if (!knows_) co_return tl::expected<void, std::string>{};
  const std::int64_t term = state_.term;
  if (!co_await reach()) co_return tl::unexpected(std::string("the keeper does not answer"));
  memory.ledger = memory.ledger.handover();
  if (keeper_.leave(term, std::move(memory), clock_.now())) {
    co_return tl::expected<void, std::string>{};
  }
  if (state_.term == term) end_turn();
  co_return tl::unexpected(std::string("this agent's turn has ended"));
}

}  // namespace evenkeel::sim
