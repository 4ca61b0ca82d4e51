#include "agent/api/seen_alerts.hpp"

#include <functional>
#include <string>

namespace evenkeel::api {

std::uint64_t SeenAlerts::key(std::string_view group, std::string_view fingerprint,
                              std::string_view starts_at) {
  std::string all(group);
  all.append(1, '\0').append(fingerprint).append(1, '\0').append(starts_at);
  return std::hash<std::string>()(all);
}

bool SeenAlerts::contains(std::uint64_t key, rules::TimePoint now) const {
  const auto found = times_.find(key);
  return found != times_.end() && now - found->second < kMemory;
}

void SeenAlerts::add(std::uint64_t key, rules::TimePoint now) {
  times_[key] = now;
  order_.emplace_back(key, now);
  while (order_.size() > kMost || now - order_.front().second >= kMemory) {
    const auto& [oldest, time] = order_.front();
    const auto found = times_.find(oldest);
    if (found != times_.end() && found->second == time) times_.erase(found);
    order_.pop_front();
  }
}

}  // namespace evenkeel::api
