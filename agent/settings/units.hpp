#pragma once
// Sizes and durations as people write them are read and written here, beside helpers for text. Only
// ASCII letters have a case here. Internal to settings, but for the two that parse.

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::settings {

// Sizes are "16GiB", "512MiB", "1.5GB", "1073741824": bytes, never negative; a fraction of a byte
// is rounded. Durations are "10s", "250ms", "5m", "1.5h", "1d": never negative, with one unit. The
// error says what is wrong with the text, but not where it stands.
[[nodiscard]] tl::expected<rules::Bytes, std::string> parse_bytes(std::string_view text);
[[nodiscard]] tl::expected<std::chrono::milliseconds, std::string> parse_duration(
    std::string_view text);

// Both use the largest unit that gives a whole number: "64GiB", "1500B"; "45s", "10m", "0s".
[[nodiscard]] std::string size_text(rules::Bytes size);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string join(const std::vector<std::string>& words, std::string_view separator);

// Makes foreign text fit for a line of a terminal or log: shortened, without control characters.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace evenkeel::settings
