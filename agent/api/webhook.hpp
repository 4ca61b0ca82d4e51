#pragma once
// What Alertmanager sends to a webhook, version 4:
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/problem.hpp"

namespace evenkeel::api {

struct WebhookAlert {
  std::string status;       // "firing" or "resolved"
  std::string name;         // the label "alertname", cut to some length
  std::string fingerprint;  // as sent, cut; made of the labels where none was
  std::string starts_at;    // as sent
  // Labels; empty where it has none of that name.
  std::string collection, node_id, replica_id;
};

struct Webhook {
  std::string group_key;
  std::vector<WebhookAlert> alerts;
};

// Members that are not known are passed over, and so is the version: later ones may have more. An
// alert without a status has its group's.
[[nodiscard]] Checked<Webhook> parse_webhook(std::string_view text);

}  // namespace evenkeel::api
