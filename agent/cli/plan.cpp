#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <utility>

#include "agent/cli/agents_plan.hpp"
#include "agent/cli/hand_moves.hpp"
#include "agent/cli/plan_file.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/journal/record.hpp"
#include "agent/loop/decision.hpp"
#include "agent/util/format.hpp"
#include "agent/view/json_writer.hpp"
#include "rules/explain.hpp"
#include "rules/inventory.hpp"
#include "rules/planner/planner.hpp"

namespace evenkeel::cli {
namespace {

using Align = Table::Align;

view::Json json_of(const loop::Decision& decision, const rules::Cluster& cluster,
                   const rules::Policy& policy, const std::string& not_acted_on) {
  view::JsonWriter write(cluster, policy, view::Detail::full);
  const rules::Judgement& judgement = *decision.judgement;
  return {{"plan_of", "a look of its own"},  // else the agent's address
          {"outcome", loop::name(decision.outcome)},
          {"words", decision.words},
          {"milvus", write.milvus(not_acted_on)},
          {"judgement",
           {{"nodes", write.nodes(&judgement)},
            {"replicas", write.replicas(&judgement)},
            {"set_aside", view::JsonWriter::set_aside(judgement)},
            {"set_aside_copies", judgement.set_aside_copies}}},
          {"plan", write.plan(decision)},
          {"problems", rules::texts(cluster.problems)}};
}

void print_nodes(const rules::Cluster& cluster, const rules::Judgement& judgement,
                 const rules::Policy& policy) {
  std::map<rules::NodeId, std::size_t> segments;
  for (const auto& segment : cluster.segments) ++segments[segment.node];
  Table table({{"NODE", Align::right},
               {"USED", Align::right},
               {"CAPACITY", Align::right},
               {"RATIO", Align::right},
               {"SEGMENTS", Align::right},
               {"VERDICT"}});
  for (const auto& node : judgement.nodes) {
    const bool judged = node.state != rules::NodeState::cannot_judge;
    table.add({to_string(node.id), judged ? rules::format_bytes(node.used) : "-",
               node.capacity > 0 ? rules::format_bytes(node.capacity) : "-",
               judged ? rules::format_percent(node.ratio) : "-", std::to_string(segments[node.id]),
               rules::words(node, policy)});
  }
  if (!table.empty()) std::cout << table.str() << '\n';
}

void print_wrong(const rules::Judgement& judgement, const rules::Policy& policy) {
  for (const auto& replica : judgement.replicas) {
    if (replica.state != rules::ReplicaState::balanced)
      std::cout << rules::words(replica, policy) << ".\n";
  }
}

void print_set_aside(const rules::Judgement& judgement) {
  if (judgement.set_aside.empty()) return;
  std::cout << "\nSet aside (" << judgement.set_aside_copies << ")\n";
  std::int64_t left = judgement.set_aside_copies;
  for (const auto& copies : judgement.set_aside) {
    std::cout << "  - " << rules::words(copies) << '\n';
    left -= copies.count;
  }
  if (left > 0) std::cout << "  - and " << left << " more\n";
}

// Prints "Sizes: 3 schema, 2 corrected".
void print_sizes(const rules::Plan& plan, const rules::Cluster& cluster) {
  std::map<rules::SizeSource, int> counts;
  for (const auto& [segment, source] : view::size_sources(plan, cluster)) ++counts[source];
  std::string separator = "  Sizes: ";
  for (const auto& [source, count] : counts) {
    std::cout << std::exchange(separator, ", ") << count << ' ' << rules::name(source);
  }
  std::cout << '\n';
}

void print_plan(const loop::Decision& decision, const rules::Cluster& cluster,
                const rules::Policy& policy) {
  const rules::Plan& plan = decision.plan;
  if (plan.moves.empty()) {
    std::cout << "\nNo moves: " << decision.why_nothing << '\n';
  }
  if (!plan.moves.empty()) {
    std::cout << "\nMoves (" << plan.moves.size() << ", " << rules::format_bytes(plan.bytes())
              << "; largest difference " << rules::points(plan.worst_spread_before) << " -> "
              << rules::format_points(plan.worst_spread_after) << ", highest node "
              << rules::format_percent(plan.worst_ratio_before) << " -> "
              << rules::format_percent(plan.worst_ratio_after) << ")\n";
    for (std::size_t i = 0; i < plan.moves.size(); ++i) {
      std::cout << "  " << i + 1 << ". " << rules::words(plan.moves[i]) << '\n';
    }
    print_sizes(plan, cluster);
  }
  if (!plan.rejected.empty()) {
    std::cout << "\nConsidered and rejected\n";
    for (const auto& candidate : plan.rejected)
      std::cout << "  - " << rules::words(candidate, policy) << '\n';
  }
  if (!plan.unfixable.empty()) {
    std::cout << "\nMoving cannot put right\n";
    for (const auto& wrong : plan.unfixable) std::cout << "  - " << rules::words(wrong) << '\n';
  }
}

// An agent knows more than one look shows, so it is said where there is none.
void print_whose(const std::string& no_agent) {
  if (no_agent.empty()) return;
  std::cout << "No agent gives a plan, so this is a look of its own, without an agent's evidence, "
               "rests and pauses ("
            << no_agent << ").\n\n";
}

PlanFile file_of(const rules::Plan& plan, const rules::Cluster& cluster, const Session& session) {
  PlanFile file;
  file.made_at = session.clock.now();
  file.made = moment(view::rfc3339(file.made_at));
  file.milvus = session.settings.milvus.address;
  file.version = cluster.version;
  file.digest = journal::digest_of(cluster);
  const auto names = names_of(cluster);
  for (const rules::Move& move : plan.moves) {
    file.entries.push_back({move, names.at(move.collection), rules::words(move)});
  }
  return file;
}

// Corrects sizes that the nodes' memory shows to be too large, as the agent does from its second
// observation on.
std::shared_ptr<const rules::Cluster> corrected(Session& session,
                                                std::shared_ptr<const rules::Cluster> cluster,
                                                rules::Ledger& ledger,
                                                const rules::Policy& policy) {
  if (!session.settings.capacity.correct_row_bytes) return cluster;
  rules::Weights weights;
  weights.observe(*cluster, ledger, policy);
  const bool any =
      std::any_of(cluster->collections.begin(), cluster->collections.end(),
                  [&](const auto& collection) { return weights.weight(collection.id).bound != 1; });
  if (!any) return cluster;
  cluster = session.observe(std::move(weights));
  ledger = {};
  ledger.observe(*cluster, policy);
  return cluster;
}

}  // namespace

int plan(const PlanOptions& options) {
  auto settings = settings_or_report(options.agent.common);
  if (!settings) return kUsage;
  std::string no_agent;  // why it is not the agent's plan
  if (options.file.empty() && may_be_the_agents(options.agent)) {
    const auto code = print_agents_plan(options);
    if (code) return *code;
    no_agent = code.error();
  }
  configure_log(*settings);
  Session session(*std::move(settings));
  auto cluster = session.observe();
  // A single round has one observation as its evidence; the agent waits for more before it acts.
  rules::Policy policy = session.settings.balance.policy;
  policy.evidence_samples = 1;
  rules::Ledger ledger;
  ledger.observe(*cluster, policy);
  cluster = corrected(session, std::move(cluster), ledger, policy);
  loop::Decision decision;
  const auto now = session.clock.now();
  const rules::Inventory inventory(cluster);
  decision.judge_by(rules::judge(inventory, policy, ledger, now));
  decision.plan = rules::plan(inventory, *decision.judgement, policy, ledger, now);
  loop::conclude(decision, *cluster, policy, "this verb changes nothing");

  const auto not_acted_on = loop::not_acted_on(*cluster, session.settings.milvus);
  if (options.format == OutputFormat::json) {
    std::cout << view::indented_text_of(json_of(decision, *cluster, policy, not_acted_on)) << '\n';
  } else {
    print_whose(no_agent);
    if (!not_acted_on.empty()) std::cout << not_acted_on << ".\n\n";
    print_nodes(*cluster, *decision.judgement, policy);
    print_wrong(*decision.judgement, policy);
    print_set_aside(*decision.judgement);
    print_plan(decision, *cluster, policy);
    std::cout << (decision.outcome == loop::Outcome::balanced ? "Balanced: " : "Verdict: ")
              << decision.words << ".\n";
  }
  report_problems(*cluster);
  if (!options.file.empty() && !decision.plan.moves.empty()) {
    const auto file = file_of(decision.plan, *cluster, session);
    const auto saved = write_plan(options.file, file);
    if (!saved) {
      std::cerr << "evenkeel: --save: " << saved.error() << '\n';
      return kFailed;
    }
    if (options.format == OutputFormat::text) {
      std::cout << "`evenkeel apply " << options.file << "` makes these moves.\n";
    }
  }
  if (decision.outcome == loop::Outcome::cannot_judge) return kFailed;
  return decision.outcome == loop::Outcome::balanced ? kDone : kUnbalanced;
}

}  // namespace evenkeel::cli
