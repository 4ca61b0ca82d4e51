#include "agent/web/site.hpp"

#include <memory>
#include <utility>

#include "agent/web/answer.hpp"

namespace evenkeel::web {

Handler site(std::function<loop::SnapshotPtr()> snapshot, std::shared_ptr<const Traffic> traffic) {
  return [snapshot = std::move(snapshot), traffic = std::move(traffic),
          readiness = std::make_shared<Readiness>()](const Request& request) {
    const auto picture = snapshot();
    return answer(request.path, picture.get(), *readiness, *traffic);
  };
}

Handler with_health(Handler rest, std::function<std::string()> unwell) {
  return [rest = std::move(rest), unwell = std::move(unwell)](const Request& request) {
    if (request.path == "/-/healthy") {
      const std::string words = unwell();
      if (!words.empty()) {
        return Answer{.status = 503, .body = "Evenkeel is not healthy: " + words + ".\n"};
      }
    }
    return rest(request);
  };
}

}  // namespace evenkeel::web
