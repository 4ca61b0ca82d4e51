#pragma once
// The first line of an HTTP message (RFC 9112, sections 2.3, 3 and 4).

#include <optional>
#include <string_view>

namespace evenkeel::wire {

struct Version {
  int major = 1, minor = 1;

  [[nodiscard]] bool at_least_1_1() const { return major == 1 && minor >= 1; }
};

// Views into the line.
struct RequestLine {
  std::string_view method;  // a token
  std::string_view target;  // not empty, without a blank, a control or other than ASCII
  Version version;          // of any number
};
struct StatusLine {
  Version version;
  int status = 0;  // 100 to 999
};

// None where it is malformed.
[[nodiscard]] std::optional<RequestLine> parse_request_line(std::string_view line);
[[nodiscard]] std::optional<StatusLine> parse_status_line(std::string_view line);

}  // namespace evenkeel::wire
