#include "agent/api/plan.hpp"

#include <chrono>

#include "agent/api/decisions.hpp"
#include "agent/api/move_json.hpp"
#include "agent/loop/outcome.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"
#include "rules/inventory.hpp"
#include "rules/planner/planner.hpp"

namespace evenkeel::api {
namespace {

constexpr std::chrono::seconds kPlanPatience{1};

Json moves_of(const rules::Plan& plan, telemetry::CollectionNames& names) {
  Json moves = Json::array();
  for (const auto& move : plan.moves) moves.push_back(json_of(move, names));
  return moves;
}

Json rejected_of(const rules::Plan& plan, const rules::Policy& policy) {
  Json rejected = Json::array();
  for (const auto& candidate : plan.rejected) {
    Json json = {{"replica", to_string(candidate.replica)},
                 {"from", to_string(candidate.from)},
                 {"why", rules::name(candidate.why)},
                 {"count", candidate.count},
                 {"words", rules::words(candidate, policy)}};
    if (candidate.segment) json["segment"] = to_string(*candidate.segment);
    if (candidate.to) json["to"] = to_string(*candidate.to);
    rejected.push_back(std::move(json));
  }
  return rejected;
}

Json unfixable_of(const rules::Plan& plan) {
  Json unfixable = Json::array();
  for (const auto& wrong : plan.unfixable) {
    Json json = {{"node", to_string(wrong.node)},
                 {"urgency", rules::name(wrong.urgency)},
                 {"obstacle", rules::name(wrong.obstacle)},
                 {"excess", wrong.excess},
                 {"room_needed", wrong.room_needed},
                 {"capacity_needed", wrong.own_capacity},
                 {"words", rules::words(wrong)}};
    if (wrong.replica) json["replica"] = to_string(*wrong.replica);
    unfixable.push_back(std::move(json));
  }
  return unfixable;
}

Json calls_of(const rules::Admission& admission, telemetry::CollectionNames& names) {
  Json calls = Json::array();
  for (const auto& call : admission.calls) {
    Json segments = Json::array();
    for (const auto& move : call.moves) segments.push_back(to_string(move.segment));
    calls.push_back({{"collection", to_string(call.collection)},
                     {"collection_name", names.of(call.collection)},
                     {"replica", to_string(call.replica)},
                     {"from", to_string(call.from)},
                     {"to", to_string(call.to)},
                     {"segments", std::move(segments)},
                     {"bytes", call.bytes()}});
  }
  return calls;
}

std::string words_of(const loop::Decision& decision, const loop::Snapshot& snapshot) {
  if (decision.admission.calls.empty()) {
    return loop::words_of(decision, *snapshot.cluster, snapshot.policy, "");
  }
  return "would move " + rules::format_bytes(decision.plan.bytes()) + " in " +
         std::to_string(decision.plan.moves.size()) +
         (decision.plan.moves.size() == 1 ? " move" : " moves");
}

// True if a plan of one is a plan of the other, too: they are the same published snapshot.
bool alike(const loop::Snapshot& a, const loop::Snapshot& b) {
  return a.version == b.version && a.started == b.started;
}

}  // namespace

Json plan_of(const loop::Snapshot& snapshot) {
  const rules::Inventory inventory(snapshot.cluster);
  const rules::Policy& policy = snapshot.policy;
  const rules::Ledger& ledger = *snapshot.ledger;
  const rules::Conditions conditions{.auto_balance = snapshot.auto_balance,
                                     .dry_run = snapshot.dry_run,
                                     .paused = snapshot.pause.has_value(),
                                     .shutting_down = false,
                                     .untested = snapshot.untested};
  loop::Decision decision;
  decision.judgement = rules::judge(inventory, policy, ledger, snapshot.at);
  decision.plan = rules::plan(inventory, decision.judgement, policy, ledger, snapshot.at);
  decision.admission = rules::admit(*snapshot.cluster, decision.judgement, decision.plan, policy,
                                    ledger, conditions, snapshot.at);
  decision.outcome = loop::outcome_of(decision, policy);
  telemetry::CollectionNames names(*snapshot.cluster);
  return {{"at", rfc3339(snapshot.at)},
          {"moves", moves_of(decision.plan, names)},
          {"why_nothing", rules::name(decision.plan.why_nothing)},
          {"words", words_of(decision, snapshot)},
          {"rejected", rejected_of(decision.plan, policy)},
          {"unfixable", unfixable_of(decision.plan)},
          {"gates", gates_of(decision.admission)},
          {"calls", calls_of(decision.admission, names)}};
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
  std::shared_ptr<const web::Response> answer;
  try {
    answer = std::make_shared<const web::Response>(answer_with(plan_of(*snapshot)));
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    being_made_ = false;
    made_.notify_all();
    throw;
  }
  const std::scoped_lock lock(mutex_);
  being_made_ = false;
  newest_ = answer;
  snapshot_ = snapshot;
  made_.notify_all();
  return answer;
}

}  // namespace evenkeel::api
