#pragma once
// The message that Alertmanager sends to a webhook, version 4:
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/problem.hpp"

namespace evenkeel::api {

// An alert of a message.
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

// Unknown members are passed over, and so is the version: later ones may have more. An alert
// without a status has its group's.
[[nodiscard]] Checked<Webhook> parse_webhook(std::string_view text);

}  // namespace evenkeel::api
