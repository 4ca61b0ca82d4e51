#pragma once
// The head of an answer as it is sent.

#include <string>

#include "agent/web/answer.hpp"

namespace evenkeel::web {

// With the headers that every answer has: nothing may be kept, embedded, guessed at or run that
// the answer does not say. `last`: the connection ends after it.
[[nodiscard]] std::string response_head(const Answer& answer, bool last);

}  // namespace evenkeel::web
