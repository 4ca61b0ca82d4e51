#pragma once
// A site with one path that takes requests to change something.

#include <string_view>

#include "agent/web/request.hpp"

namespace evenkeel::web {

inline std::string_view methods_of_pause(std::string_view path) {
  if (path == "/api/v1/nothing") return "";
  return path == "/api/v1/pause" ? "POST" : kReads;
}

}  // namespace evenkeel::web
