#include "agent/loop/chronicle.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/loop/assemble.hpp"
#include "agent/loop/holding.hpp"
#include "agent/loop/turns.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::loop {
namespace {

constexpr std::size_t kMaxDecisions = 100;
constexpr std::size_t kMaxAlertDecisions = 20;

// True if the round moves nothing since it is to wait: for a maintenance window, or its turn.
bool waits_as_told(const Decision& decision) {
  const auto& held = decision.admission.held;
  return decision.outcome == Outcome::held && !held.empty() &&
         std::all_of(held.begin(), held.end(), [](const auto& each) {
           return each.gate == rules::Gate::window || each.gate == rules::Gate::turn;
         });
}

void log_round(const Decision& decision) {
  const bool good = decision.outcome == Outcome::balanced || decision.outcome == Outcome::moved ||
                    decision.outcome == Outcome::gathering || waits_as_told(decision);
  log::write(good ? log::Level::info : log::Level::warn, "round ended",
             {{"decision", decision.id},
              {"trigger", name(decision.trigger)},
              {"outcome", name(decision.outcome)},
              {"planned", decision.plan.moves.size()},
              {"moved", decision.moves.size()},
              {"spread", decision.worst_spread},
              {"seconds", decision.seconds},
              {"why", decision.words}});
}

}  // namespace

Chronicle::Chronicle(Context& context, const Picture& picture, const Pauses& pauses)
    : context_(context), picture_(picture), pauses_(pauses), last_reload_(context.started) {}

void Chronicle::recall(const Memory& memory) {
  next_decision_ = memory.last_decision + 1;
  alert_decisions_ = memory.alert_decisions;
}

void Chronicle::take_over(const Memory& memory) {
  next_decision_ = std::max(next_decision_, memory.last_decision + 1);
  alert_decisions_ = memory.alert_decisions;
}

rules::TimePoint Chronicle::last_alert_round() const {
  return alert_decisions_.empty() ? rules::TimePoint{} : alert_decisions_.front().at;
}

void Chronicle::remember(Memory& memory) const {
  memory.last_decision = next_decision_ - 1;
  memory.alert_decisions = alert_decisions_;
}

void Chronicle::record(Decision decision) {
  assert(decisions_.empty() || decisions_.front()->id < decision.id);
  decision.seen.reset();
  context_.instruments->round_ended(decision);
  log_round(decision);
  remember_alerts(decision);
  if (!decisions_.empty()) {
    Decision older = *decisions_.front();
    older.judgement.reset();
    decisions_.front() = std::make_shared<const Decision>(std::move(older));
  }
  decisions_.insert(decisions_.begin(), std::make_shared<const Decision>(std::move(decision)));
  if (decisions_.size() > kMaxDecisions) decisions_.resize(kMaxDecisions);
  next_round_ = context_.now() + context_.settings.balance.interval;
  publish();
}

void Chronicle::remember_alerts(const Decision& decision) {
  for (const auto& alert : decision.alerts) {
    std::erase_if(alert_decisions_, [&](const auto& known) { return known.alert == alert; });
    alert_decisions_.insert(alert_decisions_.begin(), {alert, decision.at});
  }
  if (alert_decisions_.size() > kMaxAlertDecisions) alert_decisions_.resize(kMaxAlertDecisions);
}

void Chronicle::reloaded(bool good) {
  context_.instruments->reloaded(good);
  if (good) last_reload_ = context_.now();
  last_reload_ok_ = good;
  publish();
}

void Chronicle::publish() {
  const settings::Settings& settings = context_.settings;
  const auto& cluster = picture_.cluster();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = ++version_;
  snapshot->at = context_.now();
  snapshot->started = context_.started;
  snapshot->policy = picture_.policy();
  snapshot->auto_balance = settings.balance.auto_balance;
  snapshot->dry_run = context_.dry_run;
  snapshot->balance_interval_seconds =
      std::chrono::duration<double>(settings.balance.interval).count();
  if (settings.telemetry.per_segment) {
    snapshot->per_segment = static_cast<std::size_t>(settings.telemetry.max_segments);
  }
  snapshot->cluster = cluster;
  snapshot->judgement = picture_.judgement();
  snapshot->targets = picture_.targets();
  snapshot->decisions = decisions_;
  snapshot->pause = pauses_.in_force();
  snapshot->journal_trouble = context_.journal_trouble;
  snapshot->maintenance = maintenance_at(settings, snapshot->at);
  snapshot->alert_decisions = alert_decisions_;
  snapshot->builtin_balancer = builtin_balancer(context_, picture_);
  if (context_.parts.turns != nullptr) snapshot->turn = context_.parts.turns->state();
  if (cluster != nullptr) snapshot->untested = not_acted_on(*cluster, settings.milvus);
  snapshot->ledger = std::make_shared<const rules::Ledger>(picture_.ledger());
  snapshot->moves_in_flight = picture_.ledger().flights().size();
  snapshot->progress = context_.progress;
  snapshot->milvus_name = settings.milvus.name;
  snapshot->milvus_address = settings.milvus.address;
  if (cluster != nullptr && lines_.observe(*cluster, snapshot->at)) {
    shown_lines_ = std::make_shared<const MemoryLines>(lines_);
  }
  snapshot->memory_lines = shown_lines_;
  snapshot->last_move = picture_.last_move();
  snapshot->next_round = next_round_;
  snapshot->last_reload = last_reload_;
  snapshot->last_reload_ok = last_reload_ok_;
  snapshot->coordinator_up = cluster != nullptr && cluster->coordinator_complete;
  SnapshotPtr next = std::move(snapshot);
  {
    const std::scoped_lock lock(mutex_);
    assert(latest_ == nullptr || latest_->version < next->version);
    latest_ = next;
  }
  if (published_) published_(next);
}

SnapshotPtr Chronicle::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

void Chronicle::on_publish(std::function<void(const SnapshotPtr&)> callback) {
  published_ = std::move(callback);
}

}  // namespace evenkeel::loop
