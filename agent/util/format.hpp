#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

namespace evenkeel {

// Writes an id as Milvus does.
template <typename Id>
  requires std::is_enum_v<Id>
[[nodiscard]] std::string to_string(Id id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

}  // namespace evenkeel
