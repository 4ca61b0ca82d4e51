#include "agent/api/response_cache.hpp"

#include <utility>

namespace evenkeel::api {
namespace {

// Each response counts as so much more than its body, so that many small ones are bounded, too.
constexpr std::size_t kBeside = 1024;

}  // namespace

web::Response ResponseCache::of(const loop::SnapshotPtr& snapshot, const std::string& key,
                                const Make& make) {
  std::promise<web::Response> promise;
  {
    std::unique_lock lock(mutex_);
    if (snapshot_ != snapshot) {
      responses_.clear();
      order_.clear();
      kept_ = 0;
      snapshot_ = snapshot;
    }
    if (const auto found = responses_.find(key); found != responses_.end()) {
      const auto made = found->second;
      lock.unlock();
      return made.get();
    }
    responses_.emplace(key, promise.get_future().share());
  }
  try {
    auto response = make();
    keep(snapshot, key, response.body.size() + kBeside);
    promise.set_value(response);
    return response;
  } catch (...) {
    {
      const std::scoped_lock lock(mutex_);
      if (snapshot_ == snapshot) responses_.erase(key);
    }
    promise.set_exception(std::current_exception());
    throw;
  }
}

void ResponseCache::keep(const loop::SnapshotPtr& snapshot, const std::string& key,
                         std::size_t size) {
  const std::scoped_lock lock(mutex_);
  if (snapshot_ != snapshot) return;
  kept_ += size;
  order_.emplace_back(key, size);
  while (kept_ > bytes_ && order_.size() > 1) {
    kept_ -= order_.front().second;
    responses_.erase(order_.front().first);
    order_.pop_front();
  }
}

std::size_t ResponseCache::kept() const {
  const std::scoped_lock lock(mutex_);
  return kept_;
}

}  // namespace evenkeel::api
