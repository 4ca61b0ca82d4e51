#pragma once
// Chance by seed: the same everywhere, since the standard's distributions differ from library to
// library.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace evenkeel::sim {

// SplitMix64's finisher: neighbouring numbers give unrelated ones.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(mix(seed)) {}

  [[nodiscard]] std::int64_t between(std::int64_t from, std::int64_t to) {
    state_ = mix(state_);
    return from + static_cast<std::int64_t>(state_ % static_cast<std::uint64_t>(to - from + 1));
  }
  [[nodiscard]] bool chance(int percent) { return between(1, 100) <= percent; }
  [[nodiscard]] double share(std::int64_t from, std::int64_t to) {  // of percent
    return static_cast<double>(between(from, to)) / 100;
  }
  template <typename T>
  [[nodiscard]] T& any_of(std::vector<T>& list) {
    return list[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(list.size()) - 1))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace evenkeel::sim
