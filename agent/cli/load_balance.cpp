#include <iostream>
#include <memory>

#include "agent/cli/hand_moves.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::cli {
namespace {

rules::Transfer transfer_of(const LoadBalanceOptions& options) {
  rules::Transfer transfer;
  transfer.source = rules::NodeId{options.source};
  for (const auto id : options.destinations) transfer.destinations.push_back(rules::NodeId{id});
  for (const auto id : options.segments) transfer.segments.push_back(rules::SegmentId{id});
  transfer.collection = options.collection;
  transfer.force = options.force;
  return transfer;
}

void print_plan(const std::vector<rules::Call>& calls, const CollectionNames& names) {
  for (const auto& call : calls) {
    for (const auto& move : call.moves) {
      std::cout << "would move segment " << to_string(move.segment) << " of "
                << names.at(call.collection) << " (" << rules::format_bytes(move.bytes)
                << ") from node " << to_string(move.from) << " to node " << to_string(move.to)
                << " (" << rules::format_percent(move.to_before) << " -> "
                << rules::format_percent(move.to_after) << ")\n";
    }
  }
}

}  // namespace

int load_balance(const LoadBalanceOptions& options) {
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  Session session(*std::move(settings));
  const auto cluster = session.observe();
  report_problems(*cluster);
  const rules::Policy& policy = session.settings.balance.policy;
  const auto now = session.clock.now();
  rules::Ledger ledger;
  ledger.observe(*cluster, policy);
  const auto judgement =
      std::make_shared<const rules::Judgement>(rules::judge(*cluster, policy, ledger, now));
  const auto planned =
      rules::plan_transfer(*cluster, *judgement, ledger, transfer_of(options), policy, now);
  if (const auto* refusal = std::get_if<rules::Refusal>(&planned)) return refuse(refusal->why);
  const auto& moves = std::get<std::vector<rules::Move>>(planned);
  const auto calls = rules::calls_of(moves, policy);
  const auto held = loop::not_acted_on(*cluster, session.settings.milvus);
  if (!held.empty()) return refuse(held);
  const auto names = names_of(*cluster);
  if (options.dry_run) {
    print_plan(calls, names);
    return kDone;
  }
  const HandMoved moved = make_moves(
      session,
      {.picture = {cluster, judgement, policy}, .ledger = ledger, .calls = calls, .names = names});
  return tell(moved, moves.size());
}

}  // namespace evenkeel::cli
