#include <algorithm>

#include "agent/api/body.hpp"
#include "agent/api/requests.hpp"
#include "agent/util/format.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::api {
namespace {

constexpr std::size_t kMaxIds = 1000;

Checked<rules::Transfer> transfer_of(const Body& body) {
  rules::Transfer transfer;
  const auto source = body.id("source_node");
  if (!source) return tl::unexpected(source.error());
  if (!*source) return bad_request("it must be said from which node to move", "source_node");
  transfer.source = rules::NodeId{**source};
  const auto destinations = body.ids("destination_nodes", kMaxIds);
  if (!destinations) return tl::unexpected(destinations.error());
  for (const auto id : *destinations) transfer.destinations.push_back(rules::NodeId{id});
  const auto segments = body.ids("segments", kMaxIds);
  if (!segments) return tl::unexpected(segments.error());
  for (const auto id : *segments) transfer.segments.push_back(rules::SegmentId{id});
  auto collection = body.text("collection");
  if (!collection) return tl::unexpected(collection.error());
  transfer.collection = (*collection).value_or("");
  const auto force = body.flag("force");
  if (!force) return tl::unexpected(force.error());
  transfer.force = force->value_or(false);
  return transfer;
}

// Finds at once what would otherwise stop the request when its turn comes.
std::optional<std::string> conflict(const loop::Snapshot& snapshot,
                                    const std::vector<rules::Move>& moves) {
  if (snapshot.dry_run) return "this agent runs with --dry-run: it moves nothing";
  if (snapshot.pause) return "balancing is paused: resume it first";
  for (const auto& move : moves) {
    for (const auto node : {move.from, move.to}) {
      if (!snapshot.ledger->in_flight(node)) continue;
      return "a move from or to node " + to_string(node) + " is under way: wait for its end";
    }
  }
  return std::nullopt;
}

}  // namespace

web::Response load_balance(loop::Control& control, const loop::Snapshot& snapshot,
                           const web::Request& request) {
  const auto body = Body::parse(
      request.body, {"source_node", "destination_nodes", "segments", "collection", "force"});
  if (!body) return answer_with(body.error());
  auto transfer = transfer_of(*body);
  if (!transfer) return answer_with(transfer.error());
  const auto planned =
      rules::plan_transfer(*snapshot.cluster, *snapshot.judgement, *snapshot.ledger, *transfer,
                           snapshot.policy, snapshot.at);
  if (const auto* declined = std::get_if<rules::Declined>(&planned)) {
    return answer_with(Problem{422, "cannot_move", declined->why, ""});
  }
  if (auto why = conflict(snapshot, std::get<std::vector<rules::Move>>(planned))) {
    return answer_with(Problem{409, "conflict", *std::move(why), ""});
  }
  return accepted(
      control.ask(loop::TransferRequest{*std::move(transfer), std::string(request.user)}));
}

}  // namespace evenkeel::api
