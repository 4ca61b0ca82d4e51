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

// As JSON below /api/, as plain text elsewhere.
[[nodiscard]] Answer answer_to(const Refusal& refusal, std::string_view path);

}  // namespace evenkeel::web
