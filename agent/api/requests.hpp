#pragma once
// POST /api/v1/rebalance, load-balance, pause and resume: what a person asks of the loop.

#include "agent/api/problem.hpp"
#include "agent/loop/control.hpp"
#include "agent/web/request.hpp"

namespace evenkeel::api {

// All of a snapshot after the first observation.
[[nodiscard]] web::Answer rebalance(loop::Control& control, const loop::Snapshot& snapshot,
                                    const web::Request& request);
[[nodiscard]] web::Answer load_balance(loop::Control& control, const loop::Snapshot& snapshot,
                                       const web::Request& request);
[[nodiscard]] web::Answer pause(loop::Control& control, const web::Request& request);
[[nodiscard]] web::Answer resume(loop::Control& control, const web::Request& request);

// Why the loop did not take a request.
[[nodiscard]] Problem problem_of(loop::Denial denial);
// 202 and the request's number, or why it was not taken.
[[nodiscard]] web::Answer accepted(const loop::Control::Answer& answer);

}  // namespace evenkeel::api
