#pragma once
// The endpoints but for the plan and the alerts. GET: the state of the agent, the cluster as it was
// last observed, and what the newest rounds came to. POST: a person's requests to the loop.

#include <string>
#include <string_view>

#include "agent/api/parameters.hpp"
#include "agent/api/response.hpp"
#include "agent/loop/control.hpp"
#include "agent/loop/decision.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// Every `snapshot` here must follow the first observation. `query` is as sent.

[[nodiscard]] web::Response nodes(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response replicas(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response segments(const loop::Snapshot& snapshot, std::string_view query);
// The lines of some nodes' memory over the last hours.
[[nodiscard]] web::Response memory(const loop::Snapshot& snapshot, std::string_view query);
[[nodiscard]] web::Response decisions(const loop::Snapshot& snapshot, std::string_view query);

// `read_only`: no request for a change is taken.
[[nodiscard]] Json status_of(const loop::Snapshot& snapshot, bool read_only);

// Why an agent that watches takes no request, and whom to ask.
[[nodiscard]] Problem not_acting(const loop::Turn& turn);
[[nodiscard]] web::Response rebalance(loop::Control& control, const loop::Snapshot& snapshot,
                                      const web::Request& request);
[[nodiscard]] web::Response load_balance(loop::Control& control, const loop::Snapshot& snapshot,
                                         const web::Request& request);
[[nodiscard]] web::Response pause(loop::Control& control, const web::Request& request);
[[nodiscard]] web::Response resume(loop::Control& control, const web::Request& request);

// Responds with the status once the node is drained, or no longer is.
[[nodiscard]] web::Response drain(loop::Control& control, const loop::Snapshot& snapshot,
                                  const web::Request& request);
[[nodiscard]] web::Response undrain(loop::Control& control, const loop::Snapshot& snapshot,
                                    const web::Request& request);
// The drained nodes: what is left on each, and why.
[[nodiscard]] Json drains_of(const loop::Snapshot& snapshot);

// Waits a second at most for the loop to take a request up. Null: it is too busy to tell.
[[nodiscard]] Checked<loop::SnapshotPtr> taken_up(loop::Control::Answer& answer);
// Responds with the changed status, or with 202 if the loop is too busy to tell within a second.
[[nodiscard]] web::Response status_after(loop::Control::Answer answer);
// A person's reason for something, from a body that may have one.
[[nodiscard]] Checked<std::string> reason_in(const Body& body);

[[nodiscard]] Problem problem_of(loop::Denial denial);
// Responds with 202 and the request's number, or says why it was not taken.
[[nodiscard]] web::Response accepted(const loop::Control::Answer& answer);

}  // namespace evenkeel::api
