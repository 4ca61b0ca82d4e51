#pragma once
// How many random cases a test draws. A sanitizer looks for what each line does wrong, not for the
// rare cluster, and takes ten times as long: it gets a tenth of them.

#include <cstdint>

namespace evenkeel::test {

#ifdef EVENKEEL_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

[[nodiscard]] constexpr std::uint64_t seeds(std::uint64_t count) {
  return kSanitized ? count / 10 : count;
}

}  // namespace evenkeel::test
