#pragma once
// What the server itself says no to, and the answer that says so.

#include <string>
#include <string_view>

#include "agent/web/answer.hpp"

namespace evenkeel::web {

struct Refusal {
  int status = 400;
  std::string code;     // for programs, and the label of evenkeel_web_refused_total: "bad_request"
  std::string message;  // for people: what, and what to do; nothing of what the client sent
  Headers headers = {};
};

// Where Alertmanager sends its alerts. It sends again what was answered with 5xx, and drops what
// was answered with 4xx, so that a refusal that may not be the last word must be 503 here.
inline constexpr std::string_view kWebhookPath = "/api/v1/alerts";

// As it is said to whoever asks at `path`.
[[nodiscard]] Refusal said_at(std::string_view path, Refusal refusal);

// As JSON below /api/, as plain text elsewhere.
[[nodiscard]] Answer answer_to(const Refusal& refusal, std::string_view path);

}  // namespace evenkeel::web
