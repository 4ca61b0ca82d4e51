#include "agent/loop/holding.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "agent/loop/balancer_hold.hpp"
#include "rules/foreign.hpp"

namespace evenkeel::loop {
namespace {

// A round waits no longer than this for the hold.
constexpr rules::Duration kPatience = std::chrono::seconds{20};
// The agent must end within 5 s.
constexpr rules::Duration kPatienceAtTheEnd = std::chrono::seconds{2};

}  // namespace

BuiltinBalancer builtin_balancer(const Context& context, const Picture& picture) {
  // A suspension that an earlier run has left is shown until it has ended.
  const BalancerHold* const hold = context.hold;
  if (hold != nullptr && (context.holds || hold->state().hold == Hold::held)) return hold->state();
  if (context.settings.builtin_balancer.mode == "ignore") return {};
  const auto moves = picture.foreign_moves();
  if (moves.empty()) return {Hold::quiet, {}, {}};
  // Those of an earlier run are known before the first observation.
  static const rules::Cluster kUnseen;
  const rules::Cluster& cluster = picture.cluster() == nullptr ? kUnseen : *picture.cluster();
  return {Hold::active, rules::disquiet(moves, cluster, picture.policy().settle),
          moves.front().seen};
}

std::string Holding::disquiet() const {
  BuiltinBalancer balancer = builtin_balancer(context_, picture_);
  return balancer.hold == Hold::active ? std::move(balancer.words) : std::string();
}

Awaitable<void> Holding::on_schedule() {
  if (context_.dry_run) co_return;
  context_.holding = true;
  while (!context_.stopping.is_set()) {
    context_.hold->set_acting(context_.may_act());
    const auto tended = co_await race(context_.hold->tend(), context_.stopping.wait());
    publish_changes();
    if (tended.index() == 0) co_await context_.pause(std::get<0>(tended));
  }
  co_await race(context_.hold->let_go(), context_.parts.clock.sleep(kPatienceAtTheEnd));
  context_.holding = false;
}

void Holding::publish_changes() {
  if (published_ == context_.hold->state()) return;
  published_ = context_.hold->state();
  context_.publish();
}

Awaitable<std::string> Holding::take() {
  if (!context_.holds) co_return std::string();
  const auto taken = co_await race(context_.hold->take(), context_.pause(kPatience));
  publish_changes();
  const auto* outcome = std::get_if<0>(&taken);
  if (outcome == nullptr) co_return "the built-in balancer could not be held off in time";
  if (*outcome) co_return std::string();
  co_return "the built-in balancer cannot be held off: " + outcome->error();
}

void Holding::moves_end() {
  if (!context_.holds) return;
  const rules::Duration settle = picture_.policy().settle;
  rules::TimePoint until = std::max(context_.now(), picture_.last_move() + settle);
  if (drains()) until = context_.now() + context_.settings.balance.interval + settle;
  context_.hold->keep_until(until);
}

bool Holding::drains() const {
  return !picture_.ledger().drains().all().empty();
}

std::optional<std::string> Holding::against(const rules::Call& call) const {
  const bool vain = std::any_of(call.moves.begin(), call.moves.end(), [](const auto& move) {
    return rules::is_vain_if_undone(move.urgency);
  });
  if (!vain) return std::nullopt;
  if (context_.holds) return context_.hold->lost();
  std::string moved = disquiet();
  return moved.empty() ? std::nullopt : std::optional(std::move(moved));
}

}  // namespace evenkeel::loop
