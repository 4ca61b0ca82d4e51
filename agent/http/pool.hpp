#pragma once
// Inside the client: open connections that wait for another call to the same server.

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "agent/http/connection.hpp"

namespace evenkeel::http {

class Pool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Pool(std::size_t max_per_host, std::size_t max, std::chrono::seconds idle_timeout)
      : max_per_host_(max_per_host), max_(max), idle_timeout_(idle_timeout) {}

  // The connection to `host` that was kept last, null where there is none that still lives.
  [[nodiscard]] std::unique_ptr<Connection> take(const std::string& host, TimePoint now);
  // Closes the oldest ones beyond the bounds.
  void keep(std::string host, std::unique_ptr<Connection> connection, TimePoint now);
  void clear() { idle_.clear(); }
  [[nodiscard]] std::size_t size() const { return idle_.size(); }

 private:
  struct Idle {
    std::string host;
    std::unique_ptr<Connection> connection;
    TimePoint since;
  };
  void close_old(TimePoint now);

  std::size_t max_per_host_;
  std::size_t max_;
  std::chrono::seconds idle_timeout_;
  std::deque<Idle> idle_;  // oldest first
};

}  // namespace evenkeel::http
