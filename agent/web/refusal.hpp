#pragma once
// Refusals, and the responses that tell of them.

#include <string>
#include <string_view>

#include "agent/http/server_messages.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::web {

using http::Refusal;

// The path of Alertmanager's webhook. Alertmanager retries after 5xx and drops the alerts after
// 4xx, so a refusal that may be over soon must be a 503 here.
inline constexpr std::string_view kWebhookPath = "/api/v1/alerts";

// The refusal as it is told at `path`; see kWebhookPath.
[[nodiscard]] Refusal said_at(std::string_view path, Refusal refusal);

// The response is JSON below /api/, plain text elsewhere.
[[nodiscard]] Response response_to(const Refusal& refusal, std::string_view path);

}  // namespace evenkeel::web
