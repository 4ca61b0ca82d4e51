// Drained nodes: the requests for them, and how far each is.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/loop/decision.hpp"
#include "agent/util/format.hpp"
#include "agent/view/json.hpp"
#include "rules/drains.hpp"

namespace evenkeel::api {
namespace {

Problem cannot_drain(std::string why) {
  return {422, "cannot_drain", std::move(why), "node"};
}

Checked<loop::DrainRequest> request_of(const Body& body, const web::Request& request) {
  const auto node = body.id("node");
  if (!node) return tl::unexpected(node.error());
  if (!*node) return bad_request("it must be said which node", "node");
  return loop::DrainRequest{.node = rules::NodeId{**node},
                            .drained = true,
                            .reason = {},
                            .by = std::string(request.user)};
}

// The newest round that began after the drain did.
const loop::Decision* newest_since(const loop::Snapshot& snapshot, rules::TimePoint since) {
  if (snapshot.decisions.empty()) return nullptr;
  const loop::Decision& newest = *snapshot.decisions.front();
  return newest.at < since ? nullptr : &newest;
}

// Why moves off the node were planned and not made; empty: they were made, or there were none.
std::string why_held(const loop::Decision& decision, rules::NodeId node) {
  const bool good = decision.outcome == loop::Outcome::moved;
  const auto of_the_drain = [node](const rules::Move& move) {
    return move.urgency == rules::Urgency::drain && move.from == node;
  };
  const auto& planned = decision.plan.moves;
  if (!good && std::any_of(planned.begin(), planned.end(), of_the_drain)) return decision.words;
  if (!planned.empty() && planned.front().urgency == rules::Urgency::overload) {
    return "an overloaded node is relieved first";
  }
  return "";
}

Json why_waiting(const loop::Snapshot& snapshot, rules::NodeId node, const rules::Drain& drain) {
  const loop::Decision* newest = newest_since(snapshot, drain.since);
  if (newest == nullptr) return Json::array({"no round has been made since"});
  Json reasons = Json::array();
  if (std::string held = why_held(*newest, node); !held.empty()) reasons.push_back(std::move(held));
  if (!newest->coordinator_complete) reasons.push_back(newest->words);
  if (newest->judgement == nullptr) return reasons;
  for (auto& reason :
       rules::why_they_stay(node, *newest->judgement, newest->plan, snapshot.policy)) {
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

Json drain_of(const loop::Snapshot& snapshot, rules::NodeId node, const rules::Drain& drain) {
  const rules::Remainder left = rules::remainder_on(*snapshot.cluster, node);
  Json json = {{"node", to_string(node)}, {"since", view::rfc3339(drain.since)}};
  view::put(json, "by", drain.by);
  view::put(json, "reason", drain.reason);
  json["listed"] = rules::find_node(*snapshot.cluster, node) != nullptr;
  json["segments"] = left.segments;
  json["bytes"] = left.bytes;
  json["growing"] = left.growing;
  if (left.segments > 0) json["waits_for"] = why_waiting(snapshot, node, drain);
  return json;
}

}  // namespace

Json drains_of(const loop::Snapshot& snapshot) {
  Json drains = Json::array();
  if (snapshot.ledger == nullptr || snapshot.cluster == nullptr) return drains;
  for (const auto& [node, drain] : snapshot.ledger->drains().all()) {
    drains.push_back(drain_of(snapshot, node, drain));
  }
  return drains;
}

web::Response drain(loop::Control& control, const loop::Snapshot& snapshot,
                    const web::Request& request) {
  const auto body = Body::parse(request.body, {"node", "reason"});
  if (!body) return response_of(body.error());
  auto asked = request_of(*body, request);
  if (!asked) return response_of(asked.error());
  auto reason = reason_in(*body);
  if (!reason) return response_of(reason.error());
  asked->reason = *std::move(reason);
  const rules::NodeId node = asked->node;
  const auto why_not = [node](const loop::Snapshot& now) {
    return rules::why_not_drained(*now.cluster, now.ledger->drains(), node);
  };
  if (auto why = why_not(snapshot); !why.empty()) return response_of(cannot_drain(std::move(why)));
  auto answer = control.ask(*std::move(asked));
  const auto changed = taken_up(answer);
  if (!changed) return response_of(changed.error());
  if (*changed != nullptr && !(*changed)->ledger->drains().contains(node)) {
    return response_of(cannot_drain(why_not(**changed)));
  }
  loop::RoundRequest round;
  round.by = request.user;
  if (const auto begun = control.ask(std::move(round)); !begun) {
    return response_of(problem_of(begun.error()));
  }
  return *changed == nullptr ? accepted(answer) : response_of(status_of(**changed, false));
}

web::Response undrain(loop::Control& control, const loop::Snapshot& snapshot,
                      const web::Request& request) {
  const auto body = Body::parse(request.body, {"node"});
  if (!body) return response_of(body.error());
  auto asked = request_of(*body, request);
  if (!asked) return response_of(asked.error());
  if (!snapshot.ledger->drains().contains(asked->node)) {
    return response_of(
        Problem{422, "not_drained", "node " + to_string(asked->node) + " is not drained", "node"});
  }
  asked->drained = false;
  return status_after(control.ask(*std::move(asked)));
}

}  // namespace evenkeel::api
