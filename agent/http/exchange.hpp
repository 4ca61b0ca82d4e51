#pragma once
// Inside the client: one request and its answer on an open connection.

#include "agent/http/call.hpp"

namespace evenkeel::http {

struct Answer {
  Response response;
  bool reusable = false;  // the connection may serve another call
};

// Sends call.request on call.connection and reads the answer; sets call.unanswered where the
// connection ended before a byte of it came.
[[nodiscard]] Awaitable<tl::expected<Answer, Error>> ask(Call& call, const std::string& user_agent);

}  // namespace evenkeel::http
