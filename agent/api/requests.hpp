#pragma once
// POST /api/v1/rebalance, load-balance, pause and resume: a person's requests to the loop.

#include "agent/api/response.hpp"
#include "agent/loop/control.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// Every `snapshot` here must follow the first observation.
[[nodiscard]] web::Response rebalance(loop::Control& control, const loop::Snapshot& snapshot,
                                      const web::Request& request);
[[nodiscard]] web::Response load_balance(loop::Control& control, const loop::Snapshot& snapshot,
                                         const web::Request& request);
[[nodiscard]] web::Response pause(loop::Control& control, const web::Request& request);
[[nodiscard]] web::Response resume(loop::Control& control, const web::Request& request);

[[nodiscard]] Problem problem_of(loop::Denial denial);
// Responds with 202 and the request's number, or says why it was not taken.
[[nodiscard]] web::Response accepted(const loop::Control::Answer& answer);

}  // namespace evenkeel::api
