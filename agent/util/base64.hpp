#pragma once
// Base64 as RFC 4648 has it, with padding.

#include <optional>
#include <string>
#include <string_view>

namespace evenkeel {

[[nodiscard]] std::string encode_base64(std::string_view bytes);
// Returns nullopt if the text is malformed or empty.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace evenkeel
