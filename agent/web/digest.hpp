#pragma once
// SHA-256.

#include <array>
#include <string_view>

namespace evenkeel::web {

using Digest = std::array<unsigned char, 32>;
[[nodiscard]] Digest sha256(std::string_view text);

}  // namespace evenkeel::web
