#pragma once
// POST /api/v1/alerts: Alertmanager's webhook. A firing alert asks for a round now, about what its
// labels name.

#include <mutex>

#include "agent/api/seen_alerts.hpp"
#include "agent/loop/control.hpp"
#include "agent/web/request.hpp"

namespace evenkeel::api {

// Thread-safe.
class Alerts {
 public:
  // `snapshot` is one after the first observation.
  [[nodiscard]] web::Answer answer(loop::Control& control, const loop::Snapshot& snapshot,
                                   const web::Request& request, rules::TimePoint now);

 private:
  std::mutex mutex_;  // guards `seen_`
  SeenAlerts seen_;
};

}  // namespace evenkeel::api
