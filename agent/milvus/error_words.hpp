#pragma once
// Milvus's errors in words: shortened for people, and what they mean here. Internal to milvus.

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// Removes the stack traces that 2.6 puts into a reason; returns one line of at most 500 bytes.
[[nodiscard]] std::string readable(std::string_view reason);

// Classifies an error. `error_code` is the enumeration of 2.1 to 2.3, `code` that of merr.
[[nodiscard]] FailureKind kind_of(std::int64_t error_code, std::int64_t code,
                                  std::string_view reason);

// Says what an error means and what to do about it; empty if there is nothing to add to `reason`.
[[nodiscard]] std::string meaning_of(std::int64_t code, std::string_view reason);

}  // namespace evenkeel::milvus
