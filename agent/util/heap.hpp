#pragma once
// The C library's allocator in a program that runs for months.

#include <malloc.h>

namespace evenkeel {

// Returns large blocks to the system as soon as they are free. By itself the allocator keeps blocks
// of up to 32 MiB once it has seen one, and answers and pictures of such sizes, on several threads,
// leave gaps that nothing else fills. Call this before threads start.
inline void give_large_blocks_back() {
  constexpr int kLarge = 1 << 20;
  constexpr int kKeptAtTheTop = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kKeptAtTheTop);
}

}  // namespace evenkeel
