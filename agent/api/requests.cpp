
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/util/format.hpp"
#include "agent/util/utf8.hpp"
#include "rules/nearest.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::api {
namespace {

constexpr std::size_t kMaxIds = 1000;
constexpr std::chrono::seconds kPatience{1};
constexpr std::int64_t kLongest = 366LL * 24 * 3600;  // seconds of a pause that ends by itself
constexpr std::size_t kMaxReason = 200;               // characters

tl::unexpected<Problem> unknown(std::string message, std::string field) {
  return tl::unexpected(Problem{422, "unknown", std::move(message), std::move(field)});
}

Checked<rules::Focus> focus_of(const Body& body, const rules::Cluster& cluster) {
  const Known known(cluster);
  rules::Scope scope;
  const auto node = body.id("node");
  if (!node) return tl::unexpected(node.error());
  if (*node) {
    scope.node = rules::NodeId{**node};
    if (!known.has(*scope.node)) {
      return unknown("there is no such query node" + rules::instead_of_node(cluster, *scope.node),
                     "node");
    }
  }
  const auto replica = body.id("replica");
  if (!replica) return tl::unexpected(replica.error());
  if (*replica) {
    scope.replica = rules::ReplicaId{**replica};
    if (!known.has(*scope.replica)) return unknown("there is no such replica", "replica");
  }
  const auto collection = body.text("collection");
  if (!collection) return tl::unexpected(collection.error());
  if (!*collection) return rules::Focus(scope);
  const auto ids = known.collections(**collection);
  if (ids.empty()) {
    return unknown(
        "no such collection is loaded" + rules::instead_of_collection(cluster, **collection),
        "collection");
  }
  return focus_in(ids, scope);
}

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

Checked<loop::PauseRequest> pause_of(const web::Request& request) {
  const auto body = Body::parse(request.body, {"reason", "seconds"});
  if (!body) return tl::unexpected(body.error());
  auto reason = reason_in(*body);
  if (!reason) return tl::unexpected(reason.error());
  const auto seconds = body->whole("seconds", 1, kLongest);
  if (!seconds) return tl::unexpected(seconds.error());
  loop::PauseRequest pause;
  pause.reason = *std::move(reason);
  pause.by = request.user;
  if (*seconds) pause.length = std::chrono::seconds(**seconds);
  return pause;
}

}  // namespace

Checked<loop::SnapshotPtr> taken_up(loop::Control::Answer& answer) {
  if (!answer) return tl::unexpected(problem_of(answer.error()));
  if (answer->taken_up.wait_for(kPatience) != std::future_status::ready) return nullptr;
  try {
    return answer->taken_up.get();
  } catch (const std::future_error&) {  // broken: the agent ended first
    return tl::unexpected(problem_of(loop::Denial::stopping));
  }
}

web::Response status_after(loop::Control::Answer answer) {
  const auto changed = taken_up(answer);
  if (!changed) return response_of(changed.error());
  return *changed == nullptr ? accepted(answer) : response_of(status_of(**changed, false));
}

Checked<std::string> reason_in(const Body& body) {
  auto reason = body.text("reason");
  if (!reason) return tl::unexpected(reason.error());
  std::string text = (*std::move(reason)).value_or("");
  if (count_characters(text) > kMaxReason) {
    return bad_request("at most " + std::to_string(kMaxReason) + " characters", "reason");
  }
  return text;
}

Problem problem_of(loop::Denial denial) {
  switch (denial) {
    case loop::Denial::not_ready:
      return {503, "not_ready",
              "the cluster has not been observed in full yet; ask again in a few seconds", ""};
    case loop::Denial::stopping:
      return {503, "stopping", "the agent is stopping", ""};
    case loop::Denial::full:
      return {503, "busy", "too many requests wait already; ask again in a few seconds", ""};
  }
  return {503, "busy", "ask again in a few seconds", ""};
}

Problem not_acting(const loop::Turn& turn) {
  const bool other = turn.standing == loop::Standing::watching && !turn.actor.empty();
  return {409, "conflict",
          "this agent only watches: " + turn.words +
              (other ? "; ask the one on " + turn.actor : "; ask again in a few seconds"),
          ""};
}

web::Response accepted(const loop::Control::Answer& answer) {
  if (!answer) return response_of(problem_of(answer.error()));
  return response_of(Json{{"request", std::to_string(answer->number)}}, 202);
}

web::Response rebalance(loop::Control& control, const loop::Snapshot& snapshot,
                        const web::Request& request) {
  const auto body = Body::parse(request.body, {"collection", "node", "replica"});
  if (!body) return response_of(body.error());
  auto focus = focus_of(*body, *snapshot.cluster);
  if (!focus) return response_of(focus.error());
  loop::RoundRequest round;
  round.focus = *std::move(focus);
  round.by = request.user;
  return accepted(control.ask(std::move(round)));
}

web::Response load_balance(loop::Control& control, const loop::Snapshot& snapshot,
                           const web::Request& request) {
  const auto body = Body::parse(
      request.body, {"source_node", "destination_nodes", "segments", "collection", "force"});
  if (!body) return response_of(body.error());
  auto transfer = transfer_of(*body);
  if (!transfer) return response_of(transfer.error());
  const auto planned =
      rules::plan_transfer(*snapshot.cluster, *snapshot.judgement, *snapshot.ledger, *transfer,
                           snapshot.policy, snapshot.at);
  if (const auto* refusal = std::get_if<rules::Refusal>(&planned)) {
    return response_of(Problem{422, "cannot_move", refusal->why, ""});
  }
  if (auto why = conflict(snapshot, std::get<std::vector<rules::Move>>(planned))) {
    return response_of(Problem{409, "conflict", *std::move(why), ""});
  }
  return accepted(
      control.ask(loop::TransferRequest{*std::move(transfer), std::string(request.user)}));
}

web::Response pause(loop::Control& control, const web::Request& request) {
  auto pause = pause_of(request);
  if (!pause) return response_of(pause.error());
  return status_after(control.ask(*std::move(pause)));
}

web::Response resume(loop::Control& control, const web::Request& request) {
  if (const auto body = Body::parse(request.body, {}); !body) return response_of(body.error());
  return status_after(control.ask(loop::ResumeRequest{std::string(request.user)}));
}

}  // namespace evenkeel::api
