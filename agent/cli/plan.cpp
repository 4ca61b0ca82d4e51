#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/cli/session.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/loop/outcome.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"
#include "rules/inventory.hpp"
#include "rules/planner/planner.hpp"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

Json json_of(const rules::Judgement& judgement, const rules::Policy& policy) {
  Json nodes = Json::array();
  for (const auto& node : judgement.nodes) {
    nodes.push_back({{"node_id", to_string(node.id)},
                     {"state", rules::name(node.state)},
                     {"reason", rules::name(node.reason)},
                     {"used_bytes", node.used},
                     {"expected_bytes", node.expected},
                     {"capacity_bytes", node.capacity},
                     {"ratio", node.ratio},
                     {"samples", node.samples},
                     {"unexplained_bytes", node.unexplained},
                     {"kept_free_bytes", node.kept_free},
                     {"words", rules::words(node, policy)}});
  }
  Json replicas = Json::array();
  for (const auto& replica : judgement.replicas) {
    Json entry = {{"replica_id", to_string(replica.id)},
                  {"collection_id", to_string(replica.collection)},
                  {"state", rules::name(replica.state)},
                  {"reason", rules::name(replica.reason)},
                  {"spread", replica.spread},
                  {"limit", replica.limit},
                  {"highest_ratio", replica.highest_ratio},
                  {"lowest_ratio", replica.lowest_ratio},
                  {"words", rules::words(replica, policy)}};
    if (replica.highest) entry["highest_node_id"] = to_string(*replica.highest);
    if (replica.lowest) entry["lowest_node_id"] = to_string(*replica.lowest);
    replicas.push_back(std::move(entry));
  }
  Json set_aside = Json::array();
  for (const auto& copies : judgement.set_aside) {
    Json entry = {{"node_id", to_string(copies.node)},
                  {"why", rules::name(copies.why)},
                  {"contradicts", rules::contradicts(copies.why)},
                  {"count", copies.count},
                  {"words", rules::words(copies)}};
    if (copies.replica != rules::ReplicaId{}) entry["replica_id"] = to_string(copies.replica);
    set_aside.push_back(std::move(entry));
  }
  return {{"nodes", std::move(nodes)},
          {"replicas", std::move(replicas)},
          {"set_aside", std::move(set_aside)},
          {"set_aside_copies", judgement.set_aside_copies}};
}

// Where the sizes of the segments to move come from.
std::map<rules::SegmentId, rules::SizeSource> size_sources(const rules::Plan& plan,
                                                           const rules::Cluster& cluster) {
  std::map<rules::SegmentId, rules::SizeSource> sources;
  for (const auto& move : plan.moves) sources[move.segment];
  for (const auto& segment : cluster.segments) {
    if (const auto it = sources.find(segment.id); it != sources.end())
      it->second = segment.size_source;
  }
  return sources;
}

Json json_of(const rules::Unfixable& wrong) {
  Json entry = {{"node_id", to_string(wrong.node)},
                {"urgency", rules::name(wrong.urgency)},
                {"obstacle", rules::name(wrong.obstacle)},
                {"excess_bytes", wrong.excess},
                {"smallest_segment_bytes", wrong.smallest},
                {"room_needed_bytes", wrong.room_needed},
                {"mark", wrong.mark},
                {"own_capacity_needed_bytes", wrong.own_capacity},
                {"further_nodes", wrong.further_nodes},
                {"words", rules::words(wrong)}};
  if (wrong.replica) entry["replica_id"] = to_string(*wrong.replica);
  return entry;
}

Json moves_of(const rules::Plan& plan, const rules::Cluster& cluster) {
  const auto sources = size_sources(plan, cluster);
  Json moves = Json::array();
  for (const auto& move : plan.moves) {
    Json entry = {{"segment_id", to_string(move.segment)},
                  {"collection_id", to_string(move.collection)},
                  {"replica_id", to_string(move.replica)},
                  {"from_node_id", to_string(move.from)},
                  {"to_node_id", to_string(move.to)},
                  {"rows", move.rows},
                  {"bytes", move.bytes},
                  {"size_source", rules::name(sources.at(move.segment))},
                  {"urgency", rules::name(move.urgency)},
                  {"from_ratio_before", move.from_before},
                  {"from_ratio_after", move.from_after},
                  {"to_ratio_before", move.to_before},
                  {"to_ratio_after", move.to_after},
                  {"words", rules::words(move)}};
    if (move.exchange != 0) entry["exchange"] = move.exchange;
    if (move.makes_room_for) entry["makes_room_for_segment_id"] = to_string(*move.makes_room_for);
    moves.push_back(std::move(entry));
  }
  return moves;
}

Json rejected_of(const rules::Plan& plan, const rules::Policy& policy) {
  Json rejected = Json::array();
  for (const auto& candidate : plan.rejected) {
    Json entry = {{"replica_id", to_string(candidate.replica)},
                  {"from_node_id", to_string(candidate.from)},
                  {"why", rules::name(candidate.why)},
                  {"count", candidate.count},
                  {"words", rules::words(candidate, policy)}};
    if (candidate.segment) entry["segment_id"] = to_string(*candidate.segment);
    if (candidate.to) entry["to_node_id"] = to_string(*candidate.to);
    if (candidate.to_after > 0) entry["to_ratio_after"] = candidate.to_after;
    rejected.push_back(std::move(entry));
  }
  return rejected;
}

Json json_of(const loop::Decision& decision, const rules::Cluster& cluster,
             const rules::Policy& policy) {
  const rules::Plan& plan = decision.plan;
  Json unfixable = Json::array();
  for (const auto& wrong : plan.unfixable) unfixable.push_back(json_of(wrong));
  Json json = {{"moves", moves_of(plan, cluster)},
               {"why_nothing", rules::name(plan.why_nothing)},
               {"why_nothing_words", rules::why_nothing(plan, decision.judgement, policy)},
               {"bytes", plan.bytes()},
               {"worst_spread_before", plan.worst_spread_before},
               {"worst_spread_after", plan.worst_spread_after},
               {"worst_ratio_before", plan.worst_ratio_before},
               {"worst_ratio_after", plan.worst_ratio_after},
               {"rejected", rejected_of(plan, policy)},
               {"unfixable", std::move(unfixable)}};
  if (plan.waits_for_node) json["waits_for_node_id"] = to_string(*plan.waits_for_node);
  if (plan.waits_for_replica) json["waits_for_replica_id"] = to_string(*plan.waits_for_replica);
  return json;
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

// "Sizes: 3 schema, 2 corrected"
void print_sizes(const rules::Plan& plan, const rules::Cluster& cluster) {
  std::map<rules::SizeSource, int> counts;
  for (const auto& [segment, source] : size_sources(plan, cluster)) ++counts[source];
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
    std::cout << "\nNo moves: " << rules::why_nothing(plan, decision.judgement, policy) << '\n';
  }
  if (!plan.moves.empty()) {
    std::cout << "\nMoves (" << plan.moves.size() << ", " << rules::format_bytes(plan.bytes())
              << "; largest difference " << rules::format_percent(plan.worst_spread_before)
              << " -> " << rules::format_percent(plan.worst_spread_after) << ", highest node "
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

// Sizes that the nodes' memory shows to be too large are corrected, as the agent does from its
// second look on.
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
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  Session session(*std::move(settings));
  auto cluster = session.observe();
  // One look is all the evidence a single round has; the agent waits for more before it acts.
  rules::Policy policy = session.settings.balance.policy;
  policy.evidence_samples = 1;
  rules::Ledger ledger;
  ledger.observe(*cluster, policy);
  cluster = corrected(session, std::move(cluster), ledger, policy);
  loop::Decision decision;
  const auto now = session.clock.now();
  const rules::Inventory inventory(cluster);
  decision.judgement = rules::judge(inventory, policy, ledger, now);
  decision.plan = rules::plan(inventory, decision.judgement, policy, ledger, now);
  decision.outcome = loop::outcome_of(decision, policy);
  decision.words = loop::words_of(decision, *cluster, policy, "this verb changes nothing");

  const auto not_acted_on = loop::not_acted_on(*cluster, session.settings.milvus);
  if (options.format == OutputFormat::json) {
    Json json = {{"outcome", loop::name(decision.outcome)},
                 {"words", decision.words},
                 {"milvus_version", cluster->version},
                 {"not_acted_on", not_acted_on},
                 {"memory_source", cluster->memory_source},
                 {"judgement", json_of(decision.judgement, policy)},
                 {"plan", json_of(decision, *cluster, policy)},
                 {"problems", cluster->problems}};
    std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    if (!not_acted_on.empty()) std::cout << not_acted_on << ".\n\n";
    print_nodes(*cluster, decision.judgement, policy);
    print_wrong(decision.judgement, policy);
    print_set_aside(decision.judgement);
    print_plan(decision, *cluster, policy);
    std::cout << (decision.outcome == loop::Outcome::balanced ? "Balanced: " : "Verdict: ")
              << decision.words << ".\n";
  }
  report_problems(*cluster);
  if (decision.outcome == loop::Outcome::cannot_judge) return kFailed;
  return decision.outcome == loop::Outcome::balanced ? kDone : kUnbalanced;
}

}  // namespace evenkeel::cli
