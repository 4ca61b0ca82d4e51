#pragma once
// Token buckets, one a client: a steady rate, and a burst.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace evenkeel::web {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // At most `clients` buckets are kept; one more takes the place of the fullest.
  RateLimiter(double per_second, double at_once, std::size_t clients = 4096);

  // Takes a token of the client's; false: there is none.
  [[nodiscard]] bool take(const std::string& client, Clock::time_point now);
  void give_back(const std::string& client);
  // How long until there is one, in whole seconds and at least one.
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

// Which refused requests get a line in the log: whoever sends them again and again does not fill
// it, and hides nobody else's.
class RefusedLines {
 public:
  // One more, from this address. None: no line; else how many got none since the last line.
  [[nodiscard]] std::optional<std::uint64_t> next(const std::string& address,
                                                  RateLimiter::Clock::time_point now) {
    if (lines_.take(address, now)) return std::exchange(left_out_, 0);
    ++left_out_;
    return std::nullopt;
  }

 private:
  // As of wrong credentials: ten at once, then one in six seconds.
  RateLimiter lines_{1.0 / 6, 10};
  std::uint64_t left_out_ = 0;
};

}  // namespace evenkeel::web
