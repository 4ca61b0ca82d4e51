#pragma once
// What the server counts of itself. Thread-safe.

#include <mutex>
#include <string>

#include "agent/telemetry/web_figures.hpp"

namespace evenkeel::web {

class Traffic {
 public:
  void answered(int status);
  void refused(const std::string& why);  // see web_figures.hpp
  void connections(std::size_t now);
  [[nodiscard]] telemetry::WebFigures figures() const;

 private:
  mutable std::mutex mutex_;
  telemetry::WebFigures figures_;
};

}  // namespace evenkeel::web
