#include "agent/web/refusal.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace evenkeel::web {

Refusal said_at(std::string_view path, Refusal refusal) {
  const int status = refusal.status;
  // Too large or too many: the next try may be neither.
  if (path != kWebhookPath || (status != 413 && status != 429)) return refusal;
  refusal.status = 503;
  const bool says_when = std::any_of(refusal.headers.begin(), refusal.headers.end(),
                                     [](const auto& each) { return each.first == "Retry-After"; });
  if (!says_when) refusal.headers.emplace_back("Retry-After", "5");
  return refusal;
}

Response response_to(const Refusal& refusal, std::string_view path) {
  Response response;
  response.status = refusal.status;
  response.headers = refusal.headers;
  if (path.starts_with("/api/")) {
    const nlohmann::json error{{"code", refusal.code}, {"message", refusal.message}};
    response.content_type = "application/json";
    response.body = nlohmann::json{{"error", error}}.dump() + '\n';
  } else {
    response.body = refusal.message + '\n';
  }
  return response;
}

}  // namespace evenkeel::web
