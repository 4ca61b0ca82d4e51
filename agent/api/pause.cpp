#include <algorithm>
#include <chrono>

#include "agent/api/body.hpp"
#include "agent/api/requests.hpp"
#include "agent/api/status.hpp"

namespace evenkeel::api {
namespace {

constexpr std::chrono::seconds kPatience{1};
constexpr std::int64_t kLongest = 366LL * 24 * 3600;  // seconds of a pause that ends by itself
constexpr std::ptrdiff_t kMaxReason = 200;            // characters

std::ptrdiff_t characters(std::string_view utf8) {
  constexpr unsigned kMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  return std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & kMask) != kContinuation;
  });
}

// Answers the changed status, or 202 if the loop is too busy to tell within a second.
web::Response status_after(loop::Control::Answer answer) {
  if (!answer) return answer_with(problem_of(answer.error()));
  if (answer->taken_up.wait_for(kPatience) != std::future_status::ready) return accepted(answer);
  try {
    return answer_with(status_of(*answer->taken_up.get(), false));
  } catch (const std::future_error&) {  // broken: the agent ended first
    return answer_with(problem_of(loop::Denial::stopping));
  }
}

Checked<loop::PauseRequest> pause_of(const web::Request& request) {
  const auto body = Body::parse(request.body, {"reason", "seconds"});
  if (!body) return tl::unexpected(body.error());
  auto reason = body->text("reason");
  if (!reason) return tl::unexpected(reason.error());
  const auto seconds = body->whole("seconds", 1, kLongest);
  if (!seconds) return tl::unexpected(seconds.error());
  loop::PauseRequest pause;
  pause.reason = (*std::move(reason)).value_or("");
  if (characters(pause.reason) > kMaxReason) {
    return bad_request("at most " + std::to_string(kMaxReason) + " characters", "reason");
  }
  pause.by = request.user;
  if (*seconds) pause.length = std::chrono::seconds(**seconds);
  return pause;
}

}  // namespace

web::Response pause(loop::Control& control, const web::Request& request) {
  auto pause = pause_of(request);
  if (!pause) return answer_with(pause.error());
  return status_after(control.ask(*std::move(pause)));
}

web::Response resume(loop::Control& control, const web::Request& request) {
  if (const auto body = Body::parse(request.body, {}); !body) return answer_with(body.error());
  return status_after(control.ask(loop::ResumeRequest{std::string(request.user)}));
}

}  // namespace evenkeel::api
