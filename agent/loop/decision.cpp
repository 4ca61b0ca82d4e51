#include "agent/loop/decision.hpp"

#include <algorithm>

#include "rules/explain.hpp"

namespace evenkeel::loop {
namespace {

std::string count_of(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string closed_gates(const rules::Admission& admission) {
  std::string text;
  for (const auto& gate : admission.gates) {
    if (gate.open) continue;
    if (!text.empty()) text += "; ";
    text += rules::words(gate);
  }
  return text;
}

std::string words_of_moves(const Decision& decision, const std::string& refusal) {
  std::size_t good = 0;
  rules::Bytes bytes = 0;
  std::string trouble;
  for (const auto& record : decision.moves) {
    if (record.result == MoveResult::succeeded) {
      ++good;
      bytes += record.move.bytes;
    } else if (trouble.empty()) {
      trouble = std::string(name(record.result)) + ": " + record.detail;
    }
  }
  std::string text = "moved " + count_of(good, "segment") + " (" + rules::format_bytes(bytes) + ")";
  if (good < decision.moves.size()) {
    text +=
        ", " + std::to_string(decision.moves.size() - good) + " did not succeed, first: " + trouble;
  }
  if (!refusal.empty()) text += "; then stopped: " + refusal;
  return text;
}

// Says by the most frequent rejection why nothing was planned though something is wrong.
std::string words_of_rejections(const rules::Plan& plan, const rules::Policy& policy) {
  const auto most =
      std::max_element(plan.rejected.begin(), plan.rejected.end(),
                       [](const auto& a, const auto& b) { return a.count < b.count; });
  return most == plan.rejected.end() ? "no segment may move" : rules::words(*most, policy);
}

std::string words_of_wrong(const Decision& decision, const rules::Policy& policy) {
  for (const auto& node : decision.judgement->nodes) {
    if (node.state == rules::NodeState::overloaded || node.state == rules::NodeState::gathering) {
      return rules::words(node, policy);
    }
  }
  for (const auto& replica : decision.judgement->replicas) {
    if (replica.state == rules::ReplicaState::difference ||
        replica.state == rules::ReplicaState::gathering) {
      return rules::words(replica, policy);
    }
  }
  return "nothing is wrong";
}

std::string words_of_unjudged(const Decision& decision, const rules::Cluster& cluster) {
  // The cluster's own problem says more than the reason in a verdict.
  const bool of_the_cluster = decision.plan.why_nothing != rules::WhyNothing::policy_unusable;
  if (of_the_cluster && !cluster.problems.empty()) return cluster.problems.front().text;
  return decision.why_nothing.empty() ? "the cluster could not be read" : decision.why_nothing;
}

Outcome outcome_of(const Decision& decision, const rules::Policy& policy) {
  if (!decision.moves.empty()) {
    const bool good =
        std::all_of(decision.moves.begin(), decision.moves.end(),
                    [](const auto& record) { return record.result == MoveResult::succeeded; });
    return good ? Outcome::moved : Outcome::failed;
  }
  if (!decision.plan.moves.empty()) return Outcome::held;
  const auto& judgement = *decision.judgement;
  if (!judgement.coordinator_complete) return Outcome::cannot_judge;
  if (!decision.plan.unfixable.empty()) return Outcome::cannot_fix;
  if (judgement.gathering()) return Outcome::gathering;
  if (!judgement.all_healthy()) return Outcome::cannot_judge;
  if (judgement.overloaded() || judgement.beyond(policy.max_difference)) return Outcome::held;
  // A replica that waits alone is not judged, however much its nodes differ.
  if (judgement.waiting_alone()) return Outcome::cannot_judge;
  return Outcome::balanced;
}

std::string words_of(const Decision& decision, const rules::Cluster& cluster,
                     const rules::Policy& policy, const std::string& refusal) {
  switch (decision.outcome) {
    case Outcome::balanced:
      if (cluster.segments.empty()) return "no segments are loaded";
      return "nodes differ by " + rules::format_points(decision.worst_spread) + " (limit " +
             rules::points(policy.max_difference) + ")";
    case Outcome::gathering:
      return "gathering evidence: " + words_of_wrong(decision, policy);
    case Outcome::moved:
    case Outcome::failed:
      return words_of_moves(decision, refusal);
    case Outcome::held:
      if (decision.plan.why_nothing == rules::WhyNothing::outside_focus) {
        return words_of_wrong(decision, policy) + "; " + decision.why_nothing;
      }
      if (decision.plan.moves.empty()) {
        return words_of_wrong(decision, policy) + "; " + words_of_rejections(decision.plan, policy);
      }
      return count_of(decision.plan.moves.size(), "move") + " (" +
             rules::format_bytes(decision.plan.bytes()) +
             ") held: " + (refusal.empty() ? closed_gates(decision.admission) : refusal);
    case Outcome::cannot_fix:
      return rules::words(decision.plan.unfixable.front());
    case Outcome::cannot_judge:
      return words_of_unjudged(decision, cluster);
  }
  return "";
}

}  // namespace

void Decision::judge_by(rules::Judgement judged) {
  coordinator_complete = judged.coordinator_complete;
  worst_spread = judged.worst_spread();
  judgement = std::make_shared<const rules::Judgement>(std::move(judged));
}

void conclude(Decision& decision, const rules::Cluster& cluster, const rules::Policy& policy,
              const std::string& refusal) {
  decision.outcome = outcome_of(decision, policy);
  decision.why_nothing = rules::why_nothing(decision.plan, *decision.judgement, policy);
  decision.words = words_of(decision, cluster, policy, refusal);
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::balanced:
      return "balanced";
    case Outcome::gathering:
      return "gathering";
    case Outcome::moved:
      return "moved";
    case Outcome::failed:
      return "failed";
    case Outcome::held:
      return "held";
    case Outcome::cannot_fix:
      return "cannot_fix";
    case Outcome::cannot_judge:
      return "cannot_judge";
  }
  return "unknown";
}

std::string_view name(Trigger trigger) {
  switch (trigger) {
    case Trigger::interval:
      return "interval";
    case Trigger::manual:
      return "manual";
    case Trigger::alert:
      return "alert";
  }
  return "unknown";
}

std::string_view name(MoveResult result) {
  switch (result) {
    case MoveResult::succeeded:
      return "succeeded";
    case MoveResult::failed:
      return "failed";
    case MoveResult::unknown:
      return "unknown";
    case MoveResult::gone:
      return "gone";
  }
  return "unknown";
}

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::observe:
      return "observe";
    case Stage::judge:
      return "judge";
    case Stage::plan:
      return "plan";
    case Stage::admit:
      return "admit";
    case Stage::act:
      return "act";
  }
  return "observe";
}

}  // namespace evenkeel::loop
