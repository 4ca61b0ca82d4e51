#pragma once
// What an agent leaves to the next one to act, as text that etcd takes in one request.

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "agent/loop/journal.hpp"

namespace evenkeel::turns {

// The memory without what each agent sees by itself.
[[nodiscard]] loop::Memory essentials_of(loop::Memory memory);

// The essentials as text, and what was left out since they are too large.
struct Written {
  std::string text;
  std::string dropped;  // in words; empty: nothing
};

// Writes at most so many bytes. What is too much goes in this order: the cool-downs of the segments
// that have rested longest, the learned sizes, the watch for moves that others undo. An error says
// how large the rest still is: then too much is under way.
[[nodiscard]] tl::expected<Written, std::string> write_essentials(loop::Memory essentials,
                                                                  std::size_t most_bytes);

// Reads them, or says what is wrong.
[[nodiscard]] tl::expected<loop::Memory, std::string> read_essentials(const std::string& text);

}  // namespace evenkeel::turns
