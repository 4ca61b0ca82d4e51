#pragma once
// Milvus's errors in words: its own, cut to what a person can read, and what they mean for whoever
// balances. Internal to milvus.

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// A reason without the stack traces that 2.6 puts into it, on one line, at most 500 bytes.
[[nodiscard]] std::string readable(std::string_view reason);

// What an error is to the loop. `error_code` is the enumeration of 2.1 to 2.3, `code` that of merr.
[[nodiscard]] FailureKind kind_of(std::int64_t error_code, std::int64_t code,
                                  std::string_view reason);

// What an error means and what to do about it; empty where there is nothing to add to `reason`.
[[nodiscard]] std::string meaning_of(std::int64_t code, std::string_view reason);

}  // namespace evenkeel::milvus
