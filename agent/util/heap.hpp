#pragma once
// How the C library keeps the memory of a program that runs for months.

#include <malloc.h>

namespace evenkeel {

// Large blocks go back to the system as soon as they are free. Left to itself the library keeps
// blocks of up to 32 MiB once it has seen one, and answers and pictures of such sizes, which come
// and go on several threads, leave gaps that nothing else fills. To be called before threads start.
inline void give_large_blocks_back() {
  constexpr int kLarge = 1 << 20;
  constexpr int kKeptAtTheTop = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kKeptAtTheTop);
}

}  // namespace evenkeel
