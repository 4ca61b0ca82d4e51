#include "agent/api/made.hpp"

#include <utility>

namespace evenkeel::api {
namespace {

// Each answer counts as so much more than its body, so that many small ones are bounded, too.
constexpr std::size_t kBeside = 1024;

}  // namespace

web::Response Made::of(const loop::SnapshotPtr& snapshot, const std::string& key,
                       const Make& make) {
  std::promise<web::Response> promise;
  {
    std::unique_lock lock(mutex_);
    if (snapshot_ != snapshot) {
      answers_.clear();
      order_.clear();
      kept_ = 0;
      snapshot_ = snapshot;
    }
    if (const auto found = answers_.find(key); found != answers_.end()) {
      const auto made = found->second;
      lock.unlock();
      return made.get();
    }
    answers_.emplace(key, promise.get_future().share());
  }
  try {
    auto answer = make();
    keep(snapshot, key, answer.body.size() + kBeside);
    promise.set_value(answer);
    return answer;
  } catch (...) {
    {
      const std::scoped_lock lock(mutex_);
      if (snapshot_ == snapshot) answers_.erase(key);
    }
    promise.set_exception(std::current_exception());
    throw;
  }
}

void Made::keep(const loop::SnapshotPtr& snapshot, const std::string& key, std::size_t size) {
  const std::scoped_lock lock(mutex_);
  if (snapshot_ != snapshot) return;
  kept_ += size;
  order_.emplace_back(key, size);
  while (kept_ > bytes_ && order_.size() > 1) {
    kept_ -= order_.front().second;
    answers_.erase(order_.front().first);
    order_.pop_front();
  }
}

std::size_t Made::kept() const {
  const std::scoped_lock lock(mutex_);
  return kept_;
}

}  // namespace evenkeel::api
