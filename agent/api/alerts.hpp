#pragma once

#include <mutex>

#include "agent/api/seen_alerts.hpp"
#include "agent/loop/control.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// POST /api/v1/alerts, Alertmanager's webhook: a firing alert asks for a round now, about what its
// labels name. Thread-safe.
class Alerts {
 public:
  // `snapshot` must follow the first observation.
  [[nodiscard]] web::Response answer(loop::Control& control, const loop::Snapshot& snapshot,
                                     const web::Request& request, rules::TimePoint now);

 private:
  std::mutex mutex_;  // guards `seen_`
  SeenAlerts seen_;
};

}  // namespace evenkeel::api
