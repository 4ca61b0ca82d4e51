#pragma once
// Which refused requests get a line in the log: whoever sends them again and again does not fill
// it, and hides nobody else's.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "agent/web/rate_limiter.hpp"

namespace evenkeel::web {

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
