#pragma once
// What every fuzzer here is: one_input() must take any bytes, and what it requires must hold.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace evenkeel::fuzz {

void one_input(std::string_view bytes);

// Ends the program where it does not hold, so that the input is kept.
inline void require(bool holds, const char* otherwise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", otherwise);
  std::abort();
}

// Takes at most `size` bytes off the begin of `bytes`.
inline std::string_view take_piece(std::string_view& bytes, std::size_t size) {
  const auto piece = bytes.substr(0, size);
  bytes.remove_prefix(piece.size());
  return piece;
}

}  // namespace evenkeel::fuzz
