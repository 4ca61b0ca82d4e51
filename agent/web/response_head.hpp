#pragma once
// The head of an answer as it is sent.

#include <string>

#include "agent/web/answer.hpp"

namespace evenkeel::web {

// With the headers that every answer has: nothing may be kept, embedded, guessed at or run that
// the answer does not say. `last`: the connection ends after it.
[[nodiscard]] std::string response_head(const Answer& answer, bool last);

// Whether anything follows the head of such an answer (RFC 9110, section 6.4.1).
[[nodiscard]] bool has_content(int status);

}  // namespace evenkeel::web
