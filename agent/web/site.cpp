#include "agent/web/site.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "agent/web/answer.hpp"

namespace evenkeel::web {

namespace {

// Metrics of this size are shared by all who ask within a moment: with a series per segment they
// are large, and each reader would have its own.
constexpr std::size_t kLarge = 1u << 20;
constexpr std::chrono::seconds kMoment{1};

class LargeMetrics {
 public:
  using Clock = std::chrono::steady_clock;

  // None: there are none of this snapshot that are large and new.
  [[nodiscard]] std::optional<Answer> of(const loop::SnapshotPtr& snapshot) {
    const std::scoped_lock lock(mutex_);
    if (Clock::now() - made_ >= kMoment || snapshot != snapshot_) newest_.reset();
    return newest_;
  }
  void keep(const loop::SnapshotPtr& snapshot, const Answer& answer) {
    if (answer.body.size() < kLarge) return;
    const std::scoped_lock lock(mutex_);
    snapshot_ = snapshot;
    newest_ = answer;
    made_ = Clock::now();
  }

 private:
  std::mutex mutex_;
  Clock::time_point made_{};
  loop::SnapshotPtr snapshot_;
  std::optional<Answer> newest_;
};

}  // namespace

Handler site(std::function<loop::SnapshotPtr()> snapshot, telemetry::Counted counted) {
  return [snapshot = std::move(snapshot), counted = std::move(counted),
          readiness = std::make_shared<Readiness>(),
          metrics = std::make_shared<LargeMetrics>()](const Request& request) {
    const auto picture = snapshot();
    if (request.path != "/metrics") {
      return answer(request.path, picture.get(), *readiness, counted);
    }
    if (auto made = metrics->of(picture)) return *std::move(made);
    auto fresh = answer(request.path, picture.get(), *readiness, counted);
    metrics->keep(picture, fresh);
    return fresh;
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
