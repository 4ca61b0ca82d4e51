#include "agent/web/site.hpp"

#include <memory>
#include <utility>

#include "agent/web/answer.hpp"

namespace evenkeel::web {
Handler site(std::function<loop::SnapshotPtr()> snapshot) {
  return [snapshot = std::move(snapshot),
          readiness = std::make_shared<Readiness>()](const Request& request) {
    const auto picture = snapshot();
    return answer(request.path, picture.get(), *readiness);
  };
}

}  // namespace evenkeel::web
