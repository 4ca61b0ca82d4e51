#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "agent/loop/control.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// Remembers which alerts have asked: Alertmanager repeats them with each change of their group.
class SeenAlerts {
 public:
  // Alertmanager's usual repeat_interval: an alert that still fires then may ask once more.
  static constexpr rules::Duration kMemory = std::chrono::hours{4};
  static constexpr std::size_t kMost = 10'000;  // beyond that the oldest are forgotten

  [[nodiscard]] static std::uint64_t key(std::string_view group, std::string_view fingerprint,
                                         std::string_view starts_at);
  [[nodiscard]] bool contains(std::uint64_t key, rules::TimePoint now) const;
  void add(std::uint64_t key, rules::TimePoint now);
  [[nodiscard]] std::size_t size() const { return times_.size(); }

 private:
  std::unordered_map<std::uint64_t, rules::TimePoint> times_;
  std::deque<std::pair<std::uint64_t, rules::TimePoint>> order_;
};

// POST /api/v1/alerts, Alertmanager's webhook: a firing alert asks for a round now, about what its
// labels name. Thread-safe.
class Alerts {
 public:
  // `snapshot` must follow the first observation.
  [[nodiscard]] web::Response respond(loop::Control& control, const loop::Snapshot& snapshot,
                                      const web::Request& request, rules::TimePoint now);

 private:
  std::mutex mutex_;  // guards `seen_`
  SeenAlerts seen_;
};

}  // namespace evenkeel::api
