#pragma once
// A site with two paths that take requests to change something.

#include <string_view>

#include "agent/web/handler.hpp"

namespace evenkeel::web {

inline std::string_view methods_of_pause(std::string_view path) {
  if (path == "/api/v1/nothing") return "";
  return path == "/api/v1/pause" || path == "/api/v1/alerts" ? "POST" : kReads;
}

}  // namespace evenkeel::web
