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

}  // namespace evenkeel::web
