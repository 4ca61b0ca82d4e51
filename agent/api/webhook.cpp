#include "agent/api/webhook.hpp"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/util/json_view.hpp"

namespace evenkeel::api {
namespace {

constexpr std::size_t kMaxText = 200;  // bytes of a name or fingerprint that are kept

// Cuts between two characters of UTF-8.
std::string cut(std::string text) {
  if (text.size() <= kMaxText) return text;
  constexpr unsigned kMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  std::size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & kMask) == kContinuation) --end;
  text.resize(end);
  return text;
}

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
  alert.name = cut(labels["alertname"]);
  alert.fingerprint = cut(view["fingerprint"].text());
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

}  // namespace

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

}  // namespace evenkeel::api
