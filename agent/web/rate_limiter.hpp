#pragma once
// Rate limits for clients of the web server.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace evenkeel::web {

// Token buckets, one a client: a steady rate, and a burst.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // `per_second`: tokens that come; `at_once`: the burst. At most `clients` buckets are kept; one
  // more takes the place of the fullest.
  RateLimiter(double per_second, double at_once, std::size_t clients = 4096);

  // Takes one of the client's tokens; false: it has none.
  [[nodiscard]] bool take(const std::string& client, Clock::time_point now);
  // Undoes a take().
  void give_back(const std::string& client);
  // The time in which a token comes, in whole seconds, at least one.
  [[nodiscard]] std::chrono::seconds wait() const;
  [[nodiscard]] std::size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens;
    Clock::time_point filled;
  };

  void fill(Bucket& bucket, Clock::time_point now) const;
  [[nodiscard]] Bucket& bucket_of(const std::string& client, Clock::time_point now);

  double per_second_, at_once_;
  std::size_t clients_;
  std::map<std::string, Bucket> buckets_;
};

// A limit on log lines about refused requests, by address: a client that is refused again and again
// neither fills the log nor hides others.
class RefusedLines {
 public:
  // Counts a refused request. nullopt: no line; else how many had none since the last line.
  [[nodiscard]] std::optional<std::uint64_t> next(const std::string& address,
                                                  RateLimiter::Clock::time_point now) {
    if (lines_.take(address, now)) return std::exchange(left_out_, 0);
    ++left_out_;
    return std::nullopt;
  }

 private:
  // As for wrong credentials: ten at once, then one in 6 s.
  RateLimiter lines_{1.0 / 6, 10};
  std::uint64_t left_out_ = 0;
};

}  // namespace evenkeel::web
