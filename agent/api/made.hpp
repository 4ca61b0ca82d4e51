#pragma once
// Answers to reads, each made once a snapshot and shared, however many ask and however slowly they
// take it.

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/web/answer.hpp"

namespace evenkeel::api {

// Thread-safe.
class Made {
 public:
  using Make = std::function<web::Answer()>;

  // At most `bytes` of bodies are kept, the newest; one may be larger.
  explicit Made(std::size_t bytes = 32u << 20) : bytes_(bytes) {}

  // The answer to `key` by this snapshot. Who asks while another makes it waits for that one; what
  // making it throws, all of them get, and it is not kept. The answers of another snapshot are
  // forgotten.
  [[nodiscard]] web::Answer of(const loop::SnapshotPtr& snapshot, const std::string& key,
                               const Make& make);

  [[nodiscard]] std::size_t kept() const;  // bytes

 private:
  void keep(const loop::SnapshotPtr& snapshot, const std::string& key, std::size_t size);

  mutable std::mutex mutex_;
  std::size_t bytes_;
  std::size_t kept_ = 0;
  loop::SnapshotPtr snapshot_;
  std::map<std::string, std::shared_future<web::Answer>> answers_;
  std::deque<std::pair<std::string, std::size_t>> order_;  // those that are made, oldest first
};

}  // namespace evenkeel::api
