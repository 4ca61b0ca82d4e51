#include "agent/web/site.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "agent/web/answer.hpp"

namespace evenkeel::web {
namespace {

rules::TimePoint now() {
  return std::chrono::time_point_cast<rules::Duration>(std::chrono::system_clock::now());
}

}  // namespace

Handler site(std::function<loop::SnapshotPtr()> snapshot) {
  return [snapshot = std::move(snapshot),
          readiness = std::make_shared<Readiness>()](const Request& request) {
    const auto picture = snapshot();
    return answer(request.path, picture.get(), *readiness, now());
  };
}

}  // namespace evenkeel::web
