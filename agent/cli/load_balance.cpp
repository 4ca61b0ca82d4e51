#include <iostream>
#include <map>

#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/loop/executor.hpp"
#include "agent/loop/guard.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::cli {
namespace {

using Names = std::map<rules::CollectionId, std::string>;

rules::Transfer transfer_of(const LoadBalanceOptions& options) {
  rules::Transfer transfer;
  transfer.source = rules::NodeId{options.source};
  for (const auto id : options.destinations) transfer.destinations.push_back(rules::NodeId{id});
  for (const auto id : options.segments) transfer.segments.push_back(rules::SegmentId{id});
  transfer.collection = options.collection;
  transfer.force = options.force;
  return transfer;
}

void print_plan(const std::vector<rules::Call>& calls, const Names& names) {
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

std::vector<loop::MoveRecord> execute(Session& session, const loop::Guard::Picture& picture,
                                      rules::Ledger& ledger, const std::vector<rules::Call>& calls,
                                      const Names& names, std::string& refusal) {
  const loop::Guard guard(session.scraper, session.observer, session.clock, ledger,
                          [&picture] { return picture; });
  Event stopping(session.io.get_executor());
  loop::Executor executor(session.coordinator, session.clock, stopping, ledger);
  loop::ExecutorInput input;
  input.calls = calls;
  input.collection = [&](rules::CollectionId id) {
    return loop::collection_info(*picture.cluster, id);
  };
  input.guard = [&guard](rules::Call call) { return guard.look(std::move(call)); };
  input.on_refused = [&](const rules::Call&, const std::string& reason) { refusal = reason; };
  input.on_start = [&](const rules::Call& call) {
    std::cout << "moving " << call.moves.size() << " of " << names.at(call.collection) << " ("
              << rules::format_bytes(call.bytes()) << ") from node " << to_string(call.from)
              << " to node " << to_string(call.to) << " …" << std::endl;
  };
  input.on_end = [&](const loop::MoveRecord& record) {
    std::cout << "  segment " << to_string(record.move.segment) << ": "
              << (record.result == loop::MoveResult::succeeded
                      ? "is on node " + to_string(record.move.to)
                      : std::string(loop::name(record.result)) + ", " + record.detail)
              << std::endl;
  };
  loop::ExecutorOptions options;
  options.verify_timeout = session.settings.milvus.verify_timeout;
  std::vector<loop::MoveRecord> records;
  const auto body = [&]() -> Awaitable<void> {
    records = co_await executor.run(std::move(input), options, session.settings.balance.policy);
  };
  // ^C stops watching, as SIGTERM stops the agent: what is under way is verified once more.
  asio::signal_set ends(session.io, SIGINT, SIGTERM);
  ends.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) stopping.set();
  });
  asio::co_spawn(session.io, body(), [&](const std::exception_ptr& error) {
    ends.cancel();
    if (error) std::rethrow_exception(error);
  });
  session.io.restart();
  session.io.run();
  return records;
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
  if (const auto* refusal = std::get_if<rules::Refusal>(&planned)) {
    std::cerr << "evenkeel: nothing moved: " << refusal->why << '\n';
    return kFailed;
  }
  const auto& moves = std::get<std::vector<rules::Move>>(planned);
  const auto calls = rules::calls_of(moves, policy);
  const auto held = loop::not_acted_on(*cluster, session.settings.milvus);
  if (!held.empty()) {
    std::cerr << "evenkeel: nothing moved: " << held << '\n';
    return kFailed;
  }
  Names names;
  for (const auto& collection : cluster->collections) names[collection.id] = collection.name;
  if (options.dry_run) {
    print_plan(calls, names);
    return kDone;
  }
  std::string refusal;
  const auto records =
      execute(session, {cluster, judgement, policy}, ledger, calls, names, refusal);
  std::size_t moved = 0;
  rules::Bytes bytes = 0;
  for (const auto& record : records) {
    if (record.result != loop::MoveResult::succeeded) continue;
    ++moved;
    bytes += record.move.bytes;
  }
  std::cout << "moved " << moved << " of " << moves.size() << " segments, "
            << rules::format_bytes(bytes) << '\n';
  if (!refusal.empty()) std::cerr << "evenkeel: stopped: " << refusal << '\n';
  return moved == moves.size() ? kDone : kFailed;
}

}  // namespace evenkeel::cli
