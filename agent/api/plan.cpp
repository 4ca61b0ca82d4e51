#include "agent/api/plan.hpp"

#include <chrono>

#include "agent/loop/decision.hpp"
#include "agent/view/json_writer.hpp"
#include "rules/explain.hpp"
#include "rules/inventory.hpp"
#include "rules/planner/planner.hpp"

namespace evenkeel::api {
namespace {

constexpr std::chrono::seconds kPlanPatience{1};

std::string words_of(const loop::Decision& decision) {
  if (decision.admission.calls.empty()) return decision.words;
  return "would move " + rules::format_bytes(decision.plan.bytes()) + " in " +
         std::to_string(decision.plan.moves.size()) +
         (decision.plan.moves.size() == 1 ? " move" : " moves");
}

// True if a plan of one is a plan of the other, too: they are the same published snapshot.
bool alike(const loop::Snapshot& a, const loop::Snapshot& b) {
  return a.version == b.version && a.started == b.started;
}

std::string unheld_of(const loop::BuiltinBalancer& balancer) {
  if (balancer.hold == loop::Hold::active) return balancer.words;
  if (balancer.hold != loop::Hold::failed) return {};
  return balancer.words.empty() ? "the built-in balancer cannot be held off" : balancer.words;
}

}  // namespace

Json plan_of(const loop::Snapshot& snapshot) {
  const rules::Inventory inventory(snapshot.cluster);
  const rules::Policy& policy = snapshot.policy;
  const rules::Ledger& ledger = *snapshot.ledger;
  rules::Conditions conditions{.auto_balance = snapshot.auto_balance,
                               .dry_run = snapshot.dry_run,
                               .paused = snapshot.pause.has_value(),
                               .shutting_down = false,
                               .not_its_turn = snapshot.turn.ours() ? "" : snapshot.turn.words,
                               .journal_trouble = snapshot.journal_trouble,
                               .untested = snapshot.untested,
                               .unheld = unheld_of(snapshot.builtin_balancer)};
  set_windows(conditions, snapshot.maintenance);
  loop::Decision decision;
  decision.judge_by(rules::judge(inventory, policy, ledger, snapshot.at));
  decision.plan = rules::plan(inventory, *decision.judgement, policy, ledger, snapshot.at);
  decision.admission = rules::admit(*snapshot.cluster, *decision.judgement, decision.plan, policy,
                                    ledger, conditions, snapshot.at);
  loop::conclude(decision, *snapshot.cluster, policy, "");
  view::JsonWriter write(*snapshot.cluster, policy);
  Json json = {{"at", view::rfc3339(snapshot.at)},
               {"outcome", loop::name(decision.outcome)},
               {"words", words_of(decision)}};
  json.update(write.plan(decision));
  json["gates"] = view::JsonWriter::gates(decision.admission);
  json["calls"] = Json::array();
  for (const auto& call : decision.admission.calls) json["calls"].push_back(write.call(call));
  return json;
}

std::shared_ptr<const web::Response> Plans::of(const loop::SnapshotPtr& snapshot) {
  {
    std::unique_lock lock(mutex_);
    if (being_made_ && !newest_) {
      made_.wait_for(lock, kPlanPatience, [this] { return newest_ != nullptr || !being_made_; });
    }
    if (newest_ && (being_made_ || alike(*snapshot, *snapshot_))) return newest_;
    if (being_made_) return nullptr;
    being_made_ = true;
  }
  std::shared_ptr<const web::Response> response;
  try {
    response = std::make_shared<const web::Response>(response_of(plan_of(*snapshot)));
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    being_made_ = false;
    made_.notify_all();
    throw;
  }
  const std::scoped_lock lock(mutex_);
  being_made_ = false;
  newest_ = response;
  snapshot_ = snapshot;
  made_.notify_all();
  return response;
}

}  // namespace evenkeel::api
