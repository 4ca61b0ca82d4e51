#include "agent/api/body.hpp"
#include "agent/api/known.hpp"
#include "agent/api/requests.hpp"

namespace evenkeel::api {
namespace {

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
    if (!known.has(*scope.node)) return unknown("there is no such query node", "node");
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
  if (ids.empty()) return unknown("no such collection is loaded", "collection");
  return focus_in(ids, scope);
}

}  // namespace

web::Response rebalance(loop::Control& control, const loop::Snapshot& snapshot,
                        const web::Request& request) {
  const auto body = Body::parse(request.body, {"collection", "node", "replica"});
  if (!body) return answer_with(body.error());
  auto focus = focus_of(*body, *snapshot.cluster);
  if (!focus) return answer_with(focus.error());
  loop::RoundRequest round;
  round.focus = *std::move(focus);
  round.by = request.user;
  return accepted(control.ask(std::move(round)));
}

}  // namespace evenkeel::api
