#pragma once
// So many requests a second from one client, and some more at once: a bucket of tokens each.

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

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

}  // namespace evenkeel::web
