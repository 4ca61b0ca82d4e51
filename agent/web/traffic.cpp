#include "agent/web/traffic.hpp"

namespace evenkeel::web {

void Traffic::answered(int status) {
  const std::scoped_lock lock(mutex_);
  ++figures_.requests[status];
}

void Traffic::refused(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  ++figures_.refused[why];
}

void Traffic::connections(std::size_t now) {
  const std::scoped_lock lock(mutex_);
  figures_.connections = now;
}

telemetry::WebFigures Traffic::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}

}  // namespace evenkeel::web
