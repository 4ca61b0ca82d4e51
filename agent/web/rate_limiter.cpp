#include "agent/web/rate_limiter.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace evenkeel::web {

RateLimiter::RateLimiter(double per_second, double at_once, std::size_t clients)
    : per_second_(per_second), at_once_(at_once), clients_(clients) {}

void RateLimiter::fill(Bucket& bucket, Clock::time_point now) const {
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(at_once_, bucket.tokens + passed * per_second_);
  bucket.filled = now;
}

RateLimiter::Bucket& RateLimiter::bucket_of(const std::string& client, Clock::time_point now) {
  const auto found = buckets_.find(client);
  if (found != buckets_.end()) {
    fill(found->second, now);
    return found->second;
  }
  if (buckets_.size() >= clients_) {
    for (auto& [name, bucket] : buckets_) fill(bucket, now);
    // A full bucket is as good as none.
    std::erase_if(buckets_, [this](const auto& entry) { return entry.second.tokens >= at_once_; });
  }
  if (buckets_.size() >= clients_) {
    buckets_.erase(std::max_element(
        buckets_.begin(), buckets_.end(),
        [](const auto& a, const auto& b) { return a.second.tokens < b.second.tokens; }));
  }
  assert(buckets_.size() < clients_);
  return buckets_.emplace(client, Bucket{at_once_, now}).first->second;
}

bool RateLimiter::take(const std::string& client, Clock::time_point now) {
  auto& bucket = bucket_of(client, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void RateLimiter::give_back(const std::string& client) {
  const auto found = buckets_.find(client);
  if (found != buckets_.end()) found->second.tokens = std::min(at_once_, found->second.tokens + 1);
}

std::chrono::seconds RateLimiter::wait() const {
  return std::chrono::seconds(std::max(1L, std::lround(std::ceil(1 / per_second_))));
}

}  // namespace evenkeel::web
