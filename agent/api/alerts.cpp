#include "agent/api/alerts.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "agent/api/known.hpp"
#include "agent/api/problem.hpp"
#include "agent/api/query.hpp"
#include "agent/api/requests.hpp"
#include "agent/api/webhook.hpp"

namespace evenkeel::api {
namespace {

using loop::AlertResult;

// Narrows to the labels' ids that the cluster has; the rest may be any.
rules::Focus focus_of(const WebhookAlert& alert, const Known& known) {
  rules::Scope scope;
  if (const auto node = parse_id(alert.node_id); node && known.has(rules::NodeId{*node})) {
    scope.node = rules::NodeId{*node};
  }
  if (const auto replica = parse_id(alert.replica_id);
      replica && known.has(rules::ReplicaId{*replica})) {
    scope.replica = rules::ReplicaId{*replica};
  }
  return focus_in(known.collections(alert.collection), scope);
}

// The alerts of a webhook, each counted once by what becomes of it.
struct Sorted {
  std::set<std::uint64_t> keys;  // of the alerts that ask for a round
  std::optional<loop::RoundRequest> round;
  std::uint64_t duplicates = 0, resolved = 0, ignored = 0;

  void take(const WebhookAlert& alert, const Known& known) {
    if (!round) {
      round.emplace();
      round->focus = focus_of(alert, known);
    } else {
      round->focus.widen(focus_of(alert, known));
    }
    if (round->alerts.size() < loop::RoundRequest::kMaxAlerts) {
      round->alerts.push_back({alert.name, alert.fingerprint});
    }
  }
};

Sorted sort(const Webhook& webhook, const Known& known, const SeenAlerts& seen,
            rules::TimePoint now) {
  Sorted sorted;
  for (const auto& alert : webhook.alerts) {
    if (alert.status == "resolved") {
      ++sorted.resolved;
    } else if (alert.status != "firing") {
      ++sorted.ignored;
    } else {
      const auto key = SeenAlerts::key(webhook.group_key, alert.fingerprint, alert.starts_at);
      if (seen.contains(key, now) || !sorted.keys.insert(key).second) {
        ++sorted.duplicates;
      } else {
        sorted.take(alert, known);
      }
    }
  }
  return sorted;
}

}  // namespace

web::Response Alerts::answer(loop::Control& control, const loop::Snapshot& snapshot,
                             const web::Request& request, rules::TimePoint now) {
  const auto webhook = parse_webhook(request.body);
  if (!webhook) {
    control.count(AlertResult::refused, 1);
    return answer_with(webhook.error());
  }
  const Known known(*snapshot.cluster);
  const std::scoped_lock lock(mutex_);
  auto sorted = sort(*webhook, known, seen_, now);
  if (sorted.round) {
    sorted.round->by = request.user;
    const auto asked = control.ask(*std::move(sorted.round));
    if (!asked) {
      // Alertmanager sends it again; what is not remembered now is taken then.
      control.count(AlertResult::refused, sorted.keys.size());
      return answer_with(problem_of(asked.error()));
    }
  }
  for (const auto key : sorted.keys) seen_.add(key, now);
  control.count(AlertResult::accepted, sorted.keys.size());
  control.count(AlertResult::duplicate, sorted.duplicates);
  control.count(AlertResult::resolved, sorted.resolved);
  control.count(AlertResult::ignored, sorted.ignored);
  return answer_with(Json{{"accepted", sorted.keys.size()},
                          {"duplicates", sorted.duplicates},
                          {"ignored", sorted.resolved + sorted.ignored}},
                     202);
}

}  // namespace evenkeel::api
