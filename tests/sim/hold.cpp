#include "tests/sim/hold.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAfterFailure = 1s;
constexpr Duration kLook = 2s;
constexpr Duration kMargin = 1s;  // by which the agent takes its lease for shorter than it is

}  // namespace

Hold::Hold(const World& world, Cluster& cluster, loop::Clock& clock, TimePoint start)
    : world_(world),
      cluster_(cluster),
      clock_(clock),
      start_(start),
      always_(world.settings.builtin_balancer.hold_for == "always"),
      state_{loop::Hold::released, {}, clock.now()} {}

void Hold::become(loop::Hold hold, std::string words) {
  state_ = loop::state_after(state_, hold, std::move(words), loop::HeldBy::etcd, clock_.now());
}

Awaitable<bool> Hold::reach() {
  const auto away = [this] {
    const Duration at = clock_.now() - start_;
    return severed_ ||
           (world_.etcd_away && at >= world_.etcd_away->first && at < world_.etcd_away->second);
  };
  const bool was_away = away();
  co_await clock_.sleep(was_away ? Duration(kLease / 4) : world_.manners.answer_time);
  co_return !was_away && !away();
}

Awaitable<bool> Hold::renew() {
  const TimePoint asked = clock_.now();
  const bool reached = co_await reach();
  if (reached) {
    cluster_.advance(clock_.now());
    cluster_.hold_balancer(this, asked + kLease);
    lasts_until_ = asked + kLease - kMargin;
    become(loop::Hold::held, "by a key in etcd");
  } else if (!lasts()) {
    become(loop::Hold::failed, "etcd does not answer");
  }
  co_return reached;
}

Awaitable<tl::expected<void, std::string>> Hold::take() {
  kept_until_ = TimePoint::max();
  const bool renewed = co_await renew();
  if (renewed || lasts()) co_return tl::expected<void, std::string>{};
  co_return tl::unexpected(std::string("etcd does not answer"));
}

std::optional<std::string> Hold::lost() const {
  if (lasts()) return std::nullopt;
  return "the hold has ended";
}

bool Hold::out_of_reach() const {
  return state_.hold == loop::Hold::failed;
}

// One that does not act keeps what it has, and takes nothing.
bool Hold::wanted() const {
  if (!acting_) return lasts() && clock_.now() < kept_until_;
  return always_ || clock_.now() < kept_until_;
}

Awaitable<Duration> Hold::tend() {
  if (wanted()) {
    const bool renewed = co_await renew();
    if (!renewed) co_return kAfterFailure;
    const Duration kept = kept_until_ - clock_.now();
    co_return always_ ? kLease / 3 : std::clamp<Duration>(kept, 100ms, kLease / 3);
  }
  if (state_.hold != loop::Hold::released) co_await let_go();
  co_return kLook;
}

Awaitable<void> Hold::let_go() {
  if (state_.hold != loop::Hold::held) {
    become(loop::Hold::released, {});
    co_return;
  }
  const bool reached = co_await reach();
  if (!reached && lasts()) co_return;
  if (reached) {
    cluster_.advance(clock_.now());
    cluster_.hold_balancer(this, clock_.now());
  }
  lasts_until_ = {};
  become(loop::Hold::released, {});
}

}  // namespace evenkeel::sim
