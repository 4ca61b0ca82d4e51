#pragma once
// When to give memory back to the system. What a burst of large answers took is free afterwards,
// but the C library keeps it, and it counts as ours.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace evenkeel::web {

class GiveBack {
 public:
  static constexpr std::chrono::seconds kEvery{10};  // at most; to look through the heap takes time
  static constexpr std::size_t kWorthIt = 8u << 20;  // bytes of answers since the last time

  void answered(std::size_t bytes) { bytes_ += bytes; }
  // Called every kEvery; true: it is time.
  [[nodiscard]] bool is_due() {
    const bool due = bytes_ >= kWorthIt;
    if (due) bytes_ = 0;
    return due;
  }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace evenkeel::web
