#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// Keeps the responses to reads: each is made once a snapshot and shared, however many clients ask
// and however slowly they read. Thread-safe.
class ResponseCache {
 public:
  using Make = std::function<web::Response()>;

  // Keeps the newest responses, at most `bytes` in all; one alone may be larger.
  explicit ResponseCache(std::size_t bytes = 32u << 20) : bytes_(bytes) {}

  // Returns the response to `key` by this snapshot. Callers wait while another makes it. An
  // exception of `make` reaches all of them and is not kept. Other snapshots' responses are
  // forgotten.
  [[nodiscard]] web::Response of(const loop::SnapshotPtr& snapshot, const std::string& key,
                                 const Make& make);

  [[nodiscard]] std::size_t kept() const;  // bytes

 private:
  void keep(const loop::SnapshotPtr& snapshot, const std::string& key, std::size_t size);

  mutable std::mutex mutex_;
  std::size_t bytes_;
  std::size_t kept_ = 0;
  loop::SnapshotPtr snapshot_;
  std::map<std::string, std::shared_future<web::Response>> responses_;
  std::deque<std::pair<std::string, std::size_t>> order_;  // finished ones, oldest first
};

}  // namespace evenkeel::api
