#pragma once
// What is refused, and the response that says so.

#include <string>
#include <string_view>

#include "agent/http/server_messages.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::web {

using http::Refusal;

// Where Alertmanager sends its alerts. It sends again what was answered with 5xx, and drops what
// was answered with 4xx, so that a refusal that may not be the last word must be 503 here.
inline constexpr std::string_view kWebhookPath = "/api/v1/alerts";

// As it is said to whoever asks at `path`.
[[nodiscard]] Refusal said_at(std::string_view path, Refusal refusal);

// As JSON below /api/, as plain text elsewhere.
[[nodiscard]] Response response_to(const Refusal& refusal, std::string_view path);

}  // namespace evenkeel::web
