#include "agent/milvus/bounded_coordinator.hpp"

#include <utility>

namespace evenkeel::milvus {

BoundedCoordinator::BoundedCoordinator(Coordinator& other, std::function<rules::TimePoint()> now)
    : WrappedCoordinator(other), now_(std::move(now)) {}

void BoundedCoordinator::begin(rules::Duration longest) {
  last_ = now_() + longest;
  longest_ = longest;
  timeouts_ = 0;
}

std::string BoundedCoordinator::given_up() const {
  if (timeouts_ >= kMostTimeouts) {
    return "the coordinator left " + std::to_string(timeouts_) +
           " questions in a row without an answer, and was asked no more; see [milvus] timeout and "
           "the coordinator's own log";
  }
  if (last_ == rules::TimePoint{} || now_() <= last_) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest_).count();
  return "the coordinator took more than " + std::to_string(seconds) +
         " s for what was asked so far (twelve times [milvus] timeout), and was asked no more";
}

std::optional<Failure> BoundedCoordinator::refuse() {
  const auto why = given_up();
  if (why.empty()) return std::nullopt;
  return Failure{.kind = FailureKind::transport, .message = "not asked: " + why, .not_asked = true};
}

void BoundedCoordinator::ended(const Failure* failure) {
  timeouts_ = failure != nullptr && failure->timed_out ? timeouts_ + 1 : 0;
}

Awaitable<Result<void>> BoundedCoordinator::load_balance(const LoadBalance& request) {
  return other().load_balance(request);
}

}  // namespace evenkeel::milvus
