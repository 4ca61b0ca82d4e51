#pragma once
// One line of exposition text (Prometheus text format 0.0.4) that holds a series:
//   name{label="value",…} value [timestamp]

#include <cstdint>
#include <optional>
#include <string_view>

namespace evenkeel::scrape {

// The labels that the agent asks for. Values stay as written, escapes and all: nothing that they
// are compared with or parsed as holds a character that would be escaped.
struct Labels {
  std::optional<std::string_view> node_id;
  std::optional<std::string_view> role_name;
  std::optional<std::string_view> collection_id;
  std::optional<std::string_view> segment_state;
  std::uint64_t fingerprint = 0;  // of all labels of the series, in any order
};

// One series with its value.
struct SeriesLine {
  Labels labels;
  // The value without its fraction, if it is a count or a size: not negative, below 2^63, not NaN.
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> timestamp;  // milliseconds since the epoch
};

// Takes spaces and tabs off the front.
void skip_blanks(std::string_view& text);

[[nodiscard]] std::string_view take_metric_name(std::string_view& line);
// Reads what follows the name; none if it breaks the format.
[[nodiscard]] std::optional<SeriesLine> parse_series(std::string_view after_name);
// Reads an integer and nothing else, as in node_id="3".
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace evenkeel::scrape
