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

// A cache of answers to reads: each is made once a snapshot and shared, however many ask and
// however slowly they read. Thread-safe.
class Made {
 public:
  using Make = std::function<web::Response()>;

  // Keeps the newest answers, at most `bytes` in all; one alone may be larger.
  explicit Made(std::size_t bytes = 32u << 20) : bytes_(bytes) {}

  // Returns the answer to `key` by this snapshot. Callers wait while another makes it. An exception
  // of `make` reaches all of them and is not kept. Other snapshots' answers are forgotten.
  [[nodiscard]] web::Response of(const loop::SnapshotPtr& snapshot, const std::string& key,
                                 const Make& make);

  [[nodiscard]] std::size_t kept() const;  // bytes

 private:
  void keep(const loop::SnapshotPtr& snapshot, const std::string& key, std::size_t size);

  mutable std::mutex mutex_;
  std::size_t bytes_;
  std::size_t kept_ = 0;
  loop::SnapshotPtr snapshot_;
  std::map<std::string, std::shared_future<web::Response>> answers_;
  std::deque<std::pair<std::string, std::size_t>> order_;  // finished answers, oldest first
};

}  // namespace evenkeel::api
