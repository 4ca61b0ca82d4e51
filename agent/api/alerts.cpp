#include "agent/api/alerts.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/util/json_view.hpp"
#include "agent/util/utf8.hpp"
#include "agent/view/json.hpp"

namespace evenkeel::api {
namespace {

using loop::AlertResult;

// An alert of a message that Alertmanager sends to a webhook, version 4:
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
struct WebhookAlert {
  std::string status;       // "firing" or "resolved"
  std::string name;         // the label "alertname", cut to some length
  std::string fingerprint;  // as sent, cut; a hash of the labels if none was sent
  std::string starts_at;    // as sent
  // The values of these labels; empty: it has no such label.
  std::string collection, node_id, replica_id;
};

// A message about the alerts of one group.
struct Webhook {
  std::string group_key;
  std::vector<WebhookAlert> alerts;
};

constexpr std::size_t kMaxText = 200;  // bytes of a name or fingerprint that are kept

using Labels = std::map<std::string, std::string>;

Labels labels_of(const JsonView& view) {
  Labels labels;
  view.each_member([&labels](const auto& name, const auto& value) { labels[name] = value.text(); });
  return labels;
}

std::string fingerprint_of(const Labels& labels) {
  std::string all;
  for (const auto& [name, value] : labels) (all += name + '\0') += value + '\0';
  return std::to_string(std::hash<std::string>()(all));
}

WebhookAlert alert_of(const JsonView& view, const std::string& group_status) {
  if (!view.is_object()) view.expected("an object");
  Labels labels = labels_of(view["labels"]);
  WebhookAlert alert;
  alert.status = view["status"].text();
  if (alert.status.empty()) alert.status = group_status;
  alert.name = cut_utf8(labels["alertname"], kMaxText);
  alert.fingerprint = cut_utf8(view["fingerprint"].text(), kMaxText);
  alert.starts_at = view["startsAt"].text();
  alert.collection = labels["collection"];
  alert.node_id = labels["node_id"];
  alert.replica_id = labels["replica_id"];
  if (alert.fingerprint.empty()) alert.fingerprint = fingerprint_of(labels);
  return alert;
}

Webhook webhook_of(const nlohmann::json& json) {
  const JsonView view(json);
  Webhook webhook;
  webhook.group_key = view["groupKey"].text();
  const std::string status = view["status"].text();
  if (view["alerts"].is_null()) view["alerts"].expected("a list");
  for (const auto& alert : view["alerts"].items()) {
    webhook.alerts.push_back(alert_of(alert, status));
  }
  return webhook;
}

// Unknown members are passed over, and so is the version: later ones may have more. An alert
// without a status has its group's.
Checked<Webhook> parse_webhook(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return bad_request("the body is " + json.error());
  if (!json->is_object()) return bad_request("the body must be a JSON object");
  try {
    return webhook_of(*json);
  } catch (const Malformed& error) {
    return bad_request(error.what());
  }
}

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

// An agent that ran before this one has answered the alert since it fires, and not long ago. A
// start that is not in UTC cannot be compared: such an alert may ask once more.
bool answered_before(const WebhookAlert& alert, const loop::Snapshot& snapshot,
                     rules::TimePoint now) {
  constexpr std::size_t kToTheSecond = 19;
  if (!alert.starts_at.ends_with('Z')) return false;
  const auto& answered = snapshot.alert_decisions;
  return std::any_of(answered.begin(), answered.end(), [&](const loop::AlertDecision& each) {
    return each.at < snapshot.started && now - each.at < SeenAlerts::kMemory &&
           each.alert == loop::Alert{alert.name, alert.fingerprint} &&
           alert.starts_at.compare(0, kToTheSecond, view::rfc3339(each.at), 0, kToTheSecond) <= 0;
  });
}

Sorted sort(const Webhook& webhook, const loop::Snapshot& snapshot, const Known& known,
            const SeenAlerts& seen, rules::TimePoint now) {
  Sorted sorted;
  for (const auto& alert : webhook.alerts) {
    if (alert.status == "resolved") {
      ++sorted.resolved;
    } else if (alert.status != "firing") {
      ++sorted.ignored;
    } else {
      const auto key = SeenAlerts::key(webhook.group_key, alert.fingerprint, alert.starts_at);
      if (seen.contains(key, now) || answered_before(alert, snapshot, now) ||
          !sorted.keys.insert(key).second) {
        ++sorted.duplicates;
      } else {
        sorted.take(alert, known);
      }
    }
  }
  return sorted;
}

}  // namespace

std::uint64_t SeenAlerts::key(std::string_view group, std::string_view fingerprint,
                              std::string_view starts_at) {
  std::string all(group);
  all.append(1, '\0').append(fingerprint).append(1, '\0').append(starts_at);
  return std::hash<std::string>()(all);
}

bool SeenAlerts::contains(std::uint64_t key, rules::TimePoint now) const {
  const auto found = times_.find(key);
  return found != times_.end() && now - found->second < kMemory;
}

void SeenAlerts::add(std::uint64_t key, rules::TimePoint now) {
  times_[key] = now;
  order_.emplace_back(key, now);
  while (order_.size() > kMost || now - order_.front().second >= kMemory) {
    const auto& [oldest, time] = order_.front();
    const auto found = times_.find(oldest);
    if (found != times_.end() && found->second == time) times_.erase(found);
    order_.pop_front();
  }
}

web::Response Alerts::respond(loop::Control& control, const loop::Snapshot& snapshot,
                              const web::Request& request, rules::TimePoint now) {
  const auto webhook = parse_webhook(request.body);
  if (!webhook) {
    control.count(AlertResult::refused, 1);
    return response_of(webhook.error());
  }
  const Known known(*snapshot.cluster);
  const std::scoped_lock lock(mutex_);
  auto sorted = sort(*webhook, snapshot, known, seen_, now);
  if (sorted.round) {
    sorted.round->by = request.user;
    const auto asked = control.ask(*std::move(sorted.round));
    if (!asked) {
      // Alertmanager sends it again; what is not remembered now is taken then.
      control.count(AlertResult::refused, sorted.keys.size());
      return response_of(problem_of(asked.error()));
    }
  }
  for (const auto key : sorted.keys) seen_.add(key, now);
  control.count(AlertResult::accepted, sorted.keys.size());
  control.count(AlertResult::duplicate, sorted.duplicates);
  control.count(AlertResult::resolved, sorted.resolved);
  control.count(AlertResult::ignored, sorted.ignored);
  return response_of(Json{{"accepted", sorted.keys.size()},
                          {"duplicates", sorted.duplicates},
                          {"ignored", sorted.resolved + sorted.ignored}},
                     202);
}

}  // namespace evenkeel::api
